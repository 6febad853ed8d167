#include "sim/world/letters.h"

#include <algorithm>
#include <utility>

#include "model/check.h"
#include "sim/engine/fingerprint.h"

namespace greytick::world {
namespace {

constexpr std::uint64_t kDamage = std::uint64_t{6} << 32;  // beside the nodes' entropy
constexpr std::uint64_t kBurstMax = 8;                     // bytes damaged in a row

}  // namespace

Letters::Letters(bool encoded, const engine::Streams& streams)
    : encoded_(encoded), damage_(streams.stream(engine::Purpose::kEntropy, kDamage).next_u64()) {}

std::uint32_t Letters::write(const model::Frame& frame) {
  CHECK(encoded_);
  if (!wire::encode(frame, scratch_)) return kNone;
  ++counts_.frames;
  return letters_.emplace(scratch_);
}

model::Frame Letters::read(std::uint32_t letter) {
  auto frame = wire::decode_frame(letters_[letter]);
  CHECK_MSG(frame.has_value(), "our own bytes");
  letters_.erase(letter);
  return std::move(*frame);
}

void Letters::spoil(std::uint32_t letter) {
  wire::Bytes& bytes = letters_[letter];
  const auto draw = [this] {
    damage_ += 0x9E3779B97F4A7C15ULL;
    return engine::mix64(damage_);
  };
  const std::size_t first = draw() % bytes.size();
  const std::size_t burst = std::min<std::size_t>(1 + draw() % kBurstMax, bytes.size() - first);
  for (std::size_t i = first; i < first + burst; ++i) {
    bytes[i] ^= static_cast<std::uint8_t>(1 + draw() % 255);
  }
  ++counts_.spoilt;
  if (!wire::decode_frame(bytes)) ++counts_.refused;
  letters_.erase(letter);
}

bool Letters::encode(const model::Record& record) {
  CHECK(encoded_);
  return wire::encode(record, scratch_).has_value();
}

void Letters::decode(model::Record& record) {
  auto back = wire::decode_record(scratch_);
  CHECK_MSG(back.has_value(), "our own bytes");
  record = std::move(*back);
  ++counts_.records;
}

}  // namespace greytick::world
