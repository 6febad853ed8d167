#ifndef GREYTICK_SIM_SCENARIO_SCENARIO_H_
#define GREYTICK_SIM_SCENARIO_SCENARIO_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sim/scenario/data_file.h"
#include "sim/scenario/dist_spec.h"
#include "sim/scenario/fault.h"
#include "sim/scenario/gates.h"
#include "sim/scenario/loss.h"
#include "sim/scenario/units.h"

// A scenario, resolved: every key has its value, every default is filled in. Plain data, compared
// by value; load.h makes one from YAML and write.h writes it back. Initial values below are the
// defaults of the scenario form; where they were measured, docs/scenario.md cites the source.
namespace greytick::scenario {

enum class PipelineKind : uint8_t { kReal, kNaive };
enum class PopOrder : uint8_t { kFifo, kLifo };
enum class NaiveRoute : uint8_t {
  kSticky,     // a device's requests go to the server it is connected to
  kAlternate,  // each request goes to the next server in turn
};

/// The delivery core under test. The options after `kind` belong to the naive pipeline only.
struct Pipeline {
  PipelineKind kind = PipelineKind::kReal;
  PopOrder pop = PopOrder::kFifo;
  uint32_t servers = 1;  // 1 or 2
  NaiveRoute route = NaiveRoute::kSticky;
  uint32_t flush_batch = 0;   // entries popped at once; 0: the whole queue
  uint32_t flush_window = 0;  // unacknowledged entries before the rest is put back; 0: none
  Duration step = std::chrono::milliseconds(1);  // one registry, queue or store access
  bool operator==(const Pipeline&) const = default;
};

enum class PresenceMode : uint8_t {
  kSessions,  // alternates session and away
  kAlways,    // wants to be connected all the time
  kScripted,  // offline until the script connects it
};

struct Presence {
  PresenceMode mode = PresenceMode::kSessions;
  DistSpec session;  // length of one stay; measured mean 640 s
  DistSpec away;     // time between two stays; measured mean 1385 s
  Share initially_online{0.316};
  Duration login_spread = std::chrono::seconds(30);  // initial logins are uniform over this time
  bool operator==(const Presence&) const = default;
  Presence();
};

struct RegionShare {
  std::string region;
  Share share;
  bool operator==(const RegionShare&) const = default;
};

/// Groups of users drawn at random, each user as likely.
struct GroupPopulation {
  uint32_t count = 0;
  DistSpec size;  // members, at least 2, rounded down
  bool operator==(const GroupPopulation&) const = default;
  GroupPopulation();
};

inline constexpr uint32_t kDevicesMax = 8;  // of one user

/// So many of the users have so many devices.
struct DeviceShare {
  uint32_t devices = 1;
  Share share{1.0};
  bool operator==(const DeviceShare&) const = default;
};

/// Each user's phone has the user's number, 0 .. users-1; linked devices are numbered from there,
/// user by user.
struct Population {
  uint64_t users = 1000;
  std::vector<DeviceShare> devices_per_user{{}};  // never empty, ascending; sum 1
  Presence presence;
  DistSpec contacts;                 // a user's conversations, at least 1, rounded down
  DistSpec activity;                 // relative weight of a user as a sender
  std::vector<RegionShare> regions;  // one entry a region, in the order of topology.regions; sum 1
  GroupPopulation groups;
  Share old_apps{0};  // devices whose app speaks version 1 of the protocol, all the time
  bool operator==(const Population&) const = default;
  Population();
};

/// How many devices a user has, the phone included: the shares, spread evenly over the users
/// without a draw.
[[nodiscard]] uint32_t devices_of(const Population& population, uint64_t user);
/// Whose device that is; `users` when there is no such device.
[[nodiscard]] uint64_t user_of(const Population& population, uint64_t device);
/// Whether the app on that device is an old one: the share, spread evenly without a draw.
[[nodiscard]] bool has_old_app(const Population& population, uint64_t device);
/// Devices of all users.
[[nodiscard]] uint64_t device_count(const Population& population);

enum class Arrivals : uint8_t { kOpen };  // latency counts from the intended send time

/// Recorded messages, a CSV with the header t_s,sender,recipient, ascending by t_s; file order
/// breaks ties. Names in the file are numbered by first appearance, so user i is the i-th new name.
struct Trace {
  DataFile file;
  bool operator==(const Trace&) const = default;
};

/// A recorded group chat, a CSV with the header window,minute,user,bytes. Each window is a group of
/// its own people: the users are numbered window by window. All windows begin at traffic.from.
struct GroupTrace {
  DataFile file;
  uint32_t windows = 0;  // the first ones of the file; 0: all
  bool operator==(const GroupTrace&) const = default;
};

/// How far the clocks of a region are ahead of those of the simulation.
struct RegionClock {
  std::string region;
  Duration ahead{0};
  bool operator==(const RegionClock&) const = default;
};

/// Shape of the day: a CSV column of 24 factors with mean 1, one an hour.
struct DailyProfile {
  DataFile file;
  std::string column;
  std::vector<RegionClock> clocks =
      {};  // none: one clock for all; else a region not listed is at 0
  bool operator==(const DailyProfile&) const = default;
};

/// A conversation is a run of messages between two users, in turns drawn at random. Starts are
/// thinned so that traffic.messages stays the mean rate.
struct Conversation {
  DistSpec length;  // messages, at least 1, rounded down; 1 means independent messages
  DistSpec gap;     // between two of them
  bool operator==(const Conversation&) const = default;
  Conversation();
};

struct Traffic {
  Rate messages;  // mean over the whole service; 0: none but the script's and the trace's
  std::optional<Trace> trace;
  std::optional<GroupTrace> group_trace;
  Arrivals arrivals = Arrivals::kOpen;
  Duration from{0};
  std::optional<Duration> until;  // absent: the horizon
  std::optional<DailyProfile> daily;
  Conversation conversation;
  Share groups{0};  // messages that go to a group, of one message each
  DistSpec size;    // bytes of plaintext
  Bytes pad_to{160};
  Bytes envelope{120};
  Share read_share{0.85};  // messages that are read at all
  DistSpec read_after;     // from apply to read, while the app is in the foreground
  bool operator==(const Traffic&) const = default;
  Traffic();
};

struct Region {
  std::string name;
  std::string location;  // row and column of the region matrix, "eu-central-1"
  bool operator==(const Region&) const = default;
};

struct Gateways {
  uint32_t per_region = 2;
  uint64_t sessions_max = 100'000;
  Rate accept_rate{4000.0};        // logins a second; the rest wait in the accept queue
  uint64_t accept_queue = 10'000;  // beyond it a connection is refused
  Bytes session_queue{256 *
                      1024};  // unsent bytes of one connection; beyond it the slow consumer is cut
  uint64_t request_queue = 20'000;  // beyond it SEND is answered RETRYABLE
  Duration drain =
      std::chrono::seconds(30);  // a draining gateway closes its sessions over this time
  Duration retry_after = std::chrono::seconds(20);  // its hint to clients: come back within
  bool operator==(const Gateways&) const = default;
};

/// Counts are per region.
struct Shards {
  uint32_t conversation = 16;
  uint32_t mailbox = 16;
  uint32_t processes = 4;                       // hosts of the shards, dealt round robin
  Duration restart = std::chrono::seconds(20);  // from a crash's end, or a lost lease, to serving
  uint64_t channel_max = 100'000;  // unacknowledged entries of a channel; beyond it RETRYABLE
  uint64_t mailbox_max = 100'000;  // entries of one device; beyond it a new one becomes a tombstone
  bool operator==(const Shards&) const = default;
};

/// One transactional store a region.
struct Store {
  Duration commit_every = std::chrono::milliseconds(5);  // group commit
  DistSpec sync;                                         // latency of one sync
  Bytes disk{uint64_t{1} << 40};
  Bytes reserve{uint64_t{1} << 26};  // free space below which shards refuse early
  bool operator==(const Store&) const = default;
  Store();
};

struct Push {
  Rate rate_max{9000.0};
  DistSpec delay;    // from accepted request to the phone
  Share wake{0.95};  // requests that wake it
  bool operator==(const Push&) const = default;
  Push();
};

struct Lease {
  Duration duration = std::chrono::seconds(10);
  Duration renew = std::chrono::seconds(3);
  bool operator==(const Lease&) const = default;
};

struct Topology {
  std::vector<Region> regions;  // never empty
  Gateways gateways;
  Shards shards;
  Store store;
  Push push;
  Lease lease;
  uint32_t version = 2;         // of the protocol, that all servers speak at the start
  uint32_t members_max = 1024;  // users of one conversation
  Duration retention = std::chrono::hours(24 * 30);  // TTL of an undelivered message
  Duration settle = std::chrono::hours(24);          // D: an in-doubt entry settles at TTL + D
  bool operator==(const Topology&) const = default;
  Topology();
};

enum class HeartbeatMode : uint8_t {
  kElided,    // healthy idle beats cost no event; verdicts are those of explicit
  kExplicit,  // every beat is an event
};

struct Heartbeat {
  Duration every = std::chrono::seconds(30);
  Duration timeout = std::chrono::seconds(20);
  HeartbeatMode mode = HeartbeatMode::kElided;
  bool operator==(const Heartbeat&) const = default;
};

enum class Jitter : uint8_t { kNone, kEqual, kFull, kDecorrelated };

struct Backoff {
  Jitter jitter = Jitter::kFull;
  Duration base = std::chrono::seconds(1);
  double factor = 2.0;
  Duration max = std::chrono::seconds(30);
  Duration reset_after =
      std::chrono::seconds(30);  // open this long before the attempt count is 0 again
  Duration initial_spread{
      0};  // the first attempt after a lost connection waits uniformly up to this
  bool operator==(const Backoff&) const = default;
};

struct Retry {
  Duration ack_timeout = std::chrono::seconds(8);     // SEND without a response is sent again
  Duration hello_timeout = std::chrono::seconds(10);  // HELLO without WELCOME: drop the connection
  bool operator==(const Retry&) const = default;
};

struct Windows {
  uint32_t send = 16;                          // Ws: SENDs without a definite response
  uint32_t deliver = 256;                      // W: entries offered and unacknowledged
  Bytes deliver_bytes{uint64_t{1024} * 1024};  // the same, in bytes
  bool operator==(const Windows&) const = default;
};

struct Client {
  Heartbeat heartbeat;
  Duration connect_timeout = std::chrono::seconds(20);
  Backoff backoff;
  Retry retry;
  Windows windows;
  DistSpec commit;  // one local transaction of the device
  bool operator==(const Client&) const = default;
  Client();
};

/// A link that stops carrying packets now and then and loses none for it.
struct Stalls {
  DistSpec every;
  DistSpec lasts;  // key `for`
  bool operator==(const Stalls&) const = default;
};

/// A change of network, which breaks the connection.
struct Handoff {
  DistSpec every;
  DistSpec gap;  // without any network
  bool operator==(const Handoff&) const = default;
};

/// How a device reaches its region. Delay is the round trip beyond the wide-area path.
struct Access {
  std::string name;
  DistSpec rtt;
  Duration holds{0};  // a drawn round trip is that of both ways for so long; 0: each packet draws
  Share correlation;  // of successive delays
  Loss loss;
  BitRate down{100'000'000};
  BitRate up{100'000'000};
  std::optional<Stalls> stalls;
  std::optional<Handoff> handoff;
  Share assigned;  // part of the devices; over all access networks the sum is 1
  bool operator==(const Access&) const = default;
};

enum class RegionMatrix : uint8_t {
  kAws,       // measured means between AWS regions, from `file`
  kAzureP95,  // 95 of 100 round trips between Azure regions took no longer, from `file`
  kIbmZones,  // measured means between IBM availability zones, from `file`
  kUniform,   // `rtt` between any two
};

/// A line between two regions, both ways.
struct BackboneLink {
  std::string from, to;
  std::optional<Duration> rtt;  // absent: what the matrix says of the two
  bool operator==(const BackboneLink&) const = default;
};

struct Backbone {
  RegionMatrix matrix = RegionMatrix::kAws;
  DataFile file;    // square CSV: header from_region,<location>...; milliseconds of round trip
  Duration rtt{0};  // uniform only
  std::vector<BackboneLink> links;  // frames go the shortest way over them; none: a line for each
                                    // pair of regions, and frames go straight
  DistSpec jitter;                  // added to each one-way trip between regions
  DistSpec within;                  // round trip between two servers of one region
  Share loss{0.00001};              // a packet between servers
  bool operator==(const Backbone&) const = default;
  Backbone();
};

struct Tcp {
  uint32_t handshake_rtts = 3;  // TCP, TLS 1.3 and the upgrade
  Duration rto_initial = std::chrono::seconds(1);
  Duration rto_min = std::chrono::milliseconds(200);
  Duration rto_max = std::chrono::seconds(120);
  uint32_t retries = 15;  // then the connection is reset
  bool operator==(const Tcp&) const = default;
};

struct Network {
  std::vector<Access> access;  // those with a share above 0, in the order of the file
  Backbone backbone;
  Tcp tcp;
  bool operator==(const Network&) const = default;
  Network();
};

/// As what frames travel and records are stored. The run is the same; only its cost is not.
enum class WireMode : uint8_t {
  kStruct,   // the values themselves
  kEncoded,  // their bytes (model/wire), decoded at the far end
};

enum class ScriptVerb : uint8_t {
  kConnect,     // wants to be connected from now on
  kDisconnect,  // closes cleanly and stays away
  kVanish,      // network gone without a word; the server still believes the connection
  kReturn,      // network back after vanish
  kKill,        // app killed: loses what is not durable, stays away until connect
  kReinstall,   // a new incarnation, away until connect
  kSend,        // `count` messages to `to`, `every` apart
  kRead,        // reads everything applied so far of the conversation with `to`
  kJoin,        // asks to be a member of `group`
  kLeave,       // asks to be none
  kLink,        // registers as one more device of its user, and is online from now on
  kUnlink,      // logs out, and is no device of its user any more
};

/// One staged action, for tiny scenarios that must take one exact course.
struct ScriptAction {
  Duration at{0};
  uint64_t device = 0;
  ScriptVerb verb = ScriptVerb::kConnect;  // key `do`
  uint64_t to = 0;                         // send and read: the other user
  std::string group{};                     // send, read, join, leave: the group; empty: `to`
  std::optional<uint64_t> through{};       // the devices from `device` to this one, all of them
  uint64_t count = 1;                      // send
  Duration every{0};                       // send
  bool operator==(const ScriptAction&) const = default;
};

/// A group by name: users first .. first+members-1 are in it before the run.
struct Group {
  std::string name;
  uint64_t first = 0;
  uint64_t members = 2;
  bool operator==(const Group&) const = default;
};

/// A scenario that must fail: it passes when each invariant named here is violated.
struct Expect {
  std::vector<Invariant> violates;  // empty: a usual scenario
  bool operator==(const Expect&) const = default;
};

/// Who watches, besides the judge.
struct Oracle {
  bool sketches = true;
  bool operator==(const Oracle&) const = default;
};

struct Record {
  Duration metrics_every = std::chrono::seconds(10);  // one row of the time series
  bool history = false;                               // history.ndjson: every fact
  bool operator==(const Record&) const = default;
};

/// After the horizon load stops, faults heal and devices with a backlog connect.
struct Drain {
  Duration limit = std::chrono::minutes(10);
  Rate connect_rate{2000.0};
  bool operator==(const Drain&) const = default;
};

struct Scenario {
  std::string name;
  std::string about;
  uint32_t version = 1;
  uint64_t seed = 1;
  bool seed_random = false;  // `seed: random`: the caller draws one before the run
  Duration horizon = std::chrono::minutes(10);
  Duration warmup{0};  // excluded from metrics, never from invariants
  Pipeline pipeline;
  Population population;
  Traffic traffic;
  Topology topology;
  Client client;
  Network network;
  WireMode wire = WireMode::kStruct;
  std::vector<Group> groups;
  std::vector<ScriptAction> script;  // ascending by `at`; file order breaks ties
  std::vector<Fault> faults;         // in file order
  Gates gates;
  Expect expect;
  Oracle oracle;
  Record record;
  Drain drain;
  bool operator==(const Scenario&) const = default;
};

}  // namespace greytick::scenario

#endif  // GREYTICK_SIM_SCENARIO_SCENARIO_H_
