// Random scripts: phones that come and go, frames lost, repeated and reordered, disks that stall,
// machines that crash at any moment. Then everything heals, and nothing may be missing or doubled.
// A failure prints its seed and its script, which replays it.
#include <algorithm>
#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "model/draw.h"
#include "tests/model/script/bench.h"

namespace greytick::model::script {
namespace {

constexpr std::uint64_t kSeeds = 100;
constexpr int kLength = 120;

struct Kind {
  bool reinstalls = false;
  bool deploys = false;  // servers turn to the other version and back; Bob's app is an old one
};

std::string random_command(std::uint64_t bits, const Kind& turns) {
  // What happens all the time, what a bad bus does, and what breaks.
  static const std::vector<std::string> kUsual = {
      "compose alice", "compose bob", "compose alice", "compose bob", "open alice", "open bob",
      "online alice",  "online bob",  "next 1",        "next 2",      "next 5",     "next 9",
      "run",           "run",         "wait 1s",       "wait 12s",    "pass 1s",    "release"};
  static const std::vector<std::string> kBus = {
      "hold send",        "hold send_reply", "hold data",    "hold ack",       "hold channel",
      "hold tick",        "hold hello",      "hold welcome", "drop data",      "drop channel",
      "drop channel_ack", "drop ack",        "dup channel",  "dup send",       "dup hello",
      "dup data",         "dup ack",         "dup tick",     "dup send_reply", "last channel",
      "last send",        "last data",       "last tick",    "last ack",       "drop tick",
      "drop read"};
  static const std::vector<std::string> kFaults = {
      "cut alice",      "cut bob",      "silence alice", "silence bob",    "offline alice",
      "offline bob",    "crash alice",  "crash bob",     "crash gw0",      "crash c0",
      "crash m0",       "crash m1",     "crash push",    "home alice gw1", "home bob gw0",
      "home alice gw0", "home bob gw1", "stall c0",      "sync c0",        "stall m0",
      "sync m0",        "stall m1",     "sync m1",       "stall alice",    "sync alice",
      "stall bob",      "sync bob",     "fill c0",       "empty c0",       "wait 5m"};
  const std::uint64_t kind = bits % 1000;
  const std::uint64_t pick = bits >> 16;
  if (turns.reinstalls && kind < 8) return kind % 2 == 0 ? "reinstall alice" : "reinstall bob";
  if (turns.deploys && kind < 60) {
    static constexpr std::array kServers = {"gw0", "gw1", "c0", "m0", "m1"};
    return std::string("version ") + kServers[pick % kServers.size()] +
           (kind % 2 == 0 ? " 1" : " 2");
  }
  if (kind >= 998) return "wait 30d";
  if (kind < 600) return kUsual[pick % kUsual.size()];
  if (kind < 850) return kBus[pick % kBus.size()];
  return kFaults[pick % kFaults.size()];
}

const std::vector<std::string>& healing() {
  static const std::vector<std::string> kCommands = {
      "sync c0", "sync m0",      "sync m1",    "sync alice", "sync bob",     "empty c0",
      "release", "run",          "crash gw0",  "crash gw1",  "online alice", "online bob",
      "wait 4h", "online alice", "online bob", "wait 4h"};
  return kCommands;
}

using Stream = std::pair<std::uint32_t, std::uint64_t>;  // device, incarnation

/// What is wrong with a run that healed; "" when nothing is. By brute force, over all facts.
struct Verdict {
  std::vector<std::string> wrong;

  void judge(const World& world, bool reinstalls) {
    std::map<std::uint64_t, Message> log;                         // by position
    std::map<Stream, std::uint64_t> last_committed;               // cseq
    std::map<Stream, std::uint64_t> applied_upto;                 // position
    std::map<Stream, std::set<std::uint64_t>> over;               // applied or settled positions
    std::map<Stream, std::set<std::uint64_t>> answered, created;  // cseqs
    std::map<Stream, std::set<std::uint64_t>> applied, expired;
    std::map<std::uint32_t, SentShown> sent;
    std::map<std::uint32_t, TicksShown> ticks;
    for (const Fact& fact : world.facts()) {
      if (const auto* f = std::get_if<Created>(&fact)) {
        created[{f->stream.device.value(), f->stream.incarnation.value()}].insert(f->cseq.value());
      } else if (const auto* c = std::get_if<Committed>(&fact)) {
        const Stream s{c->message.stream.device.value(), c->message.stream.incarnation.value()};
        expect(c->message.cseq.value() == ++last_committed[s], "commits out of order");
        expect(log.emplace(c->message.position.value(), c->message).second, "position used twice");
      } else if (const auto* a = std::get_if<Applied>(&fact)) {
        const Stream s{a->device.value(), a->incarnation.value()};
        const std::uint64_t k = a->message.position.value();
        expect(log.contains(k) && log.at(k) == a->message, "applied what was not committed");
        expect(k > applied_upto[s], "applied twice or out of order");
        applied_upto[s] = k;
        over[s].insert(k);
        applied[s].insert(k);
        expect(!expired[s].contains(k), "applied after it expired");
      } else if (const auto* x = std::get_if<Settled>(&fact)) {
        const Stream s{x->device.value(), x->incarnation.value()};
        const std::uint64_t k = x->message.position.value();
        over[s].insert(k);
        if (x->cause == Cause::kExpired) {
          expired[s].insert(k);
          expect(!applied[s].contains(k), "expired after it was applied");
        }
      } else if (const auto* r = std::get_if<Answered>(&fact)) {
        const Stream s{r->stream.device.value(), r->stream.incarnation.value()};
        expect(answered[s].insert(r->cseq.value()).second, "answered twice");
        expect(log.contains(r->position.value()), "SENT before it was durable");
      } else if (const auto* shown = std::get_if<SentShown>(&fact)) {
        const SentShown before = std::exchange(sent[shown->device.value()], *shown);
        if (before.incarnation == shown->incarnation) {
          expect(before.sent <= shown->sent, "SENT taken back");
        }
      } else if (const auto* t = std::get_if<TicksShown>(&fact)) {
        const TicksShown before = std::exchange(ticks[t->device.value()], *t);
        if (before.incarnation == t->incarnation) {
          expect(before.delivered <= t->delivered, "DELIVERED taken back");
          expect(before.read <= t->read, "READ taken back");
        }
        const std::uint32_t peer = t->device.value() == 1 ? 2 : 1;
        expect(t->delivered.value() <= highest(applied, peer), "DELIVERED before it was applied");
      }
    }
    for (const auto& [k, message] : log) {
      const std::uint32_t to = message.stream.device.value() == 1 ? 2 : 1;
      bool done = false;
      for (const auto& [stream, positions] : over) {
        done = done || (stream.first == to && positions.contains(k));
      }
      expect(done, "a committed message was neither applied nor settled");
    }
    if (!reinstalls) {
      for (const auto& [stream, cseqs] : created) {
        expect(answered[stream] == cseqs, "a message never got its answer");
      }
    }
    for (const std::uint32_t p : {1U, 2U}) {
      expect(world.store({Role::kDevice, p, {}}).count(Table::kOutbox) == 0, "outbox not empty");
      expect(world.store({Role::kMailbox, p % 2, {}}).count(Table::kEntry) == 0,
             "entries left in a mailbox");
      expect(world.store({Role::kMailbox, p % 2, {}}).count(Table::kTickSlot) == 0,
             "a tick never arrived");
      expect(world.store({Role::kMailbox, p % 2, {}}).count(Table::kOutgoing) == 0,
             "a channel is not drained");
    }
    expect(world.store({Role::kConversation, 0, {}}).count(Table::kOutgoing) == 0,
           "a channel is not drained");
  }

 private:
  void expect(bool holds, const char* sentence) {
    if (!holds) wrong.emplace_back(sentence);
  }
  static std::uint64_t highest(const std::map<Stream, std::set<std::uint64_t>>& applied,
                               std::uint32_t device) {
    std::uint64_t top = 0;
    for (const auto& [stream, positions] : applied) {
      if (stream.first == device && !positions.empty()) top = std::max(top, *positions.rbegin());
    }
    return top;
  }
};

void run_seed(std::uint64_t seed, const Kind& turns) {
  World world;
  std::string script;
  const auto give = [&](const std::string& command) {
    // A frame that is not on the wire is no mistake here.
    if (world.command(command).empty()) script += command + "\n";
  };
  give("set heartbeat 1h");  // Else nothing ever finds a half-open connection.
  give("set window 2");
  if (turns.deploys) give("version bob 1");
  if (seed % 4 == 3) give("set deliver_bytes 300");  // One entry of these at a time.
  give("session alice");
  give("session bob");
  for (int i = 0; i < kLength; ++i) {
    const std::string command = random_command(derive(seed, static_cast<std::uint64_t>(i)), turns);
    if (command == "wait 30d") {
      // No disk stalls for a month, or the month would be one of retries.
      for (const char* disk : {"c0", "m0", "m1", "alice", "bob"}) give(std::string("sync ") + disk);
      give("empty c0");
    }
    give(command);
  }
  for (const std::string& command : healing()) give(command);
  Verdict verdict;
  verdict.judge(world, turns.reinstalls);
  if (!verdict.wrong.empty()) {
    ADD_FAILURE() << "seed " << seed << ": " << verdict.wrong.front() << "\n" << script;
  }
}

TEST(RandomScripts, NothingIsLostDoubledOrReordered) {
  for (std::uint64_t seed = 1; seed <= kSeeds && !HasFailure(); ++seed) run_seed(seed, {});
}

TEST(RandomScripts, NothingIsLostDoubledOrReorderedThroughReinstalls) {
  for (std::uint64_t seed = 1; seed <= kSeeds && !HasFailure(); ++seed) {
    run_seed(seed, {.reinstalls = true});
  }
}

TEST(RandomScripts, NothingIsLostDoubledOrReorderedThroughDeploys) {
  for (std::uint64_t seed = 1; seed <= kSeeds && !HasFailure(); ++seed) {
    run_seed(seed, {.deploys = true});
  }
}

}  // namespace
}  // namespace greytick::model::script
