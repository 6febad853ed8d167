#include "sim/report/page.h"

#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "sim/report/assets.h"
#include "sim/report/charts.h"
#include "sim/report/escape.h"
#include "sim/report/parts.h"
#include "sim/results/text.h"

namespace greytick::report {
namespace {

// Nothing may be fetched, not even by a script that found its way in.
constexpr std::string_view kPolicy =
    "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:; "
    "base-uri 'none'; form-action 'none'";

std::string verdict_class(std::string_view verdict) {
  if (verdict == "PASS") return "pass";
  return verdict == "FAIL" ? "fail" : "unknown";
}

std::string text_of(const nlohmann::json& json, const char* key) {
  return json.at(key).get<std::string>();
}

std::string head(const Input& input) {
  const std::string title = fmt::format("{} {} seed {}", text_of(input.manifest, "verdict"),
                                        text_of(input.manifest, "scenario"),
                                        input.manifest.at("seed").get<std::uint64_t>());
  std::string out = "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n";
  out += fmt::format("<meta http-equiv=\"Content-Security-Policy\" content=\"{}\">\n", kPolicy);
  out += "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n";
  out +=
      "<meta name=\"color-scheme\" content=\"light dark\">\n<link rel=\"icon\" href=\"data:,\">\n";
  out += fmt::format("<title>{}</title>\n", escaped(title, 200));
  out += fmt::format("<style>\n{}\n{}</style>\n</head>\n", kUplotCss, kPageCss);
  return out;
}

void fact(std::string& out, std::string_view name, std::string_view value) {
  out += fmt::format("<div><dt>{}</dt><dd>{}</dd></div>\n", name, escaped(value, 300));
}

std::string header(const Input& input) {
  const nlohmann::json& m = input.manifest;
  const std::string verdict = text_of(m, "verdict");
  std::string out = "<header>\n";
  out += fmt::format("<h1><span class=\"verdict {}\">{}</span> {}</h1>\n", verdict_class(verdict),
                     escaped(verdict), escaped(text_of(m, "scenario"), 200));
  if (!input.about.empty()) out += fmt::format("<p class=\"about\">{}</p>\n", escaped(input.about));
  const std::string ending = text_of(m, "ending");
  if (ending != "done") {
    out += fmt::format(
        "<p class=\"note\">Stopped at {} ({}): gates that were not decided by then "
        "are UNKNOWN.</p>\n",
        results::clock_text(input.end), ending == "budget" ? "out of --budget" : escaped(ending));
  }
  out += "<dl class=\"facts\">\n";
  fact(out, "fingerprint", text_of(m, "fingerprint"));
  fact(out, "seed", fmt::format("{}", m.at("seed").get<std::uint64_t>()));
  fact(out, "exit code", fmt::format("{}", m.at("exit_code").get<int>()));
  fact(out, "simulated",
       results::human_duration(model::Duration(m.at("simulated_ns").get<std::int64_t>())));
  fact(out, "took",
       results::human_duration(
           model::Duration(static_cast<std::int64_t>(m.at("wall_seconds").get<double>() * 1e9))));
  fact(out, "events", results::group_digits(m.at("events").get<std::uint64_t>()));
  fact(out, "started", text_of(m, "started"));
  const nlohmann::json& build = m.at("build");
  fact(out, "greytick", text_of(build, "version") + " " + text_of(build, "revision"));
  out += "</dl>\n</header>\n";
  return out;
}

std::string scripts(const Input& input, const std::vector<Chart>& charts) {
  return fmt::format(
      "<script type=\"application/json\" id=\"data\">{}</script>\n"
      "<script>\n/*\nuPlot, in this page under its licence:\n\n{}\n*/\n{}</script>\n"
      "<script>\n{}</script>\n",
      json_for_script(chart_data(input, charts)), kUplotLicence, kUplotJs, kPageJs);
}

}  // namespace

std::string page(const Input& input) {
  const std::vector<Chart> charts = charts_of(input.series);
  std::string out = head(input);
  out += "<body>\n" + header(input) + "<main>\n";
  out += gates_section(input);
  out += latency_section(input);
  out += charts_section(input, charts);
  out += faults_section(input);
  out += cost_section(input);
  out += messages_section(input);
  out += appendix_section(input);
  out +=
      "</main>\n<footer>Written by greytick. Charts: uPlot, © Leon Sorokin, MIT; its licence is "
      "in the source of this page.</footer>\n";
  out += scripts(input, charts) + "</body>\n</html>\n";
  return out;
}

}  // namespace greytick::report
