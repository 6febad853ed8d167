// Inside of the world: what the parts of the driver share. One event at a time; a
// machine steps only from an event, a fault or the start, never from within another step.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include <boost/container/small_vector.hpp>
#include <boost/unordered/unordered_flat_map.hpp>
#include <boost/unordered/unordered_flat_set.hpp>

#include "model/conversation_shard.h"
#include "model/device.h"
#include "model/gateway.h"
#include "model/mailbox_shard.h"
#include "model/push.h"
#include "sim/engine/event_queue.h"
#include "sim/engine/fingerprint.h"
#include "sim/engine/random.h"
#include "sim/faults/controls.h"
#include "sim/faults/injector.h"
#include "sim/memory/slab.h"
#include "sim/net/law.h"
#include "sim/net/network.h"
#include "sim/world/alarm.h"
#include "sim/world/commit.h"
#include "sim/world/fact_sink.h"
#include "sim/world/letters.h"
#include "sim/world/nodes.h"
#include "sim/world/people.h"
#include "sim/world/provider.h"
#include "sim/world/store.h"
#include "sim/world/workload.h"
#include "sim/world/world.h"

namespace greytick::world {

using engine::EventClass;

class Driver final : public faults::Controls {
 public:
  Driver(const scenario::Scenario& scenario, FactSink& facts);

  void run_until(Instant end);
  void begin_drain();
  [[nodiscard]] bool drained() const;
  [[nodiscard]] Instant reached() const { return now_; }
  [[nodiscard]] std::uint64_t fingerprint() const;
  [[nodiscard]] Stats stats() const;
  [[nodiscard]] const faults::Injector& injector() const { return *injector_; }

  // --- faults::Controls: driver_controls.cc ---
  std::uint32_t devices() const override { return people_.devices(); }
  net::Endpoint device(std::uint32_t index) const override { return people_.endpoint(index); }
  std::vector<faults::LiveConnection> connections() const override;
  net::Network& network() override { return network_; }
  void links_changed(Instant at) override;
  void radio_changed(std::uint32_t device, Instant at) override;
  void reset_connection(std::uint32_t device, Instant at) override;
  void half_open_connection(std::uint32_t device, Instant at) override;
  void switch_network(std::uint32_t device, Instant at) override;
  void crash(const net::Endpoint& node, Instant at) override;
  void restart(const net::Endpoint& node, Instant at) override;
  void pause(const net::Endpoint& node, Instant at) override;
  void resume(const net::Endpoint& node, Instant at) override;
  void set_version(const net::Endpoint& node, model::Version version, Instant at) override;
  void set_store(std::uint32_t region, const faults::StoreCondition& condition,
                 Instant at) override;
  void steal_lease(const Address& shard, Instant at) override;
  std::uint32_t host(const Address& shard) const override;
  void move_shard(const Address& shard, const faults::Move& move, Instant at) override;
  void set_member(std::uint32_t process, bool member, Instant at) override;
  void replay(const Address& shard, std::uint64_t entries, Instant at) override;
  void drain_gateway(std::uint32_t gateway, Instant at) override;
  void undrain_gateway(std::uint32_t gateway, Instant at) override;
  void set_push(const faults::PushCondition& condition, Instant at) override;
  void kill_app(std::uint32_t device, Instant at) override;
  void revive_app(std::uint32_t device, Instant at) override;
  void reinstall_app(std::uint32_t device, Instant at) override;
  void back_up_app(std::uint32_t device, std::uint64_t backup, Instant at) override;
  void restore_app(std::uint32_t device, std::uint64_t backup, Instant at) override;

 private:
  // Who begins to talk, and to whom: a group where `group` says so, else a user.
  struct Beginning {
    std::uint32_t sender = 0, peer = 0;
    std::optional<std::uint32_t> group = {};
  };

  // --- the loop and what all parts use: driver.cc ---
  void handle(const engine::Event& event);
  void schedule(engine::Origin& origin, Instant at, EventClass when, EventKind kind,
                std::uint32_t target, std::uint32_t body) {
    queue_.push(origin.make(at, when, target, static_cast<std::uint8_t>(kind), body));
    if (queue_.size() > queue_peak_) queue_peak_ = queue_.size();
  }
  void emit(const model::Fact& fact);
  void signal(SignalKind kind, DeviceId device = {}, std::int64_t value = 0) {
    facts_.on_signal(now_, {kind, device, value});
  }
  std::uint32_t wrap(const Input& input, std::uint32_t process = kNone) {
    return parcels_.emplace(process, input);
  }
  std::uint32_t wrap(const Address& from, model::Frame&& frame, std::uint32_t process = kNone) {
    return parcels_.emplace(process, std::in_place_type<model::Arrive>, from, std::move(frame));
  }
  /// A frame that leaves for another node, as itself or as bytes.
  std::uint32_t post(const Address& from, model::Frame&& frame, std::uint32_t process = kNone) {
    if (!letters_.encoded()) return wrap(from, std::move(frame), process);
    return post_letter(from, std::move(frame), process);
  }
  std::uint32_t post_letter(const Address& from, model::Frame&& frame, std::uint32_t process);
  /// The far end of post(): from here on `input` is whole.
  void open(std::uint32_t parcel);
  void schedule_faults();
  [[nodiscard]] model::Stimulus stimulus(const net::Endpoint& at, Entropy& entropy) const {
    return {now_, wall_clocks_ ? injector_->wall(at, now_) : now_, entropy.next()};
  }
  /// Runs one input and all that the machine posts to itself. on(output) takes each output but
  /// posts, in order; it answers false when the machine is gone and the rest with it.
  template <class M, class On>
  void step(typename M::State& state, const Input& input, const net::Endpoint& at, Entropy& entropy,
            const Store* store, On&& on);

  // --- memory ahead of its use: driver_ahead.cc ---
  void look_ahead();
  template <class F>
  void each_ahead(std::size_t& seen, std::size_t places, F&& f);
  void want_nodes(const engine::Event& event);
  template <class F>
  void wanted_rows(const engine::Event& event, F&& f);
  void want_wires(const engine::Event& event);
  // What lies on the way to what a gateway knows of a connection.
  enum class Reach : std::uint8_t { kNode, kConnection, kWire, kSocket };
  void want_socket(const engine::Event& event, Reach reach);
  void foresee_arrival();
  void guess_arrival();
  void step_to_arrival();
  void foresee(const model::Output& output, bool next);
  void foresee_held(const engine::Event& event, bool next);
  template <class F>
  void wanted_register(const engine::Event& event, F&& f);

  // --- phones: driver_device.cc ---
  DeviceNode& node_of(std::uint32_t device);
  [[nodiscard]] DeviceNode* find_node(std::uint32_t device) {
    return node_of_[device] == kNone ? nullptr : &devices_[node_of_[device]];
  }
  void device_input(DeviceNode& n, const Input& input, bool own_will = false);
  void device_parcel(DeviceNode& n, std::uint32_t parcel);
  void device_persist(DeviceNode& n, std::span<model::Write> writes);
  void device_out(DeviceNode& n, model::Output& output);
  void device_note(DeviceNode& n, const model::Fact& fact);
  void device_send(DeviceNode& n, model::Send& send);
  void device_wake(DeviceNode& n, const model::Wake& wake);
  void device_timer(DeviceNode& n, model::Timer timer);
  void device_durable(DeviceNode& n);
  void start_app(DeviceNode& n);
  void stop_app(DeviceNode& n, bool silent);
  void go_online(DeviceNode& n, Duration spread = {});
  void go_offline(DeviceNode& n);
  void provision_user(std::uint32_t user);
  void provision_device(std::uint32_t device, std::uint32_t user);
  model::ConversationId provision_pair(std::uint32_t a, std::uint32_t b);
  model::ConversationId provision_group(std::uint32_t group);
  void provision_conversation(model::ConversationId c, std::span<const std::uint32_t> users);

  // --- connections: driver_wire.cc ---
  void dial(DeviceNode& n);
  [[nodiscard]] std::optional<std::uint32_t> choose_gateway(const DeviceNode& n,
                                                            std::uint32_t connection) const;
  [[nodiscard]] Wire* find_wire(std::uint32_t connection);
  [[nodiscard]] Wire* wire_of(const DeviceNode& n) {
    return n.wire == kNone ? nullptr : &wires_[n.wire];
  }
  [[nodiscard]] Address device_address(const Wire& w) const {
    return {Role::kDevice, w.device, w.net.id};
  }
  [[nodiscard]] Address gateway_address(const Wire& w) const {
    return {Role::kGateway, w.gateway, w.net.id};
  }
  void established(std::uint32_t connection);
  bool accepted(Wire& w);
  void refuse(DeviceNode& n, std::uint32_t gateway, std::uint32_t connection, Instant at,
              Duration retry_after);
  void transmit(Wire& w, net::Way way, model::Frame&& frame);
  void meet(Wire& w, net::Way way, std::uint32_t parcel, const net::Fate& fate);
  void refresh(Wire& w);
  void became_sick(Wire& w);
  void explicit_beats(Wire& w);
  void end_device_side(Wire& w, bool silent);
  void end_gateway_side(Wire& w, Duration retry_after, bool silent);
  void reset(std::uint32_t connection);
  void lose_device_side(Wire& w, Duration retry_after);
  void lose_gateway_side(Wire& w);
  void forget_if_over(std::uint32_t connection);
  void give_up(std::uint32_t connection);
  void handoff(std::uint32_t connection);
  /// Connections that pass the test, by connection number.
  template <class F>
  [[nodiscard]] std::vector<std::uint32_t> wires_where(F&& test);

  // --- gateways and push: driver_gateway.cc ---
  void gateway_input(GatewayNode& g, const Input& input);
  void gateway_parcel(GatewayNode& g, std::uint32_t parcel);
  void gateway_timer(GatewayNode& g, std::uint32_t device);
  void gateway_wake(GatewayNode& g, const model::Wake& wake);
  void drain_step(GatewayNode& g, std::uint32_t connection);
  void crash_gateway(GatewayNode& g);
  void push_input(const Input& input);
  void push_parcel(std::uint32_t parcel);
  void push_timer(std::uint32_t device);
  void provider_asked(std::uint32_t device);
  void nudge(std::uint32_t device, bool wakes);
  /// A frame from a server to a server. process: where to look for the shard that it goes to;
  /// kNone: where `from` believes it to be.
  void to_server(const net::Endpoint& from, const Address& sender, engine::Origin& origin,
                 model::Send& send, std::uint32_t process = kNone);
  void hand_out_again(const Address& shard, std::uint64_t entries, std::uint32_t process);

  // --- shards: driver_shard.cc ---
  [[nodiscard]] ShardNode& shard_at(const Address& a) {
    return shards_[a.role == Role::kConversation ? a.index : first_mailbox_ + a.index];
  }
  [[nodiscard]] std::uint32_t number_of(const ShardNode& s) const {
    return s.address.role == Role::kConversation ? s.address.index
                                                 : first_mailbox_ + s.address.index;
  }
  [[nodiscard]] std::uint64_t channel_number(const Address& source, const Address& target) {
    return std::uint64_t{number_of(shard_at(source))} << 32 | number_of(shard_at(target));
  }
  [[nodiscard]] const net::Endpoint& host(const ShardNode& s) const {
    return processes_[s.process].endpoint;
  }
  void start_shard(ShardNode& s);
  void schedule_start(ShardNode& s, Duration delay);
  void crash_shard(ShardNode& s);
  void shard_input(ShardNode& s, const Input& input);
  void shard_parcel(ShardNode& s, std::uint32_t parcel);
  bool shard_out(ShardNode& s, model::Output& output);
  void shard_release(ShardNode& s, model::Output& output);
  Duration sync_time(ShardNode& s);
  void hasten_commits(ShardNode& s);
  void shard_persist(ShardNode& s, std::span<model::Write> writes);
  void watch_writes(std::span<const model::Write> writes);
  void shard_durable(ShardNode& s, std::uint32_t serial);
  void shard_timer(ShardNode& s, std::uint32_t body);
  void shard_wake(ShardNode& s, const model::Wake& wake);
  void take_over(ShardNode& s);
  [[nodiscard]] std::optional<std::uint32_t> next_host(const ShardNode& s) const;
  void lease_expired(std::uint32_t process, std::uint32_t outage);
  void look_at_room(std::uint16_t region);
  [[nodiscard]] std::uint64_t room(std::uint16_t region) const;
  void count_bytes(const ShardNode& s, std::uint64_t before);

  // --- shards that move by agreement: driver_move.cc ---
  void pass_on(ShardNode& s);
  [[nodiscard]] std::uint32_t place_known(const net::Endpoint& by, const ShardNode& s) const;

  // --- people: driver_people.cc ---
  void begin_presence();
  void begin_load();
  void come(std::uint32_t device, bool first);
  void leave(std::uint32_t device);
  void wake_ends(std::uint32_t device);
  void arrival();
  [[nodiscard]] Beginning pick(engine::Stream& draws) const;
  void next_arrival();
  void talk(std::uint32_t handle);
  void recorded();
  void read_due(DeviceNode& n, std::uint32_t handle);
  void plan_read(DeviceNode& n, model::ConversationId conversation);
  [[nodiscard]] bool is_unlinked(std::uint32_t device) const {
    return !unlinked_.empty() && unlinked_.contains(device);
  }
  void link(std::uint32_t device);
  void unlink(std::uint32_t device);
  [[nodiscard]] bool is_regular(std::uint32_t device) const {
    return (regular_bits_[device / 64] >> (device % 64) & 1) != 0;
  }
  [[nodiscard]] bool is_here(std::uint32_t user) const;
  std::uint32_t device_at_hand(std::uint32_t user);
  void compose(std::uint32_t device, model::ConversationId c, std::uint32_t bytes);
  [[nodiscard]] model::ConversationId place_of(const scenario::ScriptAction& action,
                                               std::uint32_t device);
  void act(std::uint32_t device, std::uint32_t number);
  [[nodiscard]] Duration residual(const net::Law& law, engine::Stream& stream) const;
  void set_regular(DeviceNode& n, bool regular);

  // --- the drain: driver_drain.cc ---
  [[nodiscard]] bool has_backlog(std::uint32_t device);
  void plan_connect(std::uint32_t device);
  void drain_connect(std::uint32_t device);
  void tell_footprints();
  [[nodiscard]] std::uint64_t rows_pending() const;

  const scenario::Scenario& scenario_;
  FactSink& facts_;
  engine::Streams streams_;
  People people_;
  Workload workload_;
  net::Network network_;
  std::vector<Parted> parted_;
  std::unique_ptr<faults::Injector> injector_;
  model::Placement placement_;
  bool wall_clocks_ = false;  // some fault bends wall clocks
  bool elided_ = true;
  bool started_ = false;

  engine::BucketQueue queue_;
  std::uint64_t queue_peak_ = 0, events_ = 0;
  std::uint64_t shard_transactions_ = 0, device_transactions_ = 0;
  std::array<std::uint64_t, kEventKinds> by_kind_{};
  // Events of the current bucket whose memory was asked for, stage by stage.
  struct Seen {
    std::uint64_t tick = 0;
    std::size_t nodes = 0, cells = 0, rows = 0, lists = 0, registers = 0;
  };
  Seen seen_;
  // What the next kArrival will want of memory, as it looked when it was scheduled.
  struct Foreseen {
    std::uint32_t device = 0;
    model::ConversationId conversation{};
    std::uint64_t next_step_at = ~std::uint64_t{0};  // a number of events
    int step = 0;
  } arriving_;
  Instant now_{};
  Instant horizon_{};
  std::vector<engine::Chain> chains_;  // one a region
  engine::Chain* chain_ = nullptr;     // of the event being handled
  engine::Origin world_origin_{std::uint64_t{8} << 32};
  Instant fault_at_ = model::kNever;  // of the pending kFault event

  memory::Slab<Parcel> parcels_;
  Letters letters_;
  BatchPool pool_;
  model::View view_;
  model::Outputs out_;
  boost::container::small_vector<model::Posted, 8> posts_;
  bool stepping_ = false;

  model::Device::Config device_config_;
  std::vector<std::uint32_t> node_of_;  // by device
  memory::Slab<DeviceNode> devices_;
  Store phones_;                                                         // the disks of all devices
  std::map<std::pair<std::uint64_t, std::uint32_t>, DiskCopy> backups_;  // by name and device
  std::vector<std::uint8_t> provisioned_;
  // Devices that are not linked yet, or not any more; never walked.
  boost::unordered_flat_set<std::uint32_t> unlinked_;
  net::Law device_commit_;

  memory::Slab<Wire> wires_;
  WireBook wire_book_;

  std::vector<GatewayNode> gateways_;
  std::vector<ProcessNode> processes_;
  std::vector<ShardNode> shards_;  // conversation shards, then mailbox shards
  std::uint32_t first_mailbox_ = 0;
  std::vector<DiskNode> disks_;
  net::Law sync_;
  std::uint32_t last_instance_ = 0;
  std::uint64_t replay_keep_ = 0;  // entries of each channel that a replay may ask for
  // Newest last, by channel_number(); looked up only, never walked.
  boost::unordered_flat_map<std::uint64_t, std::vector<model::ChannelEntry>> handed_out_;

  PushNode push_;
  Provider provider_;

  net::Law session_, away_, read_after_;
  std::vector<std::uint64_t> regular_bits_;  // devices in a stay of their own
  std::vector<std::uint64_t> flush_bits_;    // devices whose mailbox is being flushed
  struct Talk {
    std::uint32_t a, b, left;
  };
  memory::Slab<Talk> talks_;
  memory::Slab<model::ConversationId> reads_;
  std::vector<Recorded> trace_;
  std::size_t next_recorded_ = 0;
  std::uint64_t composed_ = 0;

  bool draining_ = false;
  bool footprints_told_ = false;
  std::vector<std::uint64_t> connect_planned_;  // bits
  std::uint64_t connects_planned_ = 0;
  Instant drain_from_{};
};

}  // namespace greytick::world
