// The versions of the protocol. While one replaces the other both are in use, and every end states
// what it speaks.
#pragma once

#include <cstdint>

namespace greytick::model {

/// What an end of the protocol understands and does. Two ends, and a gateway between them, do what
/// the smallest of their numbers does; a number that is not known yet is one that is higher.
///
/// Version 1 knows no window: a session is handed one DATA at a time, its gateway keeps room for
/// one, and its app takes whatever comes as the next. Of a channel entry it reads one recipient, so
/// an entry with several comes in parts.
enum class Version : std::uint8_t { k1 = 1, k2 = 2 };

}  // namespace greytick::model
