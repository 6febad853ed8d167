#include "sim/results/database.h"

#include <concepts>
#include <optional>
#include <string_view>

#include <fmt/format.h>
#include <sqlite3.h>

#include "sim/engine/fingerprint.h"
#include "sim/scenario/names.h"

namespace greytick::results {
namespace {

constexpr const char* kSchema = R"(
CREATE TABLE run(key TEXT PRIMARY KEY, value);
CREATE TABLE gates(kind TEXT, name TEXT, during TEXT, verdict TEXT, value TEXT, lim TEXT,
                   samples INTEGER, violated INTEGER, why TEXT, among TEXT);
CREATE TABLE invariants(number INTEGER PRIMARY KEY, name TEXT, checked INTEGER, violated INTEGER);
CREATE TABLE violations(invariant TEXT, at_ns INTEGER, device INTEGER, conversation INTEGER,
                        position INTEGER, cseq INTEGER, sentence TEXT);
CREATE TABLE series(at_ns INTEGER PRIMARY KEY, messages INTEGER, committed INTEGER,
                    delivered INTEGER, failed INTEGER, logins INTEGER, connected INTEGER,
                    in_flight INTEGER, queued INTEGER, e2e_p50_ns INTEGER, e2e_p99_ns INTEGER,
                    attempts INTEGER, refused INTEGER, reconnects INTEGER, tick2_p50_ns INTEGER,
                    tick2_p99_ns INTEGER);
CREATE TABLE faults(name TEXT, start_ns INTEGER, end_ns INTEGER);
CREATE TABLE histograms(metric TEXT, ended INTEGER, low_ns INTEGER, high_ns INTEGER,
                        count INTEGER);
CREATE TABLE counters(name TEXT PRIMARY KEY, kind TEXT, value INTEGER);
CREATE TABLE slowest(latency_ns INTEGER, created_ns INTEGER, device INTEGER, incarnation INTEGER,
                     conversation INTEGER, cseq INTEGER, position INTEGER, recipient INTEGER);
)";

// Keeps the first error and does nothing after it, so that callers write straight on.
class Database {
 public:
  explicit Database(const std::string& path) {
    check(sqlite3_open_v2(path.c_str(), &db_, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, nullptr));
    execute("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; BEGIN");
    execute(kSchema);
  }
  ~Database() { sqlite3_close(db_); }
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  void execute(const char* sql) {
    if (ok()) check(sqlite3_exec(db_, sql, nullptr, nullptr, nullptr));
  }
  void check(int code) {
    if (ok() && code != SQLITE_OK && code != SQLITE_DONE) {
      error_ = db_ == nullptr ? "no memory" : sqlite3_errmsg(db_);
    }
  }
  bool ok() const { return !error_; }
  const std::optional<std::string>& error() const { return error_; }
  sqlite3* handle() { return db_; }

 private:
  sqlite3* db_ = nullptr;
  std::optional<std::string> error_;
};

class Insert {
 public:
  Insert(Database& db, std::string_view table, int columns) : db_(db) {
    std::string sql = fmt::format("INSERT INTO {} VALUES (?", table);
    for (int i = 1; i < columns; ++i) sql += ",?";
    sql += ")";
    if (db_.ok()) {
      db_.check(sqlite3_prepare_v2(db_.handle(), sql.c_str(), -1, &statement_, nullptr));
    }
  }
  ~Insert() { sqlite3_finalize(statement_); }
  Insert(const Insert&) = delete;
  Insert& operator=(const Insert&) = delete;

  template <class... Values>
  void row(const Values&... values) {
    if (!db_.ok()) return;
    int column = 0;
    (db_.check(bind(++column, values)), ...);
    db_.check(sqlite3_step(statement_));
    db_.check(sqlite3_reset(statement_));
  }

 private:
  template <std::integral T>
  int bind(int column, T value) {
    return sqlite3_bind_int64(statement_, column, static_cast<sqlite3_int64>(value));
  }
  int bind(int column, double value) { return sqlite3_bind_double(statement_, column, value); }
  int bind(int column, std::string_view value) {
    return sqlite3_bind_text(statement_, column, value.data(), static_cast<int>(value.size()),
                             SQLITE_TRANSIENT);
  }
  template <class T>
  int bind(int column, const std::optional<T>& value) {
    if (!value) return sqlite3_bind_null(statement_, column);
    if constexpr (requires { value->value(); }) {
      return bind(column, value->value());
    } else {
      return bind(column, *value);
    }
  }

  Database& db_;
  sqlite3_stmt* statement_ = nullptr;
};

void write_run(Database& db, const RunRecord& run) {
  Insert insert(db, "run", 2);
  const auto text = [&insert](std::string_view key, std::string_view value) {
    insert.row(key, value);
  };
  text("scenario", run.scenario.name);
  text("verdict", verdict_name(run.judged.verdict));
  text("fingerprint", engine::to_hex(run.fingerprint));
  text("scenario_hash", engine::to_hex(scenario_hash(run.resolved)));
  insert.row(std::string_view("seed"), run.scenario.seed);
  insert.row(std::string_view("exit_code"), run.judged.exit_code);
  insert.row(std::string_view("events"), run.events);
  insert.row(std::string_view("simulated_ns"), model::to_ns(run.reached));
  insert.row(std::string_view("wall_seconds"), run.wall_seconds);
  insert.row(std::string_view("schema_version"), kSchemaVersion);
}

void write_judgement(Database& db, const RunRecord& run) {
  Insert gates(db, "gates", 10);
  for (const Gate& g : run.judged.gates) {
    gates.row(gate_kind_name(g.kind), std::string_view(g.name), std::string_view(g.during),
              verdict_name(g.verdict), std::string_view(g.value), std::string_view(g.limit),
              g.samples, g.violated, std::string_view(g.why), std::string_view(g.where));
  }
  Insert invariants(db, "invariants", 4);
  Insert violations(db, "violations", 7);
  for (const InvariantFinding& f : run.findings) {
    invariants.row(static_cast<int>(f.invariant), scenario::name_of(f.invariant), f.checked,
                   f.violated);
    if (!f.first) continue;
    violations.row(scenario::name_of(f.invariant), model::to_ns(f.first->at), f.first->device,
                   f.first->conversation, f.first->position, f.first->cseq,
                   std::string_view(f.first->text));
  }
}

void write_metrics(Database& db, const RunRecord& run) {
  const Metrics& m = run.metrics;
  Insert series(db, "series", 16);
  for (const SeriesRow& r : m.series()) {
    series.row(model::to_ns(r.at), r.messages, r.committed, r.delivered, r.failed, r.logins,
               r.connected, r.in_flight, r.queued, r.e2e_p50, r.e2e_p99, r.attempts, r.refused,
               r.reconnects, r.tick2_p50, r.tick2_p99);
  }
  Insert faults(db, "faults", 3);
  for (const faults::Window& w : m.windows()) {
    faults.row(std::string_view(w.name), model::to_ns(w.start), model::to_ns(w.end));
  }
  Insert histograms(db, "histograms", 5);
  for (std::size_t i = 0; i < kLatencies; ++i) {
    const auto which = static_cast<Latency>(i);
    const Censored& latency = m.latency(which);
    for (const auto& [ended, histogram] :
         {std::pair{1, &latency.ended}, std::pair{0, &latency.open}}) {
      for (std::size_t b = 0; b < histogram->counts().size(); ++b) {
        if (histogram->counts()[b] == 0) continue;
        histograms.row(latency_name(which), ended, Histogram::lowest_of(b),
                       Histogram::highest_of(b), histogram->counts()[b]);
      }
    }
  }
  Insert counters(db, "counters", 3);
  for (std::size_t i = 0; i < kCounts; ++i) {
    const auto which = static_cast<Count>(i);
    counters.row(count_name(which), std::string_view("count"), m.count(which));
  }
  counters.row(std::string_view("queued"), std::string_view("count"), m.queued());
  for (std::size_t i = 0; i < kPeaks; ++i) {
    const auto which = static_cast<Peak>(i);
    counters.row(peak_name(which), std::string_view("peak"), m.peak(which));
  }
  for (std::size_t i = 0; i < model::kBranches; ++i) {
    const auto which = static_cast<model::Branch>(i);
    counters.row(std::string_view(fmt::format("branch.{}", model::branch_name(which))),
                 std::string_view("branch"), m.branch(which));
  }
  counters.row(std::string_view("cost.messages"), std::string_view("cost"), m.created());
  for (const CostRow& row : m.cost_rows()) {
    counters.row(std::string_view(fmt::format("cost.{}", row.name)), std::string_view("cost"),
                 row.total);
  }
  for (const auto& [name, count] : m.cost().by_kind) {
    counters.row(std::string_view(fmt::format("event.{}", name)), std::string_view("event"), count);
  }
  Insert slowest(db, "slowest", 8);
  for (const SlowMessage& s : m.slowest()) {
    slowest.row(s.latency_ns, model::to_ns(s.created), s.stream.device.value(),
                s.stream.incarnation.value(), s.stream.conversation.value(), s.cseq.value(),
                s.position.value(), s.recipient.value());
  }
}

}  // namespace

std::expected<void, std::string> write_database(const std::string& path, const RunRecord& run) {
  Database db(path);
  write_run(db, run);
  write_judgement(db, run);
  write_metrics(db, run);
  db.execute("COMMIT");
  if (db.error()) return std::unexpected(*db.error());
  return {};
}

}  // namespace greytick::results
