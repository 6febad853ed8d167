// The one loop that every driver of a machine has. Inside of the world.
#pragma once

#include "sim/world/driver.h"

namespace greytick::world {

template <class M, class On>
void Driver::step(typename M::State& state, const Input& input, const net::Endpoint& at,
                  Entropy& entropy, const Store* store, On&& on) {
  CHECK_MSG(!stepping_, "a step within a step");
  stepping_ = true;
  posts_.clear();
  const auto one = [&](const Input& in) {
    out_.clear();
    view_.reset();
    const model::Stimulus t = stimulus(at, entropy);
    if (store != nullptr) store->load(M::keys_of(state, in), view_);
    int rounds = 0;
    while (M::handle(state, t, in, view_, out_) == model::Step::kNeedMore) {
      // Each round loads what the one before found missing; a machine that never has enough is our
      // own bug.
      CHECK(++rounds < 64);
      CHECK(store != nullptr);
      const model::ReadSet missing = view_.missing();
      view_.clear_missing();
      store->load(missing, view_);
    }
    for (model::Output& output : out_.list) {
      if (const auto* post = std::get_if<model::Post>(&output)) {
        posts_.push_back({post->chore, post->entity});
      } else if (!on(output)) {
        return false;
      }
    }
    return true;
  };
  bool goes_on = one(input);
  for (std::size_t i = 0; goes_on && i < posts_.size(); ++i) goes_on = one(Input{posts_[i]});
  stepping_ = false;
}

}  // namespace greytick::world
