#include <algorithm>
#include <array>
#include <optional>
#include <span>

#include <fmt/format.h>

#include "sim/report/downsample.h"
#include "sim/report/escape.h"
#include "sim/report/parts.h"
#include "sim/results/text.h"

namespace greytick::report {
namespace {

using results::SeriesRow;

constexpr std::size_t kTableRows = 40;  // for eyes and ears; the curves have more

std::string span_text(const Chart& chart, const Curve& curve, std::size_t first, std::size_t last) {
  const auto range = range_of(curve, first, last);
  if (!range) return "–";
  const std::string low = unit_text(chart.unit, range->first);
  const std::string high = unit_text(chart.unit, range->second);
  return low == high ? low : low + " – " + high;
}

// The same curves as a table: who cannot see the canvas reads this.
std::string numbers(const Input& input, const Chart& chart) {
  std::string out =
      "<details>\n<summary>As a table</summary>\n<div class=\"wide\" tabindex=\"0\">\n<table>\n";
  out +=
      fmt::format("<caption class=\"unseen\">{}</caption>\n<thead><tr><th scope=\"col\">until</th>",
                  chart.title);
  for (const Line& line : chart.lines) out += fmt::format("<th scope=\"col\">{}</th>", line.label);
  out += "<th scope=\"col\">faults in force</th></tr></thead>\n<tbody>\n";
  model::Instant before{};
  for (const auto& [first, last] : runs_of(input.series.size(), kTableRows)) {
    const model::Instant until = input.series[last - 1].at;
    out += fmt::format("<tr><th scope=\"row\">{}</th>", results::clock_text(until));
    for (const Line& line : chart.lines) {
      out += cell(span_text(chart, line.values, first, last), true);
    }
    out += cell(faults_between(input, before, until)) + "</tr>\n";
    before = until;
  }
  return out + "</tbody>\n</table>\n</div>\n</details>\n";
}

std::string figure(const Input& input, const Chart& chart) {
  return fmt::format(
      "<figure>\n<figcaption><h3>{0}</h3><p>{1}</p></figcaption>\n"
      "<div class=\"chart\" data-chart=\"{2}\" role=\"img\" aria-label=\"{0}\" "
      "aria-describedby=\"words-{2}\"></div>\n<p class=\"words\" "
      "id=\"words-{2}\">{3}</p>\n{4}</figure>\n",
      chart.title, chart.about, chart.id, escaped(in_words(chart, input.series)),
      numbers(input, chart));
}

// Rows whose interval touches the fault: a row stands for the time since the row before.
std::span<const SeriesRow> rows_during(const std::vector<SeriesRow>& series, const FaultWindow& f) {
  const auto first = std::ranges::lower_bound(series, f.start, {}, &SeriesRow::at);
  auto last = std::ranges::lower_bound(series, std::max(f.start, f.end), {}, &SeriesRow::at);
  if (last != series.end()) ++last;
  return {first, last};
}

std::string fault_row(const Input& input, const FaultWindow& f) {
  std::optional<std::int64_t> worst;
  std::optional<std::uint64_t> fewest, most_queued;
  for (const SeriesRow& row : rows_during(input.series, f)) {
    if (row.e2e_p99) worst = std::max(worst.value_or(0), *row.e2e_p99);
    fewest = std::min(fewest.value_or(row.connected), row.connected);
    most_queued = std::max(most_queued.value_or(0), row.queued);
  }
  const auto count = [](const std::optional<std::uint64_t>& value) {
    return cell(value ? results::group_digits(*value) : std::string("–"), true);
  };
  std::string out = fmt::format("<tr><th scope=\"row\">{}</th>{}", escaped(f.name, 60),
                                cell(escaped(f.kind, 60)));
  out += cell(results::clock_text(f.start), true);
  out += cell(f.end > f.start ? results::human_duration(f.end - f.start) : "at once", true);
  out += cell(worst ? results::human_duration(model::Duration(*worst)) : std::string("–"), true);
  return out + count(fewest) + count(most_queued) + "</tr>\n";
}

}  // namespace

std::string charts_section(const Input& input, const std::vector<Chart>& charts) {
  std::string out = "<section aria-labelledby=\"time\">\n<h2 id=\"time\">Over time</h2>\n";
  if (input.series.empty()) {
    return out +
           "<p>The run is shorter than one row of its time series (record.metrics_every).</p>\n"
           "</section>\n";
  }
  out +=
      "<p class=\"hint\">Shaded: a fault in force. Drag across a chart to look closer, "
      "double-click to go "
      "back; click a label to hide its line.";
  if (input.series.size() > kMaxPoints) {
    out +=
        fmt::format(" {} rows drawn as {} points, every peak kept.",
                    results::group_digits(input.series.size()), results::group_digits(kMaxPoints));
  }
  if (input.faults.size() > kMaxShaded) {
    out += fmt::format(" Only the first {} faults are shaded.", results::group_digits(kMaxShaded));
  }
  out +=
      "</p>\n<noscript><p class=\"note\">Scripts are off: the curves are in the tables below "
      "each title.</p></noscript>\n<div class=\"charts\">\n";
  for (const Chart& chart : charts) out += figure(input, chart);
  return out + "</div>\n</section>\n";
}

std::string faults_section(const Input& input) {
  std::string out = "<section aria-labelledby=\"faults\">\n<h2 id=\"faults\">Faults</h2>\n";
  if (input.faults.empty()) return out + "<p>This scenario has none.</p>\n</section>\n";
  out +=
      "<div class=\"wide\" tabindex=\"0\">\n<table>\n<caption "
      "class=\"unseen\">Faults</caption>\n<thead><tr>";
  for (const char* column : {"name", "kind", "from", "for", "worst p99 to device",
                             "fewest in session", "most waiting"}) {
    out += fmt::format("<th scope=\"col\">{}</th>", column);
  }
  out += "</tr></thead>\n<tbody>\n";
  const std::size_t shown = std::min(input.faults.size(), kMaxRows);
  for (std::size_t i = 0; i < shown; ++i) out += fault_row(input, input.faults[i]);
  out += "</tbody>\n</table>\n</div>\n";
  if (input.faults.size() > shown) {
    out += fmt::format("<p class=\"note\">{} more are in run.sqlite.</p>\n",
                       results::group_digits(input.faults.size() - shown));
  }
  return out + "</section>\n";
}

}  // namespace greytick::report
