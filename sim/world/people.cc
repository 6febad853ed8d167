#include "sim/world/people.h"

#include <algorithm>
#include <set>

#include "model/check.h"
#include "sim/engine/fingerprint.h"
#include "sim/memory/prefetch.h"
#include "sim/world/group_trace.h"

namespace greytick::world {
namespace {

using engine::Purpose;

// The first share that reaches u; the last one takes what rounding leaves over.
std::size_t pick(const std::vector<double>& upto, double u) {
  const auto it = std::ranges::upper_bound(upto, u);
  return std::min(static_cast<std::size_t>(it - upto.begin()), upto.size() - 1);
}

// Streams of users that share a purpose but not a use.
enum class Use : std::uint64_t { kPlace = 0, kWeight = 1 };
constexpr std::uint64_t entity(std::uint32_t user, Use use) {
  return static_cast<std::uint64_t>(use) << 32 | user;
}

// Pairs in the lower half of what a conversation's number can be, groups in the upper.
constexpr std::uint64_t kFirstGroup = std::uint64_t{1} << 39;
constexpr std::uint64_t kConversationsMax = kFirstGroup;
constexpr std::uint64_t kNumberedUsers = 1'048'576;
static_assert(kNumberedUsers * (kNumberedUsers - 1) / 2 < kConversationsMax);

}  // namespace

AliasTable::AliasTable(const std::vector<double>& weights) : cells_(weights.size()) {
  CHECK(!weights.empty());
  double sum = 0;
  for (const double w : weights) sum += w;
  const double scale = static_cast<double>(weights.size()) / sum;
  std::vector<double> left(weights.size());
  std::vector<std::uint32_t> small, large;
  for (std::uint32_t i = 0; i < weights.size(); ++i) {
    left[i] = weights[i] * scale;
    (left[i] < 1.0 ? small : large).push_back(i);
  }
  while (!small.empty() && !large.empty()) {
    const std::uint32_t low = small.back();
    const std::uint32_t high = large.back();
    small.pop_back();
    cells_[low] = {static_cast<float>(left[low]), high};
    left[high] -= 1.0 - left[low];
    if (left[high] < 1.0) {
      large.pop_back();
      small.push_back(high);
    }
  }
  for (const std::uint32_t i : large) cells_[i] = {1.0F, i};
  for (const std::uint32_t i : small) cells_[i] = {1.0F, i};
}

std::uint32_t AliasTable::draw(engine::Stream& stream) const {
  const auto i = static_cast<std::uint32_t>(stream.uniform_below(cells_.size()));
  return stream.uniform01() < static_cast<double>(cells_[i].keep) ? i : cells_[i].alias;
}

void AliasTable::prefetch(engine::Stream& stream) const {
  memory::prefetch(&cells_[stream.uniform_below(cells_.size())], sizeof(Cell));
  static_cast<void>(stream.uniform01());
}

People::People(const scenario::Scenario& scenario, const engine::Streams& streams)
    : streams_(streams),
      users_(static_cast<std::uint32_t>(scenario.population.users)),
      regions_(static_cast<std::uint32_t>(scenario.topology.regions.size())),
      contacts_(scenario.population.contacts) {
  CHECK(scenario::device_count(scenario.population) < (std::uint64_t{1} << 32));
  if (scenario::device_count(scenario.population) > users_) {
    first_linked_.reserve(users_ + 1);
    for (std::uint32_t user = 0; user < users_; ++user) {
      first_linked_.push_back(static_cast<std::uint32_t>(owner_.size()));
      owner_.resize(owner_.size() + scenario::devices_of(scenario.population, user) - 1, user);
    }
    first_linked_.push_back(static_cast<std::uint32_t>(owner_.size()));
  }
  const auto& shares = scenario.population.regions;
  const bool even = std::ranges::all_of(shares, [&](const scenario::RegionShare& r) {
    return r.share.value == shares.front().share.value;
  });
  if (shares.size() == regions_ && !even) {
    double sum = 0;
    for (const scenario::RegionShare& r : shares) home_upto_.push_back(sum += r.share.value);
  }
  if (scenario.network.access.size() > 1) {
    double sum = 0;
    for (const scenario::Access& a : scenario.network.access) {
      access_upto_.push_back(sum += a.assigned.value);
    }
  }
  const bool writes = scenario.traffic.messages.per_second > 0;
  if (writes && users_ > 0 && !scenario.population.activity.is_constant()) {
    const net::Law activity(scenario.population.activity);
    std::vector<double> weights(users_);
    for (std::uint32_t u = 0; u < users_; ++u) {
      engine::Stream stream = streams_.stream(Purpose::kWorkload, entity(u, Use::kWeight));
      // Nobody is quite silent: a weight of zero would leave the table without a user.
      weights[u] = std::max(activity.sample(stream), 1e-9);
    }
    senders_.emplace_back(weights);
  }
  for (const scenario::Group& g : scenario.groups) {
    Group& group = groups_.emplace_back(Group{g.name, {}});
    for (std::uint64_t i = 0; i < g.members; ++i) {
      group.members.push_back(static_cast<std::uint32_t>(g.first + i));
    }
  }
  if (scenario.traffic.group_trace) {
    std::uint32_t user = 0;
    for (const GroupWindow& window : read_group_trace(*scenario.traffic.group_trace)) {
      Group& group = groups_.emplace_back();
      for (std::uint32_t i = 0; i < window.users; ++i) group.members.push_back(user++);
    }
  }
  const scenario::GroupPopulation& more = scenario.population.groups;
  const net::Law sizes(more.size);
  for (std::uint32_t i = 0; i < more.count; ++i) {
    engine::Stream stream = streams_.stream(Purpose::kGroups, i);
    const auto size = static_cast<std::uint64_t>(std::max(sizes.sample(stream), 2.0));
    const std::uint64_t most = std::min<std::uint64_t>(users_, scenario.topology.members_max);
    std::set<std::uint32_t> members;
    while (members.size() < std::min(size, most)) {
      members.insert(static_cast<std::uint32_t>(stream.uniform_below(users_)));
    }
    groups_.push_back({{}, {members.begin(), members.end()}});
  }
}

std::uint32_t People::group(std::string_view name) const {
  const auto it = std::ranges::find(groups_, name, &Group::name);
  CHECK(it != groups_.end());
  return static_cast<std::uint32_t>(it - groups_.begin());
}

model::ConversationId People::conversation_of_group(std::uint32_t group) {
  return model::ConversationId(kFirstGroup + group);
}

std::uint32_t People::draw_group(engine::Stream& stream) const {
  CHECK(!groups_.empty());
  return static_cast<std::uint32_t>(stream.uniform_below(groups_.size()));
}

std::uint32_t People::draw_member(std::uint32_t group, engine::Stream& stream) const {
  const std::vector<std::uint32_t>& members = groups_[group].members;
  return members[stream.uniform_below(members.size())];
}

std::uint16_t People::home(std::uint32_t user) const {
  if (home_upto_.empty()) return static_cast<std::uint16_t>(user % regions_);
  engine::Stream stream = streams_.stream(Purpose::kPlacement, entity(user, Use::kPlace));
  return static_cast<std::uint16_t>(pick(home_upto_, stream.uniform01()));
}

net::Endpoint People::endpoint(std::uint32_t device) const {
  std::uint8_t access = 0;
  if (!access_upto_.empty()) {
    engine::Stream stream = streams_.stream(Purpose::kPlacement, entity(device, Use::kPlace), 1);
    access = static_cast<std::uint8_t>(pick(access_upto_, stream.uniform01()));
  }
  return {net::NodeKind::kDevice, access, home(user_of(device)), device};
}

std::uint32_t People::draw_sender(engine::Stream& stream) const {
  CHECK(users_ >= 2);
  if (!senders_.empty()) return senders_.front().draw(stream);
  return static_cast<std::uint32_t>(stream.uniform_below(users_));
}

void People::prefetch_sender(engine::Stream& stream) const {
  if (!senders_.empty()) senders_.front().prefetch(stream);
}

std::uint32_t People::draw_contact(std::uint32_t user, engine::Stream& stream) const {
  CHECK(users_ >= 2);
  engine::Stream own = streams_.stream(Purpose::kContacts, user);
  const double count = contacts_.is_constant() ? contacts_.quantile(0.5) : contacts_.sample(own);
  const auto contacts = static_cast<std::uint64_t>(std::max(count, 1.0));
  const std::uint64_t which = stream.uniform_below(contacts);
  engine::Stream contact = streams_.stream(Purpose::kContacts, user, 1 + which);
  const auto other = static_cast<std::uint32_t>(contact.uniform_below(users_ - 1));
  return other < user ? other : other + 1;
}

std::optional<model::ConversationId> People::known_conversation(std::uint32_t a,
                                                                std::uint32_t b) const {
  const std::uint64_t low = std::min(a, b);
  const std::uint64_t high = std::max(a, b);
  // Pairs are numbered as the cells below a diagonal.
  if (users_ <= kNumberedUsers) return model::ConversationId(high * (high - 1) / 2 + low);
  const auto it = spoken_.find(high << 32 | low);
  if (it == spoken_.end()) return std::nullopt;
  return model::ConversationId(it->second);
}

model::ConversationId People::conversation(std::uint32_t a, std::uint32_t b) {
  CHECK(a != b);
  if (const auto known = known_conversation(a, b)) return *known;
  const std::uint64_t low = std::min(a, b);
  const std::uint64_t high = std::max(a, b);
  const auto [it, fresh] = spoken_.try_emplace(high << 32 | low, spoken_.size());
  CHECK(it->second < kConversationsMax);
  return model::ConversationId(it->second);
}

std::uint64_t People::install_id(std::uint32_t device, std::uint64_t count) const {
  return engine::mix64(streams_.seed() ^ engine::mix64(std::uint64_t{device} << 24 | count)) | 1;
}

model::PayloadKey People::payload_key(std::uint64_t seed) { return {engine::mix64(seed)}; }

}  // namespace greytick::world
