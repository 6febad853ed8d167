#include "tests/model/script/seat.h"

#include <type_traits>

#include "model/check.h"

namespace greytick::model::script {
namespace {

template <class State>
struct MachineOf;
template <>
struct MachineOf<Device::State> : std::type_identity<Device> {};
template <>
struct MachineOf<Gateway::State> : std::type_identity<Gateway> {};
template <>
struct MachineOf<ConversationShard::State> : std::type_identity<ConversationShard> {};
template <>
struct MachineOf<MailboxShard::State> : std::type_identity<MailboxShard> {};
template <>
struct MachineOf<Push::State> : std::type_identity<Push> {};

}  // namespace

void step(Seat& seat, const Stimulus& stimulus, const Input& input, Outputs& out) {
  std::visit(
      [&]<class State>(State& state) {
        using M = typename MachineOf<State>::type;
        View view;
        seat.rows.load(M::keys_of(state, input), view);
        for (int round = 0;; ++round) {
          CHECK_MSG(round < 32, "a step asks for more without end");
          const State before = state;
          out.clear();
          if (M::handle(state, stimulus, input, view, out) == Step::kDone) return;
          CHECK(state == before);
          CHECK(out.list.empty());
          CHECK(out.writes.empty());
          const ReadSet missing = view.missing();
          view.clear_missing();
          seat.rows.load(missing, view);
        }
      },
      seat.state);
}

}  // namespace greytick::model::script
