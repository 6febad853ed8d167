#ifndef GREYTICK_SIM_SCENARIO_KEYS_H_
#define GREYTICK_SIM_SCENARIO_KEYS_H_

#include "sim/scenario/decode.h"
#include "sim/scenario/leaf.h"
#include "sim/scenario/scenario.h"
#include "sim/scenario/sweep.h"

// Every key of the scenario form, once: name, field, meaning, bounds. Decoder, writer and reference
// are visitors of these functions, so a key cannot exist for one of them alone.
namespace greytick::scenario {

template <class V>
void describe(V& v, Pipeline& p) {
  v.key("kind", p.kind, "The delivery core under test; the keys below are for `naive`.");
  v.key("pop", p.pop, "The end of the offline queue a flush pops from.");
  v.key("servers", p.servers, "Servers of the naive pipeline.", between(1, 2));
  v.key("route", p.route, "The server that handles a device's requests.");
  v.key("flush_batch", p.flush_batch, "Entries a flush pops at once; 0: the whole queue.");
  v.key("flush_window", p.flush_window,
        "Unacknowledged entries in a flush before the rest is put back; 0: no limit.");
  v.key("step", p.step, "One access to registry, queue or store.");
}

template <class V>
void describe(V& v, Presence& p) {
  v.key("mode", p.mode,
        "`sessions` come and go; `always_online` wants a connection all the time; `scripted` waits "
        "for the script.");
  v.key("session", p.session, "How long a device stays.");
  v.key("away", p.away, "How long it stays away.");
  v.key("initially_online", p.initially_online, "Devices that begin in a session.");
  v.key("login_spread", p.login_spread, "The first logins are uniform over this time.");
}

template <class V>
void describe(V& v, GroupPopulation& g) {
  v.key("count", g.count, "How many.", between(0, 1e8));
  v.key("size", g.size, "Members of one, at least 2.");
}

template <class V>
void describe(V& v, Group& g) {
  v.key("name", g.name, "What the script calls it.");
  v.key("first", g.first, "The first of its members, from 0.");
  v.key("members", g.members, "How many users are in it before the run.", between(1, 1e6));
}

template <class V>
void describe(V& v, Population& p) {
  v.key("users", p.users, "How many there are. Short form: `users` at the top level.",
        between(1, 4e9));
  v.key("devices_per_user", p.devices_per_user,
        "Shares of the users by their number of devices, at most 8, `{1: 86%, 2: 11%, 3: 3%}`. "
        "Phones have the numbers of their users; linked devices follow, user by user.");
  v.key("presence", p.presence, "Who is online, and for how long. A mode alone is a short form.");
  v.key("contacts", p.contacts, "Conversations of a user.");
  v.key("activity", p.activity, "Relative weight of a user as a sender.");
  v.key("regions", p.regions,
        "Share of the users by region, `{eu: 60%, in: 40%}`; without it, equal shares.");
  v.key("groups", p.groups, "Groups of users drawn at random.");
  v.key("old_apps", p.old_apps,
        "Devices whose app speaks version 1 of the protocol, whatever the servers do.");
}

template <class V>
void describe(V& v, Trace& t) {
  v.key("file", t.file, "CSV with the header t_s,sender,recipient, ascending by t_s.");
}

template <class V>
void describe(V& v, RegionClock& c) {
  v.key("region", c.region, "A region.");
  v.key("ahead", c.ahead, "Its clocks are ahead by this.", any_sign());
}

template <class V>
void describe(V& v, GroupTrace& t) {
  v.key("file", t.file, "CSV with the header window,minute,user,bytes.");
  v.key("windows", t.windows, "How many of its windows, each a group of its own people; 0: all.");
}

template <class V>
void describe(V& v, DailyProfile& d) {
  v.key("file", d.file, "CSV with a column of 24 hourly factors, mean 1.");
  v.key("column", d.column, "The column.");
  v.key(
      "clocks", d.clocks,
      "`{region, ahead}`, such as `{region: in, ahead: 5h 30m}`: each region has its own day, and "
      "its people write by it.");
}

template <class V>
void describe(V& v, Conversation& c) {
  v.key("length", c.length, "Messages of one conversation, in turns drawn at random.");
  v.key("gap", c.gap, "Time between two of them.");
}

template <class V>
void describe(V& v, Traffic& t) {
  v.key("messages", t.messages, "Mean rate of new messages over the whole service.");
  v.key("trace", t.trace, "Recorded messages instead. A file name alone is a short form.");
  v.key("group_trace", t.group_trace, "A recorded chat of groups.");
  v.key("arrivals", t.arrivals, "Open loop: latency counts from the intended send time.");
  v.key("from", t.from, "Messages begin at this time.");
  v.key("until", t.until, "Messages end at this time; without it, at the horizon.");
  v.key("daily", t.daily, "The shape of the day; without it, flat.");
  v.key("conversation", t.conversation, "Messages come in runs between two users.");
  v.key("groups", t.groups, "Messages that go to a group; any group is as likely.");
  v.key("size", t.size, "Bytes of plaintext.");
  v.key("pad_to", t.pad_to, "Ciphertext is padded to a multiple of this.", positive());
  v.key("envelope", t.envelope, "Bytes around the ciphertext.");
  v.key("read_share", t.read_share, "Messages that are read at all.");
  v.key("read_after", t.read_after, "Time from apply to read.");
}

template <class V>
void describe(V& v, Gateways& g) {
  v.key("per_region", g.per_region, "Gateways of each region.", between(1, 10'000));
  v.key("sessions_max", g.sessions_max, "Connections a gateway holds.", positive());
  v.key("accept_rate", g.accept_rate, "Logins a gateway takes on; the rest wait.", at_least(0.001));
  v.key("accept_queue", g.accept_queue, "How many may wait; beyond it a connection is refused.");
  v.key("session_queue", g.session_queue,
        "Unsent bytes of one connection; beyond it the slow consumer is cut off.", at_least(1024));
  v.key("request_queue", g.request_queue,
        "Requests in a gateway without an answer; beyond it SEND gets RETRYABLE.", positive());
  v.key("drain", g.drain, "A draining gateway closes its sessions over this time.");
  v.key("retry_after", g.retry_after, "Its hint: come back within this time.");
}

template <class V>
void describe(V& v, Shards& s) {
  v.key("conversation", s.conversation, "Conversation shards a region.", between(1, 4096));
  v.key("mailbox", s.mailbox, "Mailbox shards a region.", between(1, 4096));
  v.key("processes", s.processes, "Processes a region that host them, dealt round robin.",
        between(1, 4096));
  v.key("restart", s.restart, "From the end of a crash, or a lost lease, to serving again.");
  v.key("channel_max", s.channel_max,
        "Unacknowledged entries of a channel; beyond it SEND gets RETRYABLE.", positive());
  v.key("mailbox_max", s.mailbox_max,
        "Entries of one device; beyond it a new one becomes a tombstone.", positive());
}

template <class V>
void describe(V& v, Store& s) {
  v.key("commit_every", s.commit_every, "Group commit: writes gather for this long.");
  v.key("sync", s.sync, "Latency of one sync.");
  v.key("disk", s.disk, "Size of the disk.", at_least(1024));
  v.key("reserve", s.reserve, "Free space below which shards refuse early.");
}

template <class V>
void describe(V& v, Push& p) {
  v.key("rate_max", p.rate_max, "Requests the provider accepts.", at_least(0.001));
  v.key("delay", p.delay, "From an accepted request to the phone.");
  v.key("wake", p.wake, "Requests that wake the phone.");
}

template <class V>
void describe(V& v, Lease& l) {
  v.key("duration", l.duration, "How long a process owns a shard without renewing.", positive());
  v.key("renew", l.renew, "How often it renews.", positive());
}

template <class V>
void describe(V& v, Topology& t) {
  v.key("regions", t.regions,
        "Names, or `{name: location}`; the location is a row of the region matrix.");
  v.key("gateways", t.gateways, "Hold the connections.");
  v.key("shards", t.shards, "Own conversations and mailboxes.");
  v.key("store", t.store, "One transactional store a region.");
  v.key("push", t.push, "Stand-in for the push providers.");
  v.key("lease", t.lease, "Time-bounded ownership of shards. A time alone is the duration.");
  v.key("version", t.version, "Of the protocol, that all servers speak at the start.",
        between(1, 2));
  v.key("members_max", t.members_max, "Users of one conversation; a further one is refused.",
        between(2, 1'000'000));
  v.key("retention", t.retention, "An undelivered message is kept this long.", positive());
  v.key("settle", t.settle, "An in-doubt message settles this long after its retention.");
}

template <class V>
void describe(V& v, Heartbeat& h) {
  v.key("every", h.every, "Time between two beats on a quiet connection.", positive());
  v.key("timeout", h.timeout, "Silence after a beat before the connection is given up.",
        positive());
  v.key("mode", h.mode, "`elided` spends no event on healthy idle beats; same verdicts.");
}

template <class V>
void describe(V& v, Backoff& b) {
  v.key("jitter", b.jitter, "How the delay before an attempt is spread.");
  v.key("base", b.base, "Delay before the first repeated attempt.", positive());
  v.key("factor", b.factor, "Growth from one attempt to the next.", between(1, 100));
  v.key("max", b.max, "The longest delay.", positive());
  v.key("reset_after", b.reset_after, "A connection this old forgets the attempts before it.");
  v.key("initial_spread", b.initial_spread,
        "The first attempt after a lost connection waits uniformly up to this.");
}

template <class V>
void describe(V& v, Retry& r) {
  v.key("ack_timeout", r.ack_timeout, "A SEND without an answer is sent again.", positive());
  v.key("hello_timeout", r.hello_timeout, "A HELLO without WELCOME ends the connection.",
        positive());
}

template <class V>
void describe(V& v, Windows& w) {
  v.key("send", w.send, "SENDs of a conversation without a definite answer.", between(1, 1024));
  v.key("deliver", w.deliver, "Entries offered to a device and not yet acknowledged.",
        between(1, 65'536));
  v.key("deliver_bytes", w.deliver_bytes, "The same, in bytes.", at_least(1024));
}

template <class V>
void describe(V& v, Client& c) {
  v.key("heartbeat", c.heartbeat, "Finds half-open connections.");
  v.key("connect_timeout", c.connect_timeout, "An attempt is given up after this.", positive());
  v.key("backoff", c.backoff, "What spreads the return after a loss.");
  v.key("retry", c.retry, "Repeated requests on an open connection.");
  v.key("windows", c.windows, "How much may be on its way.");
  v.key("commit", c.commit, "One local transaction of the device.");
}

template <class V>
void describe(V& v, Stalls& s) {
  v.key("every", s.every, "Time between two stalls.");
  v.key("for", s.lasts, "Length of one.");
}

template <class V>
void describe(V& v, Handoff& h) {
  v.key("every", h.every, "Time between two changes of network.");
  v.key("gap", h.gap, "Without any network.");
}

struct RateRef {
  BitRate& down;
  BitRate& up;
};

template <class V>
void describe(V& v, RateRef& r) {
  v.key("down", r.down, "To the device.", positive());
  v.key("up", r.up, "From the device.", positive());
}

template <class V>
void describe(V& v, Access& a) {
  v.key("rtt", a.rtt, "Round trip beyond the wide-area path.");
  v.key("holds", a.holds,
        "A round trip once drawn is that of both ways for this time; for `0s` each way of each "
        "packet draws its own.");
  v.key("correlation", a.correlation, "Of successive delays.");
  v.key("loss", a.loss, "A percentage of the packets, or `{gilbert_elliott: {...}}`.");
  RateRef rate{a.down, a.up};
  v.key("rate", rate, "Capacity.");
  v.key("stalls", a.stalls, "The link stops now and then, and loses nothing for it.");
  v.key("handoff", a.handoff, "The network changes, which breaks the connection.");
}

// The inner mapping of `loss: {gilbert_elliott: ...}`.
struct BurstsRef {
  Loss& loss;
};

template <class V>
void describe(V& v, BurstsRef& b) {
  v.key("to_bad", b.loss.to_bad, "Good to bad, a packet.");
  v.key("to_good", b.loss.to_good, "Bad to good, a packet.");
  v.key("loss_bad", b.loss.loss_bad, "Lost in the bad state.");
  v.key("loss_good", b.loss.loss_good, "Lost in the good state.");
}

template <class V>
void describe(V& v, BackboneLink& l) {
  v.key("from", l.from, "A region.");
  v.key("to", l.to, "Another.");
  v.key("rtt", l.rtt, "Round trip; otherwise what the matrix says of the two.", positive());
}

template <class V>
void describe(V& v, Backbone& b) {
  v.key(
      "matrix", b.matrix,
      "Round trips between regions: means of `aws`, 95th percentiles of `azure_p95`, means between "
      "the availability zones of `ibm_zones`, or all the same.");
  v.key("file", b.file, "Square CSV of milliseconds; by default the measured one of `matrix`.");
  v.key("rtt", b.rtt, "Between any two regions, for `uniform`.");
  v.key("links", b.links,
        "Lines `{from, to, rtt}` between regions; frames go the shortest way, also around lines "
        "that a partition takes down. Without them each pair has one and frames go straight.");
  v.key("jitter", b.jitter, "Added to each one-way trip between regions.");
  v.key("within", b.within, "Round trip between two servers of one region.");
  v.key("loss", b.loss, "Packets lost between servers.");
}

template <class V>
void describe(V& v, Tcp& t) {
  v.key("handshake_rtts", t.handshake_rtts, "Round trips before the first frame.", between(1, 10));
  v.key("rto_initial", t.rto_initial, "Retransmission timeout before a sample.", positive());
  v.key("rto_min", t.rto_min, "Least timeout.", positive());
  v.key("rto_max", t.rto_max, "Longest timeout.", positive());
  v.key("retries", t.retries, "Retransmissions before the connection is reset.", between(1, 100));
}

template <class V>
void describe(V& v, ScriptAction& a) {
  v.key("at", a.at, "When.");
  v.key("device", a.device, "Which device, from 0.");
  v.key("do", a.verb, "What it does.");
  v.key("to", a.to, "send, read: the other user.");
  v.key("group", a.group, "send, read, join, leave: the group, instead of `to`.");
  v.key("through", a.through, "All devices from `device` to this one do it.");
  v.key("count", a.count, "send: how many.", between(1, 1e9));
  v.key("every", a.every, "send: time between two.");
}

template <class V>
void describe(V& v, FaultWith& w) {
  v.key("probability", w.probability, "Of each packet, commit or request.");
  v.key("gilbert_elliott", w.bursts, "Loss in bursts: to_bad, to_good, loss_bad, loss_good.");
  v.key("latency", w.latency, "Added delay.");
  v.key("jitter", w.jitter, "Its spread.");
  v.key("correlation", w.correlation, "Of successive delays.");
  v.key("distribution", w.distribution, "Shape of the jitter.");
  v.key("share", w.share, "Of the pairs, connections or devices.");
  v.key("offset", w.offset, "Of the clock.", any_sign());
  v.key("drift", w.drift, "Of the clock.", any_sign());
  v.key("jump", w.jump, "Of the clock.", any_sign());
  v.key("factor", w.factor, "Times as slow.", between(1, 10'000));
  v.key("free", w.free, "Bytes left on the disk.");
  v.key("entries", w.entries, "How many are handed out again; 50 for rebalance.", positive());
  v.key("to", w.to,
        "shard_move: process of the region that takes the shard, from 0; without it the next one. "
        "rolling_deploy: version of the protocol that the servers speak from their turn on.");
  v.key("handover", w.handover, "From the old owner's last commit to the new one's start.");
  v.key("hint", w.hint, "Until every server knows the new place; each learns at its own moment.");
  v.key("up", w.up, "Time with a working radio.");
  v.key("down", w.down, "Time without.");
  v.key("switches", w.switches, "Returns on another network, which break the connection.");
  v.key("rate", w.rate, "What still gets through.");
  v.key("answer", w.answer, "What the provider does.");
  v.key("retry_after", w.retry_after, "The hint in its refusal.");
  v.key("backup_age", w.backup_age, "How old the copy is when the phone is lost.");
  v.key("restart", w.restart, "From a server's stop to its start.");
  v.key("at_once", w.at_once, "Servers of a region that are taken together.", positive());
}

template <class V>
void describe(V& v, Where& w) {
  v.key("network", w.network, "Devices assigned to that access network.");
  v.key("region", w.region, "Devices homed in that region.");
  v.key("from", w.from, "What begins at that time or later.");
  v.key("until", w.until, "And before that time.", positive());
}

struct GatesRef {
  Gates& gates;
};

template <class V>
void describe(V& v, GatesRef& g) {
  v.key("always", g.gates.always, "Hold at every instant.");
  v.key("eventually", g.gates.eventually, "Hold by the end of the drain, or `{within: TIME}`.");
  v.key("sometimes", g.gates.sometimes, "Rare events the run must have taken.");
}

template <class V>
void describe(V& v, Oracle& o) {
  v.key("sketches", o.sketches,
        "A second judge, of sums alone: at the end of the drain it names the copies that were lost "
        "or doubled.");
}

template <class V>
void describe(V& v, Record& r) {
  v.key("metrics_every", r.metrics_every, "One row of the time series.", at_least(1e6));
  v.key("history", r.history, "Write every fact to history.ndjson.");
}

template <class V>
void describe(V& v, SweepUntil& u) {
  v.key("metric", u.metric, "Whose mean is to be known, as thresholds name it.");
  v.key("relative_ci", u.relative_ci, "Half the width of its interval, over the mean.",
        between(1e-6, 1));
  v.key("level", u.level, "Of the interval.", between(0.5, 0.9999));
}

template <class V>
void describe(V& v, SweepRepeat& r) {
  v.key("min", r.min, "Runs of each point, at least.", between(1, 10'000));
  v.key("max", r.max, "And at most.", between(1, 10'000));
  v.key("until", r.until, "Runs are added until this holds; without it, `min` runs.");
}

template <class V>
void describe(V& v, Sweep& s) {
  v.key("axes", s.axes,
        "Keys as `--set` has them, each with a list of values or `{from, to, step}`; every "
        "combination is a point.");
  v.key("zip", s.zip,
        "Axes that turn together, value by value: `[KEY, KEY]`, or several such lists.");
  v.key("constraint", s.constraint,
        "Points where it does not hold are left out: `client.backoff.max > client.backoff.base`.");
  v.key("repeat", s.repeat, "How many seeds each point is run with. A number alone: exactly that.");
  v.key("common_random_numbers", s.common_random_numbers,
        "Every point has the same seeds, so that chance cancels out of their differences.");
}

template <class V>
void describe(V& v, Drain& d) {
  v.key("limit", d.limit, "Simulated time after the horizon, at most.");
  v.key("connect_rate", d.connect_rate, "Devices with a backlog connect at this rate.",
        at_least(0.001));
}

template <class V>
void describe(V& v, Scenario& s) {
  v.key("scenario", s.name, "Name: letters, digits, `_`, `-` and `.`.");
  v.key("about", s.about, "A sentence about the system.");
  v.key("version", s.version, "Of the form.", between(1, 1));
  SeedRef seed{s.seed, s.seed_random};
  v.key("seed", seed, "A whole number, or `random`.");
  v.key("horizon", s.horizon, "Simulated time under load.", positive());
  v.key("warmup", s.warmup, "Left out of metrics, never of invariants.");
  v.key("pipeline", s.pipeline, "`real`, `naive`, or a mapping with the options of naive.");
  v.key("population", s.population, "Users and their devices.");
  v.key("traffic", s.traffic, "What they send.");
  v.key("topology", s.topology, "The servers.");
  v.key("client", s.client, "The device's side of the protocol.");
  v.key("network", s.network,
        "Access networks by name, `assign` with their shares, and the rest below. A name alone "
        "assigns it to all.");
  v.key("wire", s.wire,
        "Frames travel and records are stored as values, or `encoded` to bytes and decoded again. "
        "The run is the same.");
  v.key("groups", s.groups, "Groups that the script names.");
  v.key("script", s.script, "Staged actions, for scenarios that must take one exact course.");
  v.key("faults", s.faults, "What goes wrong, and when.");
  GatesRef gates{s.gates};
  v.key("invariants", gates, "What must hold; needs evidence.");
  v.key("thresholds", s.gates.thresholds, "Performance gates, `e2e.p99 < 3s`.");
  v.key("expect", s.expect, "`{violates: I6}`: the scenario passes when that is violated.");
  v.key("oracle", s.oracle, "Who watches, besides the judge.");
  v.key("record", s.record, "What is written.");
  v.key("drain", s.drain, "After the horizon.");
}

}  // namespace greytick::scenario

#endif  // GREYTICK_SIM_SCENARIO_KEYS_H_
