#include "sim/oracle/sketch.h"

#include <algorithm>
#include <variant>

#include "model/check.h"
#include "model/payload.h"

namespace greytick::oracle {
namespace {

using model::payload_internal::mix;

constexpr std::uint32_t kChange = std::uint32_t{1} << 31;

// The checksum of a key must not be what chooses its cells.
std::uint64_t checksum(std::uint64_t hash) { return mix(hash ^ 0xa0761d6478bd642fULL); }

std::uint64_t hash_of(const std::array<std::uint64_t, 3>& words) {
  std::uint64_t h = 0x9e3779b97f4a7c15ULL;
  for (const std::uint64_t word : words) h = mix(h ^ word) + 0x9e3779b97f4a7c15ULL;
  return h;
}

}  // namespace

Copy Copy::of(const model::Message& message, model::DeviceId recipient) {
  const bool content = message.kind == model::EntryKind::kContent;
  const std::uint64_t number = content ? message.cseq.value() : message.position.value();
  CHECK(number < kChange);
  return {.stream = message.stream,
          .entry = static_cast<std::uint32_t>(number) | (content ? 0U : kChange),
          .recipient = recipient};
}

std::array<std::uint64_t, 3> Copy::words() const {
  return {stream.conversation.value(),
          (std::uint64_t{stream.device.value()} << 32) | (stream.incarnation.value() & 0xffffffffU),
          (std::uint64_t{recipient.value()} << 32) | entry};
}

Copy Copy::from(const std::array<std::uint64_t, 3>& words) {
  return {.stream = {.device = model::DeviceId(static_cast<std::uint32_t>(words[1] >> 32)),
                     .incarnation =
                         model::Incarnation(static_cast<std::uint32_t>(words[1] & 0xffffffffU)),
                     .conversation = model::ConversationId(words[0])},
          .entry = static_cast<std::uint32_t>(words[2] & 0xffffffffU),
          .recipient = model::DeviceId(static_cast<std::uint32_t>(words[2] >> 32))};
}

std::uint64_t Copy::hash() const { return hash_of(words()); }

Iblt::Iblt(std::size_t cells) : cells_(cells) {
  CHECK(cells >= 3);
  CHECK(cells % 3 == 0);
}

bool Iblt::Cell::empty() const {
  return count == 0 && check == 0 && std::ranges::all_of(words, [](__int128 w) { return w == 0; });
}

std::array<std::size_t, 3> Iblt::places(std::uint64_t hash) const {
  const std::size_t part = cells_.size() / 3;
  std::array<std::size_t, 3> out{};
  for (std::size_t i = 0; i < 3; ++i) {
    hash = mix(hash + 0x9e3779b97f4a7c15ULL);
    out[i] = i * part + hash % part;
  }
  return out;
}

void Iblt::add(const Copy& copy, std::int64_t count) {
  const std::array<std::uint64_t, 3> words = copy.words();
  add(words, hash_of(words), count);
}

void Iblt::add(const std::array<std::uint64_t, 3>& words, std::uint64_t hash, std::int64_t count) {
  const std::uint64_t check = checksum(hash) * static_cast<std::uint64_t>(count);
  std::array<__int128, 3> terms{};
  for (std::size_t w = 0; w < 3; ++w) terms[w] = static_cast<__int128>(words[w]) * count;
  for (const std::size_t place : places(hash)) {
    Cell& cell = cells_[place];
    for (std::size_t w = 0; w < 3; ++w) cell.words[w] += terms[w];
    cell.check += check;
    cell.count += count;
  }
}

void Iblt::merge(const Iblt& other) {
  CHECK(cells_.size() == other.cells_.size());
  for (std::size_t i = 0; i < cells_.size(); ++i) {
    for (std::size_t w = 0; w < 3; ++w) cells_[i].words[w] += other.cells_[i].words[w];
    cells_[i].check += other.cells_[i].check;
    cells_[i].count += other.cells_[i].count;
  }
}

bool Iblt::alone(std::size_t cell, Difference& out) const {
  const Cell& c = cells_[cell];
  if (c.count == 0) return false;
  std::array<std::uint64_t, 3> words{};
  for (std::size_t w = 0; w < 3; ++w) {
    if (c.words[w] % c.count != 0) return false;
    const __int128 word = c.words[w] / c.count;
    if (word < 0 || word > static_cast<__int128>(~std::uint64_t{0})) return false;
    words[w] = static_cast<std::uint64_t>(word);
  }
  const std::uint64_t hash = hash_of(words);
  const std::array<std::size_t, 3> places_of = places(hash);
  if (c.check != checksum(hash) * static_cast<std::uint64_t>(c.count)) return false;
  if (std::ranges::find(places_of, cell) == places_of.end()) return false;
  out = {.copy = Copy::from(words), .count = c.count};
  return true;
}

// Peels copies that are alone in a cell, which leaves others alone in theirs.
Iblt::Decoded Iblt::decode() const {
  Iblt rest = *this;
  Decoded out;
  std::vector<std::size_t> look;
  for (std::size_t i = cells_.size(); i-- > 0;) look.push_back(i);
  while (!look.empty()) {
    const std::size_t cell = look.back();
    look.pop_back();
    Difference found;
    if (!rest.alone(cell, found)) continue;
    out.differences.push_back(found);
    rest.add(found.copy, -found.count);
    for (const std::size_t place : rest.places(found.copy.hash())) look.push_back(place);
  }
  out.whole = std::ranges::all_of(rest.cells_, &Cell::empty);
  std::ranges::sort(out.differences);
  return out;
}

Sketches::Sketches(const SketchConfig& config) : config_(config), table_(config.cells) {
  CHECK(config.shards > 0);
  CHECK(config.interval > model::Duration{});
}

void Sketches::count(const model::Message& message, model::DeviceId recipient, std::int64_t count) {
  const Copy copy = Copy::of(message, recipient);
  table_.add(copy, count);
  const auto shard =
      static_cast<std::uint32_t>(mix(message.stream.conversation.value()) % config_.shards);
  const std::int64_t interval = model::to_ns(message.accepted_at) / config_.interval.count();
  const auto at = sums_.try_emplace({shard, interval}).first;
  auto& [balance, sum] = at->second;
  balance += count;
  sum += copy.hash() * static_cast<std::uint64_t>(count);
  // What is even again says nothing any more.
  if (balance == 0 && sum == 0) sums_.erase(at);
}

void Sketches::on_fact(const model::Fact& fact) {
  const auto commit = [this](const model::Message& message, const model::Recipients& recipients) {
    for (const model::Recipient& r : recipients) count(message, r.device, +1);
    committed_ += recipients.size();
  };
  if (const auto* committed = std::get_if<model::Committed>(&fact)) {
    commit(committed->message, committed->recipients);
  } else if (const auto* changed = std::get_if<model::MemberChanged>(&fact)) {
    commit(changed->message, changed->recipients);
  } else if (const auto* applied = std::get_if<model::Applied>(&fact)) {
    ++applied_;
    // Given up before, it was taken away then.
    const bool again =
        !doubtful_.empty() && doubtful_.erase(Copy::of(applied->message, applied->device)) != 0;
    if (!again) count(applied->message, applied->device, -1);
  } else if (const auto* settled = std::get_if<model::Settled>(&fact)) {
    ++settled_;
    const Copy copy = Copy::of(settled->message, settled->device);
    // Only these are certain not to have been applied. What expired may have been in doubt before.
    const bool certain =
        settled->cause == model::Cause::kExpired || settled->cause == model::Cause::kOverCapacity;
    const bool is_new = certain ? doubtful_.erase(copy) == 0 : doubtful_.insert(copy).second;
    if (is_new) count(settled->message, settled->device, -1);
  } else if (const auto* corrected = std::get_if<model::Corrected>(&fact)) {
    // It had been applied before it was given up, and was taken away twice.
    const bool twice = doubtful_.erase(Copy::of(corrected->message, corrected->device)) != 0;
    if (twice) count(corrected->message, corrected->device, +1);
  }
}

void Sketches::merge(const Sketches& other) {
  CHECK(config_.shards == other.config_.shards);
  CHECK(config_.interval == other.config_.interval);
  table_.merge(other.table_);
  for (const auto& [key, theirs] : other.sums_) {
    auto& [balance, sum] = sums_[key];
    balance += theirs.first;
    sum += theirs.second;
    if (balance == 0 && sum == 0) sums_.erase(key);
  }
  doubtful_.insert(other.doubtful_.begin(), other.doubtful_.end());
  committed_ += other.committed_;
  applied_ += other.applied_;
  settled_ += other.settled_;
}

SketchReport Sketches::report() const {
  SketchReport out;
  out.committed = committed_;
  out.applied = applied_;
  out.settled = settled_;
  const Iblt::Decoded decoded = table_.decode();
  out.whole = decoded.whole;
  for (Difference d : decoded.differences) {
    // Given up in doubt and yet applied, which is no harm.
    if (d.count < 0 && doubtful_.contains(d.copy)) ++d.count;
    if (d.count != 0) (d.count > 0 ? out.lost : out.doubled).push_back(d);
  }
  for (const auto& [key, left] : sums_) {
    out.balances.push_back({key.first, key.second, left.first, left.second});
  }
  return out;
}

}  // namespace greytick::oracle
