// What a peer, a disk or a user can cause is a value; what only our own bug can cause is a CHECK.
#pragma once

#include <cstdint>
#include <expected>

namespace greytick::model {

/// Why a machine refused an input. Switch over it without `default`, so that a new one shows at
/// each handler.
enum class Error : std::uint8_t {
  kStaleEpoch,        // of a session that is no longer open
  kStaleIncarnation,  // of an installation that has been replaced
  kUnknownDevice,
  kOutOfRange,  // a cursor or position that the record does not allow
};

template <class T>
using Result = std::expected<T, Error>;

}  // namespace greytick::model
