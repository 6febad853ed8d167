// What one fact costs its judge, and the sketches: whole messages between many pairs of phones,
// round robin, so that each fact finds its conversation cold.

#include <cstdint>
#include <string>

#include <benchmark/benchmark.h>

#include "model/fact.h"
#include "sim/oracle/fact_json.h"
#include "sim/oracle/judge.h"
#include "sim/oracle/sketch.h"

namespace greytick::oracle {
namespace {

using model::DeviceId;
using model::Incarnation;
using model::LogPos;

// The seven facts of a message from the phone 2*pair to the phone 2*pair+1, its n-th.
template <class Tell>
void tell_message(const Tell& tell, std::uint32_t pair, std::uint64_t n, model::Instant at) {
  const DeviceId from(2 * pair);
  const DeviceId to(2 * pair + 1);
  const model::StreamId stream{from, Incarnation(1), model::ConversationId(pair)};
  const model::ClientSeq cseq(n);
  const LogPos k(n);
  model::Message m;
  m.stream = stream;
  m.sender = model::UserId(2 * pair);
  m.cseq = cseq;
  m.position = k;
  m.id = {n, pair};
  m.content = model::seal({1}, stream, cseq, 100);
  tell(at, model::Created{stream, m.sender, cseq, m.id, m.dep, m.content, at});
  tell(at, model::Committed{m, {model::Recipient{model::UserId(to.value()), to, Incarnation(1)}}});
  tell(at, model::Answered{stream, cseq, model::ReplyCode::kSent, k, n});
  tell(at, model::Applied{to, Incarnation(1), model::SessionEpoch(1), model::MailboxSeq(n), m});
  tell(at, model::Displayed{to, Incarnation(1), stream.conversation, k});
  tell(at, model::SentShown{from, Incarnation(1), stream.conversation, k});
  tell(at, model::TicksShown{from, Incarnation(1), stream.conversation, to, k, {}});
}

// Message after message, and how many facts a second that is.
template <class Tell>
void tell_on(benchmark::State& state, const Tell& tell, std::uint32_t pairs, std::uint64_t n) {
  std::uint32_t pair = 0;
  for (auto _ : state) {
    // An odd stride visits every pair of a power of two, and no two neighbours in a row.
    tell_message(tell, (pair * 2654435761U) & (pairs - 1), n, model::from_ns(1));
    if (++pair == pairs) {
      pair = 0;
      ++n;
    }
  }
  state.counters["facts"] = benchmark::Counter(7.0 * static_cast<double>(state.iterations()),
                                               benchmark::Counter::kIsRate);
}

void judge_messages(benchmark::State& state) {
  const auto pairs = static_cast<std::uint32_t>(state.range(0));
  JudgeConfig config;
  config.key = {1};
  Judge judge(config);
  const auto tell = [&judge](model::Instant at, const model::Fact& f) { judge.on_fact(at, f); };
  for (std::uint32_t pair = 0; pair < pairs; ++pair) {
    tell({}, model::SessionAdopted{DeviceId(2 * pair + 1), Incarnation(1), model::SessionEpoch(1)});
    tell_message(tell, pair, 1, {});
  }
  tell_on(state, tell, pairs, 2);
  if (judge.violations() != 0) state.SkipWithError("a healthy history was refused");
}
BENCHMARK(judge_messages)->Name("oracle/judge")->Arg(1 << 10)->Arg(1 << 20);

// Only two of the seven facts matter to them: a copy that is committed, and one that is applied.
void sketch_messages(benchmark::State& state) {
  Sketches sketches;
  const auto tell = [&sketches](model::Instant, const model::Fact& f) { sketches.on_fact(f); };
  tell_on(state, tell, 1U << 20, 1);
  if (!sketches.report().clean()) state.SkipWithError("a healthy history was refused");
}
BENCHMARK(sketch_messages)->Name("oracle/sketches");

void write_line(benchmark::State& state) {
  const model::StreamId stream{DeviceId(1), Incarnation(1), model::ConversationId(2)};
  const model::Fact fact = model::TurnedAway{stream, model::ClientSeq(3)};
  std::string out;
  for (auto _ : state) {
    out.clear();
    append_ndjson(out, model::from_ns(1), fact);
    benchmark::DoNotOptimize(out.data());
  }
}
BENCHMARK(write_line)->Name("oracle/ndjson");

}  // namespace
}  // namespace greytick::oracle
