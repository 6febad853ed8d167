// Who there is: where each user is homed, on which network, whom they know and how much they write.
// Everything about a user is a function of the seed and the user's number, so nobody costs memory
// before doing anything; only the weights of senders are a table.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <boost/unordered/unordered_flat_map.hpp>

#include "model/ids.h"
#include "model/payload.h"
#include "sim/engine/random.h"
#include "sim/net/endpoint.h"
#include "sim/net/law.h"
#include "sim/scenario/scenario.h"

namespace greytick::world {

/// Draws an index with probability proportional to its weight, in O(1).
/// Source: Vose, "A linear algorithm for generating random numbers with a given distribution", IEEE
/// TSE 17(9), 1991.
class AliasTable {
 public:
  /// weights: positive and finite, at least one.
  explicit AliasTable(const std::vector<double>& weights);
  [[nodiscard]] std::uint32_t draw(engine::Stream& stream) const;
  /// Asks for the memory that the draw reads, and moves the stream as the draw does.
  void prefetch(engine::Stream& stream) const;

 private:
  struct Cell {
    float keep;  // below it the cell's own index, else its alias
    std::uint32_t alias;
  };
  std::vector<Cell> cells_;
};

class People {
 public:
  /// scenario outlives this. CHECKs that there are fewer than 2^32 devices.
  People(const scenario::Scenario& scenario, const engine::Streams& streams);

  [[nodiscard]] std::uint32_t users() const { return users_; }
  /// Phones have the numbers of their users; linked devices follow, user by user.
  [[nodiscard]] std::uint32_t devices() const {
    return users_ + static_cast<std::uint32_t>(owner_.size());
  }
  [[nodiscard]] std::uint32_t user_of(std::uint32_t device) const {
    return device < users_ ? device : owner_[device - users_];
  }
  /// Calls f(device) for a user's phone, then for the user's linked devices.
  template <class F>
  void each_device(std::uint32_t user, F&& f) const {
    f(user);
    if (owner_.empty()) return;
    for (std::uint32_t i = first_linked_[user]; i < first_linked_[user + 1]; ++i) f(users_ + i);
  }

  [[nodiscard]] std::uint16_t home(std::uint32_t user) const;
  [[nodiscard]] net::Endpoint endpoint(std::uint32_t device) const;

  /// A user to write a message, by activity. CHECKs that there is anybody to write to.
  [[nodiscard]] std::uint32_t draw_sender(engine::Stream& stream) const;
  /// Asks for the memory that draw_sender() reads, and moves the stream as it does.
  void prefetch_sender(engine::Stream& stream) const;
  /// One of the user's contacts, each as likely.
  [[nodiscard]] std::uint32_t draw_contact(std::uint32_t user, engine::Stream& stream) const;

  /// The conversation of two users: the same whoever asks. Below 2^40.
  [[nodiscard]] model::ConversationId conversation(std::uint32_t a, std::uint32_t b);
  /// The same where no pair has to be numbered first.
  [[nodiscard]] std::optional<model::ConversationId> known_conversation(std::uint32_t a,
                                                                        std::uint32_t b) const;

  /// Groups: those that the scenario names, those of its group trace, those of its population.
  [[nodiscard]] std::uint32_t groups() const { return static_cast<std::uint32_t>(groups_.size()); }
  /// Number of the group of that name; CHECKs that there is one.
  [[nodiscard]] std::uint32_t group(std::string_view name) const;
  /// Its members before the run, ascending.
  [[nodiscard]] std::span<const std::uint32_t> members(std::uint32_t group) const {
    return groups_[group].members;
  }
  static model::ConversationId conversation_of_group(std::uint32_t group);
  /// Each group is as likely, and each of its members. CHECKs that there is a group.
  [[nodiscard]] std::uint32_t draw_group(engine::Stream& stream) const;
  [[nodiscard]] std::uint32_t draw_member(std::uint32_t group, engine::Stream& stream) const;

  /// What the installation number `count` of a device draws; never zero.
  [[nodiscard]] std::uint64_t install_id(std::uint32_t device, std::uint64_t count) const;

  /// The secret that the contents of a run are sealed under.
  static model::PayloadKey payload_key(std::uint64_t seed);

 private:
  engine::Streams streams_;
  std::uint32_t users_;
  std::vector<std::uint32_t> owner_;         // of each linked device: a user
  std::vector<std::uint32_t> first_linked_;  // by user and one more: into owner_; or empty
  std::vector<double> home_upto_;            // cumulative shares; empty: round robin
  std::vector<double> access_upto_;          // cumulative shares; empty: one access network
  std::uint32_t regions_;
  net::Law contacts_;
  struct Group {
    std::string name;
    std::vector<std::uint32_t> members;
  };
  std::vector<Group> groups_;
  std::vector<AliasTable> senders_;  // one, or none where all are alike
  // Of a population too large for its pairs to be numbered: those that have spoken; never walked.
  boost::unordered_flat_map<std::uint64_t, std::uint64_t> spoken_;
};

}  // namespace greytick::world
