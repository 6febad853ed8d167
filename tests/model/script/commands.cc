// The words of a script.
#include <algorithm>
#include <charconv>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "tests/model/script/bench.h"
#include "tests/model/script/print.h"

namespace greytick::model::script {
namespace {

std::vector<std::string_view> words_of(std::string_view line) {
  std::vector<std::string_view> words;
  while (true) {
    const auto from = line.find_first_not_of(' ');
    if (from == std::string_view::npos) return words;
    line.remove_prefix(from);
    const auto to = std::min(line.find(' '), line.size());
    words.push_back(line.substr(0, to));
    line.remove_prefix(to);
  }
}

std::optional<std::uint64_t> number(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<Duration> duration(std::string_view text) {
  struct Unit {
    std::string_view name;
    Duration length;
  };
  static constexpr Unit kUnits[] = {{"ms", std::chrono::milliseconds(1)},
                                    {"s", std::chrono::seconds(1)},
                                    {"m", std::chrono::minutes(1)},
                                    {"h", std::chrono::hours(1)},
                                    {"d", std::chrono::hours(24)}};
  for (const Unit& unit : kUnits) {
    if (!text.ends_with(unit.name)) continue;
    const auto count = number(text.substr(0, text.size() - unit.name.size()));
    if (count) return unit.length * static_cast<std::int64_t>(*count);
  }
  return std::nullopt;
}

std::optional<Address> place(std::string_view name) {
  static constexpr struct {
    std::string_view name;
    Address at;
  } kPlaces[] = {{"alice", {Role::kDevice, 1, {}}},  {"bob", {Role::kDevice, 2, {}}},
                 {"carol", {Role::kDevice, 3, {}}},  {"dave", {Role::kDevice, 4, {}}},
                 {"laptop", {Role::kDevice, 5, {}}}, {"gw0", {Role::kGateway, 0, {}}},
                 {"gw1", {Role::kGateway, 1, {}}},   {"c0", {Role::kConversation, 0, {}}},
                 {"m0", {Role::kMailbox, 0, {}}},    {"m1", {Role::kMailbox, 1, {}}},
                 {"push", {Role::kPush, 0, {}}}};
  for (const auto& p : kPlaces) {
    if (p.name == name) return p.at;
  }
  constexpr std::string_view kTablet = "tablet";
  if (name.starts_with(kTablet)) {
    const auto n = number(name.substr(kTablet.size()));
    if (n && *n >= 1 && *n <= kTablets) {
      return Address{Role::kDevice, static_cast<std::uint32_t>(5 + *n), {}};
    }
  }
  return std::nullopt;
}

}  // namespace

std::string World::show(std::string_view what) {
  frames_ = what.find("frames") != std::string_view::npos;
  facts_ = what.find("facts") != std::string_view::npos;
  branches_ = what.find("branches") != std::string_view::npos;
  facts_ = facts_ || branches_;
  writes_ = what.find("writes") != std::string_view::npos;
  return {};
}

std::string World::rows(const Address& at, std::string_view table) {
  std::size_t n = 0;
  for (const auto& [key, record] : seats_.at(at).rows.rows()) {
    if (table_name(key.table) != table) continue;
    ++n;
    lines_.push_back(
        fmt::format("{} {}({},{}) {}", name_of(at), table, key.entity, key.sub, text_of(record)));
  }
  if (n == 0) lines_.push_back(fmt::format("{} has no {}", name_of(at), table));
  return {};
}

std::string World::configure(std::string_view what, std::string_view value) {
  const auto time = duration(value);
  const auto count = number(value);
  for (auto& [at, seat] : seats_) {
    for (AnyState* any : {&seat.fresh, &seat.state}) {
      if (auto* m = std::get_if<MailboxShard::State>(any)) {
        if (what == "window" && count) m->config.window = static_cast<std::uint32_t>(*count);
        if (what == "deliver_bytes" && count) m->config.deliver_bytes = *count;
        if (what == "mailbox_max" && count) m->config.mailbox_max = *count;
      } else if (auto* c = std::get_if<ConversationShard::State>(any)) {
        if (what == "channel_max" && count) c->config.channel_max = *count;
        if (what == "members_max" && count) {
          c->config.members_max = static_cast<std::uint32_t>(*count);
        }
        if (what == "content_max" && count) {
          c->config.content_max = static_cast<std::uint32_t>(*count);
        }
      } else if (auto* d = std::get_if<Device::State>(any)) {
        if (what == "heartbeat" && time) d->config.heartbeat.every = *time;
      } else if (auto* g = std::get_if<Gateway::State>(any)) {
        if (what == "heartbeat" && time) g->config.heartbeat.every = *time;
        if (what == "requests_max" && count) {
          g->config.requests_max = static_cast<std::uint32_t>(*count);
        }
      }
    }
  }
  static constexpr std::string_view kKnown[] = {"window",      "deliver_bytes", "mailbox_max",
                                                "channel_max", "heartbeat",     "requests_max",
                                                "content_max", "members_max"};
  const bool known = std::ranges::find(kKnown, what) != std::end(kKnown);
  return known && (time || count) ? "" : "set: unknown word or value";
}

// From the next start on: a version comes with a new process, and so does its loss of memory.
void World::speak(const Address& at, Version version) {
  std::visit(
      [&]<class State>(State& fresh) {
        if constexpr (requires { fresh.config.version; }) fresh.config.version = version;
      },
      seats_.at(at).fresh);
  crash(at);
}

// One word, at most two arguments; the verbs are listed in tests/model/testdata/README.md.
std::string World::command(std::string_view line) {
  const auto words = words_of(line);
  const std::string_view verb = words.empty() ? "" : words[0];
  const std::string_view first = words.size() > 1 ? words[1] : "";
  const std::string_view second = words.size() > 2 ? words[2] : "";
  const auto at = place(first);

  if (verb == "show") return show(line.substr(4));
  if (verb == "set") return configure(first, second);
  if (verb == "run") {
    deliver_all();
  } else if (verb == "wait" || verb == "pass") {
    const auto by = duration(first);
    if (!by) return "expected a duration such as 30s, 2h, 30d";
    pass_time(*by, verb == "wait");
    if (verb == "wait") deliver_all();
  } else if (verb == "next") {
    const auto n = first.empty() ? std::optional<std::uint64_t>(1) : number(first);
    if (!n) return "next: expected a number";
    for (std::uint64_t i = 0; i < *n && !wire_.empty(); ++i) deliver_front();
  } else if (verb == "drop" || verb == "dup" || verb == "hold" || verb == "last" ||
             verb == "deliver") {
    const auto i = find(first);
    if (!i) return fmt::format("no {} on the wire", first);
    const InFlight f = wire_[*i];
    if (verb == "dup") {
      wire_.push_back(f);
      return {};
    }
    wire_.erase(wire_.begin() + static_cast<std::ptrdiff_t>(*i));
    if (verb == "hold") aside_.push_back(f);
    if (verb == "last") wire_.push_back(f);
    if (verb == "deliver") deliver(f);
  } else if (verb == "release") {
    for (const InFlight& f : aside_) wire_.push_back(f);
    aside_.clear();
  } else if (verb == "wire") {
    for (const InFlight& f : wire_) {
      lines_.push_back(fmt::format("{} > {} {}", name_of(f.from), name_of(f.to), text_of(f.frame)));
    }
  } else if (verb == "provider") {
    static constexpr std::string_view kWords[] = {"accepts", "throttles", "fails", "expired"};
    const auto* word = std::ranges::find(kWords, first);
    if (word == std::end(kWords)) return "provider: accepts, throttles, fails or expired";
    provider_ = static_cast<NotifyOutcome>(word - std::begin(kWords));
    wakes_ = second == "wakes";
  } else if (verb == "in") {
    if (first != "talk" && first != "group") return "in: talk or group";
    room_ = first == "group" ? kGroup : kTalk;
  } else if (!at) {
    return fmt::format("'{}': unknown verb, or a place that does not exist", line);
  } else if (verb == "online") {
    input(*at, App{GoOnline{}});
  } else if (verb == "offline") {
    input(*at, App{GoOffline{}});
  } else if (verb == "compose") {
    const auto bytes = second.empty() ? std::optional<std::uint64_t>(100) : number(second);
    if (!bytes) return "compose: expected a number of bytes";
    input(*at, App{Compose{room_, static_cast<std::uint32_t>(*bytes)}});
  } else if (verb == "open") {
    input(*at, App{OpenConversation{room_}});
  } else if (verb == "join") {
    input(*at, App{JoinConversation{room_}});
  } else if (verb == "leave") {
    input(*at, App{LeaveConversation{room_}});
  } else if (verb == "unlink") {
    input(*at, App{Unlink{}});
  } else if (verb == "session") {  // a quiet way to an open session
    const auto saved = std::exchange(lines_, {});
    input(*at, App{GoOnline{}});
    deliver_all();
    lines_ = saved;
  } else if (verb == "crash") {
    crash(*at);
  } else if (verb == "version") {
    const auto spoken = number(second);
    if (!spoken || *spoken == 0 || *spoken > 255) return "version: expected a number";
    speak(*at, static_cast<Version>(*spoken));
  } else if (verb == "stall") {
    stall(*at);
  } else if (verb == "sync") {
    sync(*at);
  } else if (verb == "cut") {
    cut(*at, true);
  } else if (verb == "silence") {
    cut(*at, false);
  } else if (verb == "home") {
    const auto gateway = place(second);
    if (!gateway) return "home: expected a gateway";
    home_[at->index] = gateway->index;
  } else if (verb == "skew") {
    const auto by = duration(second);
    if (!by) return "skew: expected a duration";
    seats_.at(*at).wall_offset = *by;
  } else if (verb == "fill" || verb == "empty") {
    input(*at, Pressure{verb == "fill" ? 0 : std::uint64_t{1} << 40});
  } else if (verb == "reinstall" || verb == "restore") {
    Seat& seat = seats_.at(*at);
    seat.install_id += 100;
    if (verb == "reinstall") seat.rows = Store{};
    if (verb == "restore" && seat.backup) {
      seat.rows = *seat.backup;
      seat.durable.reset();
    }
    crash(*at);
  } else if (verb == "backup") {
    Seat& seat = seats_.at(*at);
    seat.backup = seat.durable ? *seat.durable : seat.rows;
  } else if (verb == "rows") {
    return rows(*at, second);
  } else if (verb == "link") {
    const auto* device = std::get_if<Device::State>(&seats_.at(*at).state);
    if (device == nullptr) return "link: expected a device";
    lines_.push_back(fmt::format("{} is {}", first, link_name(device->conn.link)));
  } else {
    return fmt::format("'{}': unknown verb", line);
  }
  return {};
}

}  // namespace greytick::model::script
