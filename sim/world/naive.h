// The textbook pipeline, small and plainly written: store the message; if the registry says the
// recipient is online, push it and mark it DELIVERED, else put it on a list; on connect, register
// and pop the list. It is wrong in thirteen ways (docs/protocol.md), and scenarios naive_r1 ..
// naive_r13 show each. Same facts, same judges as the real pipeline.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <set>
#include <vector>

#include "model/fact.h"
#include "sim/engine/event_queue.h"
#include "sim/engine/fingerprint.h"
#include "sim/engine/random.h"
#include "sim/scenario/scenario.h"
#include "sim/world/fact_sink.h"

namespace greytick::world {

/// The secret that the contents of a run are sealed under; judges are told.
model::PayloadKey naive_payload_key(const scenario::Scenario& scenario);

class NaiveWorld {
 public:
  /// Runs scripts, and crashes of servers; loading a naive scenario refuses what is not heeded here
  /// (scenario/naive_check.h). Both arguments outlive the world.
  NaiveWorld(const scenario::Scenario& scenario, FactSink& facts);

  /// Handles every event before `end`; the script is part of it.
  void run_until(model::Instant end);
  /// Servers return and every device connects, so that what is still queued can arrive.
  void begin_drain();
  [[nodiscard]] bool drained() const { return queue_.empty(); }
  [[nodiscard]] model::Instant reached() const { return now_; }
  [[nodiscard]] std::uint64_t fingerprint() const;
  [[nodiscard]] std::uint64_t events() const { return events_; }

 private:
  // One thing to do next: an access of a server to the shared state, a frame on its way, an act of
  // a device.
  enum class Kind : std::uint8_t {
    kScript,      // index: action
    kCrash,       // server: loses its sockets and everything it was doing
    kRestart,     // server
    kSend,        // device > server: message
    kLookUp,      // server asks the store: seen before?
    kInsert,      // server stores the message
    kAnswer,      // server > sender: SENT
    kRegistry,    // server asks: where is the recipient?
    kPush,        // server writes the message to the recipient's socket and marks it DELIVERED
    kEnqueue,     // server puts it on the recipient's list
    kDeliver,     // socket > device: message
    kTick,        // server > sender: DELIVERED
    kRegister,    // server notes that a device is connected
    kPop,         // server takes the next messages off the list
    kFlush,       // server writes what it popped
    kUnregister,  // server has noticed that the socket is gone
    kRetry,       // device: no answer yet
  };
  struct Task {
    Kind kind{};
    std::uint32_t server = 0, device = 0, connection = 0, life = 0;
    std::size_t index = 0;  // message or script action
    std::vector<std::size_t> batch = {};
  };
  struct Text {
    model::Message message;
    std::uint32_t to = 0;
    bool answered = false;
  };
  struct Phone {
    bool connected = false;  // as the phone sees it
    bool radio = true;
    std::uint32_t server = 0, connection = 0;
    std::map<std::uint64_t, model::ClientSeq> cseq;  // by conversation
    std::map<std::uint64_t, model::LogPos> applied, sent, delivered;
    std::set<std::size_t> unanswered;
    std::uint64_t mseq = 0;
  };
  struct Server {
    bool up = true;
    std::uint32_t life = 1;
  };
  struct Presence {
    std::uint32_t server = 0, connection = 0;
  };

  void schedule(model::Duration after, engine::EventClass when, Task task);
  void access(Task task);  // the next access to registry, queue or store, `step` later
  void hop(Task task);     // a frame on its way
  void handle(const Task& task);
  void act(const scenario::ScriptAction& action);
  void connect(std::uint32_t device);
  void disconnect(std::uint32_t device, bool server_notices);
  void compose(std::uint32_t from, std::uint32_t to);
  void transmit(std::uint32_t device, std::size_t text);
  void insert(const Task& task);
  void pop(const Task& task);
  void flush(const Task& task);
  void write(std::uint32_t server, std::uint32_t connection, std::size_t text);
  void deliver(const Task& task);
  void show(std::uint32_t device, model::ConversationId c, std::uint32_t peer);
  [[nodiscard]] model::ConversationId conversation(std::uint32_t a, std::uint32_t b) const;
  [[nodiscard]] bool alive(const Task& task) const;
  void fact(const model::Fact& fact);

  const scenario::Scenario& scenario_;
  FactSink& facts_;
  model::PayloadKey key_;
  engine::BucketQueue queue_;
  engine::Origin origin_{0};
  engine::Chain chain_{0};
  engine::Stream draws_;
  std::vector<Task> tasks_;
  std::vector<std::uint32_t> free_tasks_;
  model::Instant now_{};
  std::uint64_t events_ = 0;
  std::uint32_t connections_ = 0;
  std::uint32_t next_route_ = 0;

  std::vector<Phone> phones_;
  std::vector<Server> servers_;
  std::vector<Text> texts_;
  // Shared by the servers, and surviving their crashes: store, registry and lists.
  std::set<model::MessageId> stored_;
  std::map<std::uint64_t, model::LogPos> heads_;
  std::map<std::uint32_t, Presence> registry_;
  std::map<std::uint32_t, std::deque<std::size_t>> lists_;
};

}  // namespace greytick::world
