// What one fact costs its judge: whole messages between many pairs of phones, round robin, so that
// each fact finds its conversation cold.

#include <cstdint>
#include <string>

#include <benchmark/benchmark.h>

#include "model/fact.h"
#include "sim/oracle/fact_json.h"
#include "sim/oracle/judge.h"

namespace greytick::oracle {
namespace {

using model::DeviceId;
using model::Incarnation;
using model::LogPos;

// The six facts of a message from the phone 2*pair to the phone 2*pair+1, its n-th.
void tell_message(Judge& judge, std::uint32_t pair, std::uint64_t n, model::Instant at) {
  const DeviceId from(2 * pair);
  const DeviceId to(2 * pair + 1);
  const model::StreamId stream{from, Incarnation(1), model::ConversationId(pair)};
  const model::ClientSeq cseq(n);
  const LogPos k(n);
  const model::Message m{stream,
                         model::UserId(2 * pair),
                         {},
                         {},
                         0,
                         {},
                         cseq,
                         k,
                         {n, pair},
                         LogPos{0},
                         model::Instant{},
                         model::seal({1}, stream, cseq, 100)};
  judge.on_fact(at, model::Created{stream, m.sender, cseq, m.id, m.dep, m.content, at});
  judge.on_fact(
      at, model::Committed{m, {model::Recipient{model::UserId(to.value()), to, Incarnation(1)}}});
  judge.on_fact(at, model::Answered{stream, cseq, model::ReplyCode::kSent, k, n});
  judge.on_fact(
      at, model::Applied{to, Incarnation(1), model::SessionEpoch(1), model::MailboxSeq(n), m});
  judge.on_fact(at, model::Displayed{to, Incarnation(1), stream.conversation, k});
  judge.on_fact(at, model::SentShown{from, Incarnation(1), stream.conversation, k});
  judge.on_fact(at, model::TicksShown{from, Incarnation(1), stream.conversation, to, k, {}});
}

void judge_messages(benchmark::State& state) {
  const auto pairs = static_cast<std::uint32_t>(state.range(0));
  JudgeConfig config;
  config.key = {1};
  Judge judge(config);
  for (std::uint32_t pair = 0; pair < pairs; ++pair) {
    judge.on_fact(
        {}, model::SessionAdopted{DeviceId(2 * pair + 1), Incarnation(1), model::SessionEpoch(1)});
    tell_message(judge, pair, 1, {});
  }
  std::uint64_t n = 2;
  std::uint32_t pair = 0;
  for (auto _ : state) {
    // An odd stride visits every pair of a power of two, and no two neighbours in a row.
    tell_message(judge, (pair * 2654435761U) & (pairs - 1), n, model::from_ns(1));
    if (++pair == pairs) {
      pair = 0;
      ++n;
    }
  }
  if (judge.violations() != 0) state.SkipWithError("a healthy history was refused");
  state.counters["facts"] = benchmark::Counter(6.0 * static_cast<double>(state.iterations()),
                                               benchmark::Counter::kIsRate);
}
BENCHMARK(judge_messages)->Name("oracle/judge")->Arg(1 << 10)->Arg(1 << 20);

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
