#include "sim/world/naive.h"

#include <algorithm>

namespace greytick::world {
namespace {

using engine::EventClass;
using model::ConversationId;
using model::DeviceId;
using model::Duration;
using model::Incarnation;
using model::Instant;
using model::LogPos;

constexpr Incarnation kFirst{1};
constexpr Duration kHop = std::chrono::milliseconds(2);

}  // namespace

model::PayloadKey naive_payload_key(const scenario::Scenario& scenario) {
  return {engine::mix64(scenario.seed)};
}

NaiveWorld::NaiveWorld(const scenario::Scenario& scenario, FactSink& facts)
    : scenario_(scenario),
      facts_(facts),
      key_(naive_payload_key(scenario)),
      draws_(engine::Streams(scenario.seed).stream(engine::Purpose::kService, 0)),
      phones_(scenario.population.users),
      servers_(scenario.pipeline.servers) {
  for (std::size_t i = 0; i < scenario.script.size(); ++i) {
    const scenario::ScriptAction& action = scenario.script[i];
    const std::uint64_t times = action.verb == scenario::ScriptVerb::kSend ? action.count : 1;
    for (std::uint64_t n = 0; n < times; ++n) {
      schedule(action.at + static_cast<std::int64_t>(n) * action.every, EventClass::kApp,
               {.kind = Kind::kScript, .index = i});
    }
  }
  for (const scenario::Fault& f : scenario.faults) {
    const auto server = static_cast<std::uint32_t>(f.target.index);
    schedule(f.at, EventClass::kFault, {.kind = Kind::kCrash, .server = server});
    schedule(f.at + f.lasts, EventClass::kFault, {.kind = Kind::kRestart, .server = server});
  }
}

void NaiveWorld::schedule(Duration after, EventClass when, Task task) {
  std::uint32_t place = 0;
  if (free_tasks_.empty()) {
    place = static_cast<std::uint32_t>(tasks_.size());
    tasks_.push_back(std::move(task));
  } else {
    place = free_tasks_.back();
    free_tasks_.pop_back();
    tasks_[place] = std::move(task);
  }
  queue_.push(origin_.make(now_ + after, when, 0, 0, place));
}

// Two servers are never equally fast: one access takes between half and one and a half steps.
void NaiveWorld::access(Task task) {
  const std::int64_t step = scenario_.pipeline.step.count();
  const Duration takes{step / 2 + draws_.uniform_between(0, step)};
  task.life = servers_[task.server].life;
  schedule(takes, EventClass::kDurable, std::move(task));
}

void NaiveWorld::hop(Task task) { schedule(kHop, EventClass::kArrival, std::move(task)); }

void NaiveWorld::run_until(Instant end) {
  while (!queue_.empty() && queue_.top().at() < end) {
    const engine::Event event = queue_.pop();
    now_ = event.at();
    const Task task = std::move(tasks_[event.body()]);
    free_tasks_.push_back(event.body());
    ++events_;
    chain_.absorb(model::to_ns(now_), event.origin_seq(), static_cast<std::uint8_t>(task.kind));
    handle(task);
  }
  now_ = std::max(now_, end);
}

void NaiveWorld::begin_drain() {
  for (Server& s : servers_) s.up = true;
  for (std::uint32_t d = 0; d < phones_.size(); ++d) {
    phones_[d].radio = true;
    if (!phones_[d].connected) connect(d);
  }
}

std::uint64_t NaiveWorld::fingerprint() const {
  engine::Fingerprint sum;
  sum.add(chain_);
  return sum.value();
}

bool NaiveWorld::alive(const Task& task) const {
  const Server& server = servers_[task.server];
  return server.up && server.life == task.life;
}

void NaiveWorld::handle(const Task& task) {
  switch (task.kind) {
    case Kind::kScript:
      act(scenario_.script[task.index]);
      break;
    case Kind::kCrash:
      servers_[task.server].up = false;
      ++servers_[task.server].life;  // what it was doing is lost; its registry entries stay
      for (std::uint32_t d = 0; d < phones_.size(); ++d) {
        if (phones_[d].connected && phones_[d].server == task.server) disconnect(d, false);
      }
      break;
    case Kind::kRestart:
      servers_[task.server].up = true;
      break;
    case Kind::kSend:
      if (servers_[task.server].up) {
        access({.kind = Kind::kLookUp,
                .server = task.server,
                .device = task.device,
                .index = task.index});
      }
      break;
    case Kind::kLookUp:
      if (!alive(task)) break;
      if (stored_.contains(texts_[task.index].message.id)) {  // "duplicate, SENT"
        hop({.kind = Kind::kAnswer, .device = task.device, .index = task.index});
      } else {
        access({.kind = Kind::kInsert,
                .server = task.server,
                .device = task.device,
                .index = task.index});
      }
      break;
    case Kind::kInsert:
      if (alive(task)) insert(task);
      break;
    case Kind::kRegistry: {
      if (!alive(task)) break;
      const auto where = registry_.find(texts_[task.index].to);
      if (where == registry_.end()) {
        access({.kind = Kind::kEnqueue, .server = task.server, .index = task.index});
      } else {
        access({.kind = Kind::kPush,
                .server = task.server,
                .connection = where->second.connection,
                .index = task.index});
      }
      break;
    }
    case Kind::kPush:
      if (alive(task)) write(task.server, task.connection, task.index);
      break;
    case Kind::kEnqueue:
      if (alive(task)) lists_[texts_[task.index].to].push_back(task.index);
      break;
    case Kind::kDeliver:
      deliver(task);
      break;
    case Kind::kAnswer: {
      Text& text = texts_[task.index];
      Phone& phone = phones_[task.device];
      if (!phone.connected || text.answered) break;
      text.answered = true;
      phone.unanswered.erase(task.index);
      const ConversationId c = text.message.stream.conversation;
      phone.sent[c.value()] = std::max(phone.sent[c.value()], text.message.position);
      fact(model::Answered{text.message.stream, text.message.cseq, model::ReplyCode::kSent,
                           text.message.position, text.message.content.tag[0]});
      show(task.device, c, text.to);
      break;
    }
    case Kind::kTick: {
      const Text& text = texts_[task.index];
      Phone& phone = phones_[task.device];
      if (!phone.connected) break;
      const ConversationId c = text.message.stream.conversation;
      phone.delivered[c.value()] = std::max(phone.delivered[c.value()], text.message.position);
      show(task.device, c, text.to);
      break;
    }
    case Kind::kRegister:
      if (!alive(task)) break;
      registry_[task.device] = {task.server, task.connection};
      access({.kind = Kind::kPop,
              .server = task.server,
              .device = task.device,
              .connection = task.connection});
      break;
    case Kind::kPop:
      if (alive(task)) pop(task);
      break;
    case Kind::kFlush:
      if (alive(task)) flush(task);
      break;
    case Kind::kUnregister:
      if (!alive(task)) break;
      if (const auto it = registry_.find(task.device);
          it != registry_.end() && it->second.connection == task.connection) {
        registry_.erase(it);
      }
      break;
    case Kind::kRetry:
      if (phones_[task.device].unanswered.contains(task.index) && phones_[task.device].connected) {
        transmit(task.device, task.index);
      }
      break;
  }
}

void NaiveWorld::act(const scenario::ScriptAction& action) {
  const auto device = static_cast<std::uint32_t>(action.device);
  switch (action.verb) {
    case scenario::ScriptVerb::kConnect:
      connect(device);
      break;
    case scenario::ScriptVerb::kDisconnect:
      disconnect(device, true);
      break;
    case scenario::ScriptVerb::kKill:
      disconnect(device, true);
      break;
    case scenario::ScriptVerb::kVanish:  // the server goes on believing in the socket
      phones_[device].radio = false;
      phones_[device].connected = false;
      break;
    case scenario::ScriptVerb::kReturn:
      phones_[device].radio = true;
      connect(device);
      break;
    case scenario::ScriptVerb::kReinstall:
      disconnect(device, true);
      break;
    case scenario::ScriptVerb::kJoin:  // the loader refuses groups here
    case scenario::ScriptVerb::kLeave:
    case scenario::ScriptVerb::kLink:  // and linked devices
    case scenario::ScriptVerb::kUnlink:
      return;
    case scenario::ScriptVerb::kSend:
      compose(device, static_cast<std::uint32_t>(action.to));
      break;
    case scenario::ScriptVerb::kRead: {
      const ConversationId c = conversation(device, static_cast<std::uint32_t>(action.to));
      fact(model::Opened{DeviceId(device), kFirst, c, phones_[device].applied[c.value()]});
      break;
    }
  }
}

// A new socket on the next server in turn. The phone sends again what was not answered.
void NaiveWorld::connect(std::uint32_t device) {
  Phone& phone = phones_[device];
  phone.server = connections_ % static_cast<std::uint32_t>(servers_.size());
  phone.connection = ++connections_;
  if (!servers_[phone.server].up) return;
  phone.connected = true;
  fact(model::SessionAdopted{DeviceId(device), kFirst, model::SessionEpoch(phone.connection)});
  access({.kind = Kind::kRegister,
          .server = phone.server,
          .device = device,
          .connection = phone.connection});
  for (const std::size_t text : phone.unanswered) transmit(device, text);
}

void NaiveWorld::disconnect(std::uint32_t device, bool server_notices) {
  Phone& phone = phones_[device];
  if (!phone.connected) return;
  phone.connected = false;
  if (server_notices) {
    access({.kind = Kind::kUnregister,
            .server = phone.server,
            .device = device,
            .connection = phone.connection});
  }
}

ConversationId NaiveWorld::conversation(std::uint32_t a, std::uint32_t b) const {
  return ConversationId(std::uint64_t{std::min(a, b)} * phones_.size() + std::max(a, b));
}

void NaiveWorld::compose(std::uint32_t from, std::uint32_t to) {
  Phone& phone = phones_[from];
  const ConversationId c = conversation(from, to);
  const model::ClientSeq n = phone.cseq[c.value()].next();
  phone.cseq[c.value()] = n;
  const model::StreamId stream{DeviceId(from), kFirst, c};
  const model::Message message{.stream = stream,
                               .sender = model::UserId(from),
                               .cseq = n,
                               .position = {},
                               .id = {texts_.size() + 1, from},
                               .dep = phone.applied[c.value()],
                               .accepted_at = {},
                               .content = model::seal(key_, stream, n, 160)};
  texts_.push_back({message, to, false});
  fact(model::Created{stream, model::UserId(from), n, message.id, message.dep, message.content,
                      now_});
  phone.unanswered.insert(texts_.size() - 1);
  if (phone.connected) transmit(from, texts_.size() - 1);
}

void NaiveWorld::transmit(std::uint32_t device, std::size_t text) {
  std::uint32_t server = phones_[device].server;
  if (scenario_.pipeline.route == scenario::NaiveRoute::kAlternate) {
    server = next_route_++ % static_cast<std::uint32_t>(servers_.size());
  }
  hop({.kind = Kind::kSend, .server = server, .device = device, .index = text});
  schedule(scenario_.client.retry.ack_timeout, EventClass::kTimer,
           {.kind = Kind::kRetry, .device = device, .index = text});
}

void NaiveWorld::insert(const Task& task) {
  Text& text = texts_[task.index];
  stored_.insert(text.message.id);
  LogPos& head = heads_[text.message.stream.conversation.value()];
  head = head.next();
  text.message.position = head;
  text.message.accepted_at = now_;
  fact(model::Committed{text.message,
                        {model::Recipient{model::UserId(text.to), DeviceId(text.to), kFirst}}});
  hop({.kind = Kind::kAnswer, .device = task.device, .index = task.index});
  access({.kind = Kind::kRegistry, .server = task.server, .index = task.index});
}

// Destructive: what is popped is nowhere but in this server's memory.
void NaiveWorld::pop(const Task& task) {
  std::deque<std::size_t>& list = lists_[task.device];
  if (list.empty()) return;
  const std::size_t all = list.size();
  const std::size_t count = scenario_.pipeline.flush_batch == 0
                                ? all
                                : std::min<std::size_t>(all, scenario_.pipeline.flush_batch);
  Task next{.kind = Kind::kFlush,
            .server = task.server,
            .device = task.device,
            .connection = task.connection};
  for (std::size_t i = 0; i < count; ++i) {
    if (scenario_.pipeline.pop == scenario::PopOrder::kLifo) {
      next.batch.push_back(list.back());
      list.pop_back();
    } else {
      next.batch.push_back(list.front());
      list.pop_front();
    }
  }
  access(std::move(next));
}

void NaiveWorld::flush(const Task& task) {
  const std::size_t window = scenario_.pipeline.flush_window;
  std::deque<std::size_t>& list = lists_[task.device];
  for (std::size_t i = 0; i < task.batch.size(); ++i) {
    if (window == 0 || i < window) {
      write(task.server, task.connection, task.batch[i]);
    } else {
      list.push_front(task.batch[i]);  // beyond the window: put back, one by one, hence reversed
    }
  }
  if (!list.empty()) {
    access({.kind = Kind::kPop,
            .server = task.server,
            .device = task.device,
            .connection = task.connection});
  }
}

// Written to a socket, so it counts as delivered.
void NaiveWorld::write(std::uint32_t server, std::uint32_t connection, std::size_t text) {
  const Text& t = texts_[text];
  hop({.kind = Kind::kDeliver,
       .server = server,
       .device = t.to,
       .connection = connection,
       .index = text});
  hop({.kind = Kind::kTick, .device = t.message.stream.device.value(), .index = text});
}

void NaiveWorld::deliver(const Task& task) {
  Phone& phone = phones_[task.device];
  if (!phone.connected || !phone.radio || phone.connection != task.connection)
    return;  // a dead socket
  const Text& text = texts_[task.index];
  const ConversationId c = text.message.stream.conversation;
  phone.applied[c.value()] = std::max(phone.applied[c.value()], text.message.position);
  fact(model::Applied{DeviceId(task.device), kFirst, model::SessionEpoch(phone.connection),
                      model::MailboxSeq(++phone.mseq), text.message});
  fact(model::Displayed{DeviceId(task.device), kFirst, c, text.message.position});
}

void NaiveWorld::show(std::uint32_t device, ConversationId c, std::uint32_t peer) {
  Phone& phone = phones_[device];
  const LogPos sent = phone.sent[c.value()];
  fact(model::SentShown{DeviceId(device), kFirst, c, sent});
  fact(model::TicksShown{DeviceId(device), kFirst, c, DeviceId(peer),
                         std::min(sent, phone.delivered[c.value()]), LogPos{}});
}

void NaiveWorld::fact(const model::Fact& fact) {
  chain_.absorb(fact.index(), model::to_ns(now_));
  facts_.on_fact(now_, fact);
}

}  // namespace greytick::world
