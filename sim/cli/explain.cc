// greytick explain: why one message went the way it did.
#include <algorithm>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "sim/cli/execute.h"
#include "sim/cli/past_run.h"
#include "sim/cli/story.h"
#include "sim/cli/subject.h"
#include "sim/cli/terminal.h"
#include "sim/cli/verbs.h"
#include "sim/engine/fingerprint.h"
#include "sim/oracle/fact_json.h"
#include "sim/results/exit_code.h"
#include "sim/results/text.h"
#include "sim/scenario/names.h"

namespace greytick::cli {
namespace {

struct Options {
  std::string run, message, gate;
  bool json = false, facts = false;
};

// Without a choice by the user: the first violation, else the slowest message.
std::expected<Subject, int> subject_of(const Options& options, const nlohmann::json& summary) {
  if (!options.message.empty()) {
    const auto name = parse_message_name(options.message);
    if (name) return Subject{*name, "asked for"};
    fmt::print(stderr,
               "greytick: --msg {}: expected DEVICE:CONVERSATION:NUMBER of the sender's message, "
               "such as 17:5:3\n",
               options.message);
    return std::unexpected(results::kExitUsage);
  }
  const auto invariant = scenario::invariant_of(options.gate);
  const std::string wanted = invariant ? std::string(scenario::name_of(*invariant)) : options.gate;
  // A scenario that must fail names what it is about, and the sketches are no invariant.
  for (const auto& gate : summary.at("gates")) {
    const bool asked = wanted.empty() ? gate.at("kind") == "expected"
                                      : gate.at("kind") == "second" && gate.at("name") == wanted;
    if (!asked) continue;
    if (auto subject = of_offender(gate)) return std::move(*subject);
  }
  for (const auto& finding : summary.at("invariants")) {
    const bool asked = wanted.empty() || finding.at("name") == wanted;
    if (!asked) continue;
    if (auto subject = of_offender(finding)) return std::move(*subject);
  }
  const bool gate_exists =
      std::ranges::any_of(summary.at("gates"), [&wanted](const nlohmann::json& gate) {
        return gate.at("name") == wanted && gate.at("kind") == "threshold";
      });
  if (wanted.empty() || gate_exists) {
    const std::vector<Subject> slowest = slowest_of(summary);
    if (!slowest.empty()) {
      Subject subject = slowest.front();
      subject.reason = "the slowest message of the run, " + subject.reason;
      return subject;
    }
    fmt::print(stderr, "greytick: no message of this run arrived, and nothing was violated\n");
    return std::unexpected(results::kExitNotFound);
  }
  fmt::print(stderr, "greytick: --gate {}: this run holds no message that violated it\n",
             options.gate);
  return std::unexpected(results::kExitNotFound);
}

std::string faults_at(const std::vector<faults::Window>& windows, model::Instant from,
                      model::Instant to) {
  std::string out;
  for (const faults::Window& w : windows) {
    // Momentary faults count for the hop in which they struck.
    if (w.start > to || std::max(w.end, w.start) < from) continue;
    out += (out.empty() ? "" : ", ") + w.name;
  }
  return out;
}

void print_chain(const Subject& subject, const std::vector<Hop>& hops,
                 const std::vector<faults::Window>& windows) {
  fmt::print(" message {}   {}\n\n", print_message_name(subject.name), subject.reason);
  const model::Duration total = hops.back().at - hops.front().at;
  fmt::print(" {:>16}{:>12}{:>7}  {}\n", "at", "after", "share", "what happened");
  for (std::size_t i = 0; i < hops.size(); ++i) {
    const Hop& hop = hops[i];
    const double share = total.count() == 0 ? 0.0
                                            : 100.0 * static_cast<double>(hop.after.count()) /
                                                  static_cast<double>(total.count());
    const std::string in_force = faults_at(windows, i == 0 ? hop.at : hops[i - 1].at, hop.at);
    fmt::print(" {:>16}{:>12}{:>7}  {}{}{}\n", results::clock_text(hop.at),
               i == 0 ? std::string() : "+" + results::human_duration(hop.after),
               i == 0 ? std::string() : fmt::format("{:.0f}%", share), hop.what,
               hop.repeat ? "   again" : "",
               in_force.empty() ? std::string() : "   fault: " + in_force);
  }
  fmt::print("\n {:>28}  in all\n", results::human_duration(total));
}

// What the sender sees of one member: a failed message is failed, whatever came after it.
std::string state_of(const MemberView& view) {
  if (view.failed != model::Cause::kNone) {
    return fmt::format("FAILED ({})", model::cause_name(view.failed));
  }
  if (!view.delivered) return "✓";
  std::string text = "✓✓ " + results::clock_text(*view.delivered);
  if (view.read) text += "   READ " + results::clock_text(*view.read);
  return text;
}

void print_members(const std::vector<MemberView>& views) {
  if (views.empty()) return;
  fmt::print("\n what the sender sees of each member\n");
  for (const MemberView& v : views) {
    const std::string who =
        v.user.value() == v.device.value()
            ? fmt::format("user {}", v.user.value())
            : fmt::format("user {}, device {}", v.user.value(), v.device.value());
    fmt::print(" {:>24}  {}\n", who, state_of(v));
  }
}

nlohmann::ordered_json members_json(const std::vector<MemberView>& views) {
  auto out = nlohmann::ordered_json::array();
  for (const MemberView& v : views) {
    nlohmann::ordered_json one = {{"user", v.user.value()}, {"device", v.device.value()}};
    if (v.failed != model::Cause::kNone) one["failed"] = model::cause_name(v.failed);
    if (v.delivered) one["delivered_ns"] = model::to_ns(*v.delivered);
    if (v.read) one["read_ns"] = model::to_ns(*v.read);
    out.push_back(std::move(one));
  }
  return out;
}

void print_json(const Subject& subject, const std::vector<Hop>& hops,
                const std::vector<MemberView>& views, const std::vector<faults::Window>& windows) {
  nlohmann::ordered_json out = {{"schema_version", results::kSchemaVersion},
                                {"message", print_message_name(subject.name)},
                                {"reason", subject.reason}};
  out["hops"] = nlohmann::ordered_json::array();
  for (std::size_t i = 0; i < hops.size(); ++i) {
    out["hops"].push_back(
        {{"at_ns", model::to_ns(hops[i].at)},
         {"after_ns", hops[i].after.count()},
         {"what", hops[i].what},
         {"again", hops[i].repeat},
         {"faults", faults_at(windows, i == 0 ? hops[i].at : hops[i - 1].at, hops[i].at)}});
  }
  if (!views.empty()) out["members"] = members_json(views);
  fmt::print("{}\n", out.dump(2));
}

int explain(const Options& options) {
  const auto past = read_run(options.run);
  if (!past) return past.error();
  const auto subject = subject_of(options, past->summary);
  if (!subject) return subject.error();

  Zoom zoom(subject->name.conversation);
  const std::vector<faults::Window> windows = faults::windows(past->scenario);
  results::Metrics metrics(past->scenario, windows);
  ExecuteOptions how{.also = &zoom};
  if (past->partial()) how.stop_at = past->reached();
  const Execution done = execute(past->scenario, metrics, how);
  if (engine::to_hex(done.fingerprint) != past->fingerprint()) {
    fmt::print(stderr,
               "greytick: the run cannot be repeated, so there is nothing to explain: "
               "greytick replay {}\n",
               options.run);
    return results::kExitDiverged;
  }
  const std::vector<Hop> hops = chain(zoom.moments(), subject->name);
  if (hops.empty()) {
    fmt::print(stderr, "greytick: this run never created message {}\n",
               print_message_name(subject->name));
    return results::kExitNotFound;
  }
  const std::vector<MemberView> views = member_views(zoom.moments(), subject->name);
  if (options.json) {
    print_json(*subject, hops, views, windows);
    return results::kExitPass;
  }
  print_chain(*subject, hops, windows);
  print_members(views);
  if (options.facts) {
    fmt::print("\n every fact of conversation {}\n", subject->name.conversation.value());
    for (const Moment& m : zoom.moments()) {
      fmt::print(" {:>16}  {}\n", results::clock_text(m.at), oracle::describe(m.fact));
    }
  }
  return results::kExitPass;
}

}  // namespace

void add_explain(CLI::App& app, int& exit_code) {
  auto options = std::make_shared<Options>();
  CLI::App* verb = app.add_subcommand(
      "explain", "What happened to one message: the first violation, or the slowest");
  verb->add_option("RUN", options->run, "Run folder")->required();
  CLI::Option* message =
      verb->add_option("--msg", options->message, "DEVICE:CONVERSATION:NUMBER of the sender");
  verb->add_option("--gate", options->gate, "The first message that violated it")
      ->excludes(message);
  verb->add_flag("--facts", options->facts, "Also print every fact of the conversation");
  verb->add_flag("--json", options->json, "Print the chain as JSON");
  verb->callback([options, &exit_code] { exit_code = explain(*options); });
}

}  // namespace greytick::cli
