#include "sim/report/page.h"

#include <algorithm>
#include <regex>

#include <gtest/gtest.h>

#include "tests/report/run_input.h"

namespace greytick::report {
namespace {

using namespace std::chrono_literals;

std::size_t count(const std::string& text, std::string_view what) {
  std::size_t n = 0;
  for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + 1)) ++n;
  return n;
}

model::Instant at(model::Duration since_start) { return model::Instant{} + since_start; }

Input with_everything() {
  Input in = run_of_rows(60);
  in.faults = {{.name = "cut", .kind = "partition", .start = at(4min), .end = at(5min)},
               {.name = "storm", .kind = "reconnect_storm", .start = at(7min), .end = at(7min)}};
  in.messages = {
      {.name = "17:5:3",
       .reason = "1.9 s from create to device",
       .hops = {
           {.at = at(241s), .after = {}, .what = "created on device 17"},
           {.at = at(299s), .after = 58s, .what = "committed at position 9"},
           {.at = at(300500ms), .after = 1500ms, .what = "durable on device 4", .again = true}}}};
  return in;
}

TEST(Page, HoldsWhatAReaderAsksFor) {
  const std::string html = page(with_everything());
  for (const char* part : {"<title>FAIL s seed 7</title>",
                           "What it is about.",
                           "0123456789abcdef",
                           "1,234,567",
                           "4,321 checked, 0 violated",
                           "9 s is not &lt; 3s",
                           "5,000 samples",
                           "71.0 ms",
                           "222 ms",
                           ">cut<",
                           ">partition<",
                           ">at once<",
                           ">60.0 s<",
                           "17:5:3",
                           "committed at position 9",
                           "+58.0 s",
                           ">97%<",
                           "<small>again</small>",
                           "scenario: s\n",
                           "queued_peak",
                           "The MIT License (MIT)"}) {
    EXPECT_NE(html.find(part), std::string::npos) << part;
  }
  // Each chart has its place, its words and its table.
  EXPECT_EQ(count(html, "role=\"img\""), 6U);
  EXPECT_EQ(count(html, "<p class=\"words\""), 6U);
  EXPECT_EQ(count(html, "<summary>As a table</summary>"), 6U);
  // The gate that failed comes before the one that passed.
  EXPECT_LT(html.find(">e2e.p99<"), html.find(">no_loss<"));
}

TEST(Page, EachHopNamesTheFaultsInForceSinceTheHopBefore) {
  const std::string html = page(with_everything());
  EXPECT_NE(html.find("<td>committed at position 9</td><td>cut</td>"), std::string::npos);
  // The last hop began while the fault was in force.
  EXPECT_NE(html.find("again</small></td><td>cut</td>"), std::string::npos);
}

TEST(Page, AsksForNothingFromOutside) {
  const std::string html = page(with_everything());
  EXPECT_NE(html.find("content=\"default-src 'none'; script-src 'unsafe-inline'"),
            std::string::npos);
  // Neither an attribute nor a style fetches; addresses in comments are only text.
  EXPECT_FALSE(std::regex_search(
      html, std::regex("(src|href|action|poster|data)\\s*=\\s*[\"']?\\s*(https?:|//)")));
  for (const char* fetch : {"@import", "url(", "fetch(", "XMLHttpRequest", "<img", "<iframe",
                            "<link rel=\"stylesheet\"", "new Worker", "import("}) {
    EXPECT_EQ(html.find(fetch), std::string::npos) << fetch;
  }
}

TEST(Page, WhateverAScenarioSaysIsText) {
  const std::string attack = "</script></style></title></pre>\"'><script>alert(1)</script><!--";
  Input in = with_everything();
  in.manifest["scenario"] = attack;
  in.manifest["fingerprint"] = attack;
  in.manifest["ending"] = attack;
  in.manifest["build"]["revision"] = attack;
  in.about = in.resolved = in.no_hops = attack;
  for (auto& gate : in.summary["gates"]) {
    for (const char* key : {"name", "kind", "value", "limit", "why", "during", "verdict"}) {
      gate[key] = attack;
    }
    gate["first"] = {{"at_ns", 1}, {"text", attack}};
  }
  in.summary["counts"][attack] = 3;
  for (FaultWindow& f : in.faults) f.name = f.kind = attack;
  in.messages[0].name = in.messages[0].reason = in.messages[0].hops[0].what = attack;
  in.messages.push_back({.name = attack, .reason = attack, .hops = {}});
  const std::string html = page(in);
  // Three scripts of ours, the first of them data; uPlot and page.js hold no such text.
  EXPECT_EQ(count(html, "<script"), 3U);
  EXPECT_EQ(count(html, "</script"), 3U);
  EXPECT_EQ(count(html, "</style"), 1U);
  EXPECT_EQ(count(html, "</title"), 1U);
  EXPECT_EQ(html.find("<!--"), std::string::npos);
  EXPECT_GT(count(html, "&lt;script&gt;alert(1)"), 20U);
}

TEST(Page, ThirtyDaysOfTheWorstTextsStayBelowTheBound) {
  Input in = run_of_rows(259'200);
  const std::string quotes(1'000'000, '"');  // six bytes each once escaped
  in.manifest["scenario"] = quotes;
  in.about = in.resolved = quotes;
  const nlohmann::json gate = in.summary["gates"][1];
  for (int i = 0; i < 2000; ++i) {
    in.summary["gates"].push_back(gate);
    for (const char* key : {"name", "value", "limit", "why", "during"}) {
      in.summary["gates"].back()[key] = quotes.substr(0, 3000);
    }
  }
  for (int i = 0; i < 20'000; ++i) {
    in.faults.push_back({.name = quotes.substr(0, 200) + std::to_string(i),
                         .kind = "crash",
                         .start = at(i * 2min),
                         .end = at(i * 2min + 90s)});
  }
  Message message{.name = "1:2:3", .reason = quotes.substr(0, 2000), .hops = {}};
  for (int i = 0; i < 1000; ++i) {
    message.hops.push_back({.at = at(i * 30min), .after = 30min, .what = quotes.substr(0, 100)});
  }
  in.messages.assign(28, message);
  const std::string html = page(in);
  EXPECT_LE(html.size(), kMaxBytes);
  EXPECT_GT(html.size(), kMaxBytes / 2) << "The test is not as hard as it was.";
  EXPECT_NE(html.find("259,200 rows drawn as 2,000 points"), std::string::npos);
  EXPECT_NE(html.find("1,802 more are in run.sqlite"), std::string::npos);
  EXPECT_NE(html.find("940 more steps"), std::string::npos);
}

TEST(Page, ARunTooShortForARowSaysSo) {
  const std::string html = page(run_of_rows(0));
  EXPECT_NE(html.find("shorter than one row"), std::string::npos);
  EXPECT_NE(html.find("No message arrived"), std::string::npos);
}

TEST(Page, ADamagedSummaryIsAnError) {
  Input in = with_everything();
  in.summary.erase("latency_ns");
  EXPECT_THROW(page(in), nlohmann::json::exception);
}

}  // namespace
}  // namespace greytick::report
