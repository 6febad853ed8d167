#include "model/connection.h"

#include <array>

#include "model/check.h"

namespace greytick::model {
namespace {

constexpr std::uint8_t bit(Link link) {
  return static_cast<std::uint8_t>(1U << static_cast<unsigned>(link));
}
template <class... Links>
constexpr std::uint8_t any(Links... links) {
  return static_cast<std::uint8_t>((0U | ... | bit(links)));
}

// One row a state: what may follow it, kOffline apart. A server that finds no session nudges, so
// flushing, open and degraded may go back to resuming.
constexpr std::array<std::uint8_t, kLinks> kNext = {
    any(Link::kConnecting, Link::kBackoff),                              // offline
    any(Link::kResuming, Link::kDropped),                                // connecting
    any(Link::kResuming, Link::kFlushing, Link::kDropped),               // resuming
    any(Link::kResuming, Link::kOpen, Link::kDegraded, Link::kDropped),  // flushing
    any(Link::kResuming, Link::kDegraded, Link::kDropped),               // open
    any(Link::kResuming, Link::kFlushing, Link::kOpen, Link::kDropped),  // degraded
    any(Link::kBackoff),                                                 // dropped
    any(Link::kConnecting, Link::kBackoff),                              // backoff
};

}  // namespace

std::string_view link_name(Link link) {
  static constexpr std::array<std::string_view, kLinks> kNames = {
      "offline", "connecting", "resuming", "flushing", "open", "degraded", "dropped", "backoff"};
  return kNames[static_cast<std::size_t>(link)];
}

bool may_follow(Link from, Link to) {
  return to == Link::kOffline || (kNext[static_cast<std::size_t>(from)] & bit(to)) != 0;
}

void Connection::move(Link to) {
  CHECK(may_follow(link, to));
  link = to;
  if (!connected()) gateway = {};
}

}  // namespace greytick::model
