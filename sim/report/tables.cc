#include <algorithm>
#include <array>
#include <cstdint>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "sim/report/escape.h"
#include "sim/report/parts.h"
#include "sim/results/gates.h"
#include "sim/results/text.h"

namespace greytick::report {
namespace {

std::string_view mark(std::string_view verdict) {
  if (verdict == "PASS") return "<span class=\"pass\">✓</span>";
  return verdict == "FAIL" ? "<span class=\"fail\">✗</span>" : "<span class=\"unknown\">?</span>";
}

std::string table(std::string_view caption, std::span<const std::string_view> columns) {
  std::string out = fmt::format(
      "<div class=\"wide\" tabindex=\"0\">\n<table>\n<caption "
      "class=\"unseen\">{}</caption>\n<thead><tr>",
      caption);
  for (const std::string_view column : columns)
    out += fmt::format("<th scope=\"col\">{}</th>", column);
  return out + "</tr></thead>\n<tbody>\n";
}

std::string table_end(std::size_t rows, std::size_t shown) {
  std::string out = "</tbody>\n</table>\n</div>\n";
  if (rows > shown) {
    out += fmt::format("<p class=\"note\">{} more are in run.sqlite.</p>\n",
                       results::group_digits(rows - shown));
  }
  return out;
}

std::string gate_row(const nlohmann::json& gate) {
  const auto text = [&gate](const char* key) {
    return gate.contains(key) ? gate.at(key).get<std::string>() : std::string();
  };
  const std::string verdict = text("verdict");
  std::string name = escaped(text("name"), 120);
  if (const std::string during = text("during"); !during.empty()) {
    name += " <small>during " + escaped(during, 60) + "</small>";
  }
  if (const std::string where = text("where"); !where.empty()) {
    name += " <small>where " + escaped(where, 60) + "</small>";
  }
  const auto samples = gate.at("samples").get<std::uint64_t>();
  const auto violated = gate.at("violated").get<std::uint64_t>();
  const bool measured = text("kind") == "threshold";
  // What was looked at, so that a reader may judge how much a verdict is worth.
  std::string evidence = results::group_digits(samples);
  evidence += measured ? " samples" : text("kind") == "sometimes" ? " times seen" : " checked";
  if (!measured && text("kind") != "sometimes") {
    evidence += ", " + results::group_digits(violated) + " violated";
  }
  std::string why = escaped(text("why"), 400);
  if (gate.contains("first")) {
    const nlohmann::json& first = gate.at("first");
    why += fmt::format("{}First at {}: {}", why.empty() ? "" : "<br>",
                       results::clock_text(model::from_ns(first.at("at_ns").get<std::int64_t>())),
                       escaped(first.at("text").get<std::string>(), 400));
  }
  if (!why.empty()) evidence += "<br><small>" + why + "</small>";
  return fmt::format("<tr><td>{} {}</td><th scope=\"row\">{}</th>{}{}{}<td>{}</td></tr>\n",
                     mark(verdict), escaped(verdict), name, cell(escaped(text("kind"))),
                     cell(escaped(text("value"), 60), true), cell(escaped(text("limit"), 60), true),
                     evidence);
}

std::string quantile_cell(const nlohmann::json& latency, const char* key, double q) {
  const auto count =
      latency.at("ended").get<std::uint64_t>() + latency.at("open").get<std::uint64_t>();
  const bool known = latency.contains(key) && !latency.at(key).is_null();
  // Fewer samples than a quantile needs would print a number that means nothing.
  if (!known || count < results::samples_needed(q)) return cell("–", true);
  return cell(results::human_duration(model::Duration(latency.at(key).get<std::int64_t>())), true);
}

void counts(std::string& out, const nlohmann::json& summary, const char* group,
            std::string_view title) {
  static constexpr std::array<std::string_view, 2> kColumns = {"name", "value"};
  out += fmt::format("<h3>{}</h3>\n", title) + table(title, kColumns);
  std::size_t rows = 0;
  for (const auto& [name, value] : summary.at(group).items()) {
    if (++rows > kMaxRows) break;
    out += fmt::format("<tr><th scope=\"row\">{}</th>{}</tr>\n", escaped(name, 80),
                       cell(results::group_digits(value.get<std::uint64_t>()), true));
  }
  out += table_end(summary.at(group).size(), rows);
}

}  // namespace

std::string cell(std::string_view escaped_text, bool number) {
  return fmt::format("<td{}>{}</td>", number ? " class=\"number\"" : "", escaped_text);
}

std::string faults_between(const Input& input, model::Instant from, model::Instant to) {
  static constexpr std::size_t kShown = 3;
  std::vector<std::string_view> names;
  for (const FaultWindow& f : input.faults) {
    if (f.start > to) break;
    // A fault that struck once counts where it struck.
    if (std::max(f.start, f.end) < from || std::ranges::find(names, f.name) != names.end()) {
      continue;
    }
    names.push_back(f.name);
  }
  std::string out;
  for (std::size_t i = 0; i < std::min(names.size(), kShown); ++i) {
    out += (i == 0 ? "" : ", ") + escaped(names[i], 40);
  }
  if (names.size() > kShown) out += fmt::format(" and {} more", names.size() - kShown);
  return out;
}

std::string gates_section(const Input& input) {
  static constexpr std::array<std::string_view, 6> kColumns = {"verdict", "gate",  "kind",
                                                               "value",   "limit", "evidence"};
  const nlohmann::json& gates = input.summary.at("gates");
  std::string out = "<section aria-labelledby=\"gates\">\n<h2 id=\"gates\">Gates</h2>\n";
  if (gates.empty()) return out + "<p>This scenario has none.</p>\n</section>\n";
  out += table("Gates", kColumns);
  // What did not pass comes first, whatever is cut.
  std::size_t rows = 0;
  for (const bool passed : {false, true}) {
    for (const nlohmann::json& gate : gates) {
      if ((gate.at("verdict") == "PASS") != passed) continue;
      if (rows == kMaxRows) break;
      ++rows;
      out += gate_row(gate);
    }
  }
  return out + table_end(gates.size(), rows) + "</section>\n";
}

std::string latency_section(const Input& input) {
  static constexpr std::array<std::string_view, 7> kColumns = {
      "from → to", "p50", "p90", "p99", "p99.9", "max", "still open at the end"};
  static constexpr std::array<std::pair<const char*, std::string_view>, 6> kRows = {
      {{"sent", "create → ✓"},
       {"e2e", "create → device, online"},
       {"all", "create → device, all"},
       {"tick2", "create → ✓✓"},
       {"read", "create → read"},
       {"reconnect", "reconnect"}}};
  std::string out = "<section aria-labelledby=\"latency\">\n<h2 id=\"latency\">Latency</h2>\n" +
                    table("Latency", kColumns);
  const nlohmann::json& all = input.summary.at("latency_ns");
  for (const auto& [key, name] : kRows) {
    if (!all.contains(key)) continue;
    const nlohmann::json& latency = all.at(key);
    const auto open = latency.at("open").get<std::uint64_t>();
    const auto count = latency.at("ended").get<std::uint64_t>() + open;
    if (count == 0) continue;
    out += fmt::format("<tr><th scope=\"row\">{}</th>", name);
    for (const auto& [aspect, q] : {std::pair{"p50", 0.5}, std::pair{"p90", 0.9},
                                    std::pair{"p99", 0.99}, std::pair{"p99.9", 0.999}}) {
      out += quantile_cell(latency, aspect, q);
    }
    // The longest is not known while something is still open.
    out += cell(
        open > 0 ? std::string("–")
                 : results::human_duration(model::Duration(latency.at("max").get<std::int64_t>())),
        true);
    const double share = static_cast<double>(open) / static_cast<double>(count);
    out += cell(
        open == 0 ? std::string("0") : results::human_value(scenario::MetricUnit::kShare, share),
        true);
    out += "</tr>\n";
  }
  return out + table_end(0, 0) + "</section>\n";
}

std::string cost_section(const Input& input) {
  // Runs from before costs were counted have none.
  if (!input.summary.contains("cost")) return {};
  const nlohmann::json& cost = input.summary.at("cost");
  const auto messages = cost.at("messages").get<std::uint64_t>();
  if (messages == 0) return {};
  static constexpr std::array<std::string_view, 3> kColumns = {"what", "in all", "per message"};
  std::string out =
      "<section aria-labelledby=\"cost\">\n<h2 id=\"cost\">What a message costs</h2>\n" +
      fmt::format("<p>Of {} messages, over all of the run.</p>\n",
                  results::group_digits(messages)) +
      table("What a message costs", kColumns);
  std::size_t rows = 0;
  const auto add = [&](std::string_view name, const nlohmann::json& total) {
    if (total.is_null() || total.get<std::uint64_t>() == 0 || ++rows > kMaxRows) return;
    const auto count = total.get<std::uint64_t>();
    const double each = static_cast<double>(count) / static_cast<double>(messages);
    out += fmt::format("<tr><th scope=\"row\">{}</th>{}{}</tr>\n", escaped(name, 80),
                       cell(results::group_digits(count), true),
                       cell(results::human_value(scenario::MetricUnit::kRatio, each), true));
  };
  for (const auto& [name, total] : cost.at("totals").items()) add(name, total);
  for (const auto& [name, total] : cost.at("events").items()) add("event " + name, total);
  return out + table_end(rows, std::min(rows, kMaxRows)) + "</section>\n";
}

std::string appendix_section(const Input& input) {
  std::string out =
      "<section aria-labelledby=\"more\">\n<h2 id=\"more\">More</h2>\n<details>\n<summary>Counts, "
      "peaks and branches</summary>\n";
  counts(out, input.summary, "counts", "Counts");
  counts(out, input.summary, "peaks", "Peaks");
  counts(out, input.summary, "branches", "Branches taken");
  static constexpr std::size_t kYaml = 100'000;
  out += "</details>\n<details>\n<summary>Every parameter in force (resolved.yaml)</summary>\n";
  out += fmt::format("<pre tabindex=\"0\">{}</pre>\n</details>\n</section>\n",
                     escaped(input.resolved, kYaml));
  return out;
}

}  // namespace greytick::report
