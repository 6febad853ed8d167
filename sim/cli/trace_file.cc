#include "sim/cli/trace_file.h"

#include <algorithm>
#include <cstdint>
#include <map>
#include <utility>

#include <nlohmann/json.hpp>

namespace greytick::cli {
namespace {

using Json = nlohmann::ordered_json;

// Groups of tracks, which the format calls processes.
enum Group : std::uint8_t { kRun = 1, kMessages = 2, kPlaces = 3 };

double us(model::Instant at) { return static_cast<double>(model::to_ns(at)) / 1e3; }

class Trace {
 public:
  Trace() {
    group(kRun, "run");
    group(kMessages, "messages");
    group(kPlaces, "places");
  }

  // The number of a track, named at its first use.
  int track(Group in, const std::string& name) {
    const auto [it, fresh] = tracks_.try_emplace({in, name}, static_cast<int>(tracks_.size()) + 1);
    if (fresh) {
      events_.push_back({{"ph", "M"},
                         {"name", "thread_name"},
                         {"pid", static_cast<int>(in)},
                         {"tid", it->second},
                         {"args", {{"name", name}}}});
    }
    return it->second;
  }

  void slice(Group in, int tid, const std::string& name, model::Instant from, model::Instant to,
             Json arguments = Json::object()) {
    Json event = {{"ph", "X"},  {"name", name},   {"pid", static_cast<int>(in)},
                  {"tid", tid}, {"ts", us(from)}, {"dur", us(to) - us(from)}};
    if (!arguments.empty()) event["args"] = std::move(arguments);
    events_.push_back(std::move(event));
  }

  void counter(const std::string& name, model::Instant at, double value) {
    events_.push_back({{"ph", "C"},
                       {"name", name},
                       {"pid", static_cast<int>(kRun)},
                       {"ts", us(at)},
                       {"args", {{"value", value}}}});
  }

  // phase: "s" begins an arrow, "t" passes it on, "f" ends it; each inside the slice at that time.
  void arrow(const char* phase, int tid, std::size_t id, model::Instant at) {
    events_.push_back({{"ph", phase},
                       {"name", "message"},
                       {"cat", "message"},
                       {"id", id},
                       {"pid", static_cast<int>(kPlaces)},
                       {"tid", tid},
                       {"ts", us(at)},
                       {"bp", "e"}});
  }

  std::string take() {
    const Json out = {{"displayTimeUnit", "ms"}, {"traceEvents", std::move(events_)}};
    return out.dump() + "\n";
  }

 private:
  void group(Group which, const char* name) {
    events_.push_back({{"ph", "M"},
                       {"name", "process_name"},
                       {"pid", static_cast<int>(which)},
                       {"args", {{"name", name}}}});
  }

  Json events_ = Json::array();
  std::map<std::pair<int, std::string>, int> tracks_;
};

// Long enough to be clicked, short beside anything that is measured.
constexpr model::Duration kMark{1000};

void add_message(Trace& trace, std::size_t id, const TracedMessage& message) {
  const int own = trace.track(kMessages, message.name);
  const std::vector<Hop>& hops = message.hops;
  for (std::size_t i = 0; i < hops.size(); ++i) {
    const Hop& hop = hops[i];
    if (i > 0) trace.slice(kMessages, own, "→ " + hop.what, hops[i - 1].at, hop.at);
    const int place = trace.track(kPlaces, hop.place);
    trace.slice(kPlaces, place, hop.what, hop.at, hop.at + kMark, {{"message", message.name}});
    if (hops.size() > 1)
      trace.arrow(i == 0 ? "s" : i + 1 == hops.size() ? "f" : "t", place, id, hop.at);
  }
}

}  // namespace

std::string trace_json(const std::vector<faults::Window>& windows,
                       const std::vector<results::SeriesRow>& series,
                       const std::vector<TracedMessage>& messages) {
  Trace trace;
  for (const faults::Window& w : windows) {
    trace.slice(kRun, trace.track(kRun, "fault " + w.name), w.name, w.start,
                std::max(w.end, w.start + kMark));
  }
  const results::SeriesRow* before = nullptr;
  for (const results::SeriesRow& row : series) {
    const auto count = [&](const char* name, std::uint64_t value) {
      trace.counter(name, row.at, static_cast<double>(value));
    };
    count("connected", row.connected);
    count("in flight", row.in_flight);
    count("queued offline", row.queued);
    // Totals become rates; the first row has nothing before it but the start.
    const model::Duration span =
        before == nullptr ? row.at - model::Instant{} : row.at - before->at;
    if (span > model::Duration(0)) {
      const auto rate = [&](const char* name, std::uint64_t now, std::uint64_t then) {
        trace.counter(name, row.at,
                      static_cast<double>(now - then) * 1e9 / static_cast<double>(span.count()));
      };
      rate("messages a second", row.messages, before == nullptr ? 0 : before->messages);
      rate("delivered a second", row.delivered, before == nullptr ? 0 : before->delivered);
      rate("logins a second", row.logins, before == nullptr ? 0 : before->logins);
    }
    if (row.e2e_p99) trace.counter("e2e p99 ms", row.at, static_cast<double>(*row.e2e_p99) / 1e6);
    before = &row;
  }
  for (std::size_t i = 0; i < messages.size(); ++i) add_message(trace, i + 1, messages[i]);
  return trace.take();
}

}  // namespace greytick::cli
