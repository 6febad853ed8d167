#ifndef GREYTICK_SIM_SCENARIO_DATA_CHECK_H_
#define GREYTICK_SIM_SCENARIO_DATA_CHECK_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace greytick::scenario {

/// What is wrong with a data file, in the words of an error.
struct DataProblem {
  std::string message;   // "line 7 of data/x.csv: 'abc' is not a number"
  std::string expected;  // may be empty
  std::string nearest;   // a column that was probably meant; may be empty
};

// The readers of these files may CHECK their form, because it is checked here first.

/// A CSV column of finite numbers >= 0 below a header line, at least one.
/// rows: how many there must be; 0: any number.
/// Where the first column is called q, the others are tables of quantiles: q ascends from 0 to 1,
/// values do not descend.
std::optional<DataProblem> check_column(const std::string& path, const std::string& column,
                                        size_t rows = 0);

/// A square matrix: a header of an empty or any first cell and names, then for each name a row that
/// begins with it. `names` must be among them, with numbers >= 0 between any two; the diagonal is
/// not looked at.
std::optional<DataProblem> check_matrix(const std::string& path,
                                        const std::vector<std::string>& names);

/// A trace: header t_s,sender,recipient; times in seconds, ascending; nobody writes to himself; not
/// more names than `users`.
std::optional<DataProblem> check_trace(const std::string& path, uint64_t users);

/// A recorded group chat: header window,minute,user,bytes; whole numbers; windows ascend from 0
/// without a gap, minutes do not descend within one. The first `windows` of them (0: all) have
/// people of their own, `users_max` together at most.
std::optional<DataProblem> check_group_trace(const std::string& path, size_t users_max,
                                             uint32_t windows);

}  // namespace greytick::scenario

#endif  // GREYTICK_SIM_SCENARIO_DATA_CHECK_H_
