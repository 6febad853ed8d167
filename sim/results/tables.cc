#include "sim/results/tables.h"

#include <memory>
#include <string_view>

#include <fmt/format.h>
#include <sqlite3.h>

namespace greytick::results {
namespace {

using Database = std::unique_ptr<sqlite3, decltype([](sqlite3* db) { sqlite3_close(db); })>;
using Statement =
    std::unique_ptr<sqlite3_stmt, decltype([](sqlite3_stmt* s) { sqlite3_finalize(s); })>;

Statement prepare(sqlite3* db, const std::string& sql) {
  sqlite3_stmt* statement = nullptr;
  if (sqlite3_prepare_v2(db, sql.c_str(), -1, &statement, nullptr) != SQLITE_OK) return nullptr;
  return Statement(statement);
}

void append_cell(std::string& out, std::string_view text) {
  if (text.find_first_of(",\"\r\n") == std::string_view::npos) {
    out += text;
    return;
  }
  out += '"';
  for (const char c : text) {
    if (c == '"') out += '"';
    out += c;
  }
  out += '"';
}

bool append_rows(std::string& out, sqlite3_stmt* statement) {
  const int columns = sqlite3_column_count(statement);
  int code = SQLITE_ROW;
  while ((code = sqlite3_step(statement)) == SQLITE_ROW) {
    for (int i = 0; i < columns; ++i) {
      if (i > 0) out += ',';
      const auto* text = sqlite3_column_text(statement, i);
      if (text == nullptr) continue;
      append_cell(out, {reinterpret_cast<const char*>(text),
                        static_cast<std::size_t>(sqlite3_column_bytes(statement, i))});
    }
    out += '\n';
  }
  return code == SQLITE_DONE;
}

struct Opened {
  Database db;
  bool ok = false;
  std::unexpected<std::string> failed(const std::string& path) const {
    return std::unexpected(
        fmt::format("cannot read {}: {}", path, db ? sqlite3_errmsg(db.get()) : "no memory"));
  }
};

Opened open(const std::string& path) {
  sqlite3* raw = nullptr;
  const int code = sqlite3_open_v2(path.c_str(), &raw, SQLITE_OPEN_READONLY, nullptr);
  return {.db = Database(raw), .ok = code == SQLITE_OK};
}

SeriesRow row_of(sqlite3_stmt* statement) {
  int column = 0;
  const auto count = [&] {
    return static_cast<std::uint64_t>(sqlite3_column_int64(statement, column++));
  };
  const auto maybe = [&]() -> std::optional<std::int64_t> {
    const int i = column++;
    if (sqlite3_column_type(statement, i) == SQLITE_NULL) return std::nullopt;
    return sqlite3_column_int64(statement, i);
  };
  // A braced list is evaluated from left to right.
  return SeriesRow{.at = model::from_ns(static_cast<std::int64_t>(count())),
                   .messages = count(),
                   .committed = count(),
                   .delivered = count(),
                   .failed = count(),
                   .logins = count(),
                   .attempts = count(),
                   .refused = count(),
                   .reconnects = count(),
                   .connected = count(),
                   .in_flight = count(),
                   .queued = count(),
                   .e2e_p50 = maybe(),
                   .e2e_p99 = maybe(),
                   .tick2_p50 = maybe(),
                   .tick2_p99 = maybe()};
}

}  // namespace

std::expected<std::vector<std::pair<std::string, std::string>>, std::string> tables_as_csv(
    const std::string& path) {
  const Opened opened = open(path);
  const Database& db = opened.db;
  const auto failed = [&] { return opened.failed(path); };
  if (!opened.ok) return failed();
  std::vector<std::string> names;
  const Statement list =
      prepare(db.get(), "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name");
  if (!list) return failed();
  while (sqlite3_step(list.get()) == SQLITE_ROW) {
    names.emplace_back(reinterpret_cast<const char*>(sqlite3_column_text(list.get(), 0)));
  }
  std::vector<std::pair<std::string, std::string>> out;
  for (const std::string& name : names) {
    const Statement rows = prepare(db.get(), fmt::format("SELECT * FROM \"{}\"", name));
    if (!rows) return failed();
    std::string csv;
    for (int i = 0; i < sqlite3_column_count(rows.get()); ++i) {
      if (i > 0) csv += ',';
      append_cell(csv, sqlite3_column_name(rows.get(), i));
    }
    csv += '\n';
    if (!append_rows(csv, rows.get())) return failed();
    out.emplace_back(name, std::move(csv));
  }
  return out;
}

std::expected<std::vector<SeriesRow>, std::string> series_of(const std::string& path) {
  const Opened opened = open(path);
  if (!opened.ok) return opened.failed(path);
  const Statement rows =
      prepare(opened.db.get(),
              "SELECT at_ns, messages, committed, delivered, failed, logins, attempts, refused, "
              "reconnects, connected, in_flight, queued, e2e_p50_ns, e2e_p99_ns, tick2_p50_ns, "
              "tick2_p99_ns FROM series ORDER BY at_ns");
  if (!rows) return opened.failed(path);
  std::vector<SeriesRow> out;
  int code = SQLITE_ROW;
  while ((code = sqlite3_step(rows.get())) == SQLITE_ROW) out.push_back(row_of(rows.get()));
  if (code != SQLITE_DONE) return opened.failed(path);
  return out;
}

}  // namespace greytick::results
