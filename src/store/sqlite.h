#pragma once
// A thin, typed skin over the SQLite C API for this unit's own files.
#include <sqlite3.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "core/result.h"

namespace qc {

/// One prepared statement: bind in order, step, read columns. Reset by `again()`.
class Statement {
 public:
  explicit Statement(sqlite3_stmt* handle) : handle_(handle, sqlite3_finalize) {}
  Statement& bind(std::int64_t v) { sqlite3_bind_int64(handle_.get(), ++at_, v); return *this; }
  Statement& bind(int v) { return bind(static_cast<std::int64_t>(v)); }
  Statement& bind(bool v) { return bind(static_cast<std::int64_t>(v)); }
  Statement& bind(double v) { sqlite3_bind_double(handle_.get(), ++at_, v); return *this; }
  Statement& bind(std::string_view v) { sqlite3_bind_text(handle_.get(), ++at_, v.data(), static_cast<int>(v.size()), SQLITE_TRANSIENT); return *this; }
  Statement& bind(const std::string& v) { return bind(std::string_view(v)); }
  template <class T>
  Statement& bind(const std::optional<T>& v) {
    if (v) return bind(*v);
    ++at_;  // left unbound: NULL
    return *this;
  }
  bool row() { return sqlite3_step(handle_.get()) == SQLITE_ROW; }
  /// Runs a statement that returns no rows and makes it ready for the next binding.
  bool run() {
    const bool done = sqlite3_step(handle_.get()) == SQLITE_DONE;
    again();
    return done;
  }
  void again() { sqlite3_reset(handle_.get()); sqlite3_clear_bindings(handle_.get()); at_ = 0; }

  [[nodiscard]] bool null(int c) const { return sqlite3_column_type(handle_.get(), c) == SQLITE_NULL; }
  [[nodiscard]] std::int64_t integer(int c) const { return sqlite3_column_int64(handle_.get(), c); }
  [[nodiscard]] double real(int c) const { return sqlite3_column_double(handle_.get(), c); }
  [[nodiscard]] std::string text(int c) const {
    const auto* bytes = reinterpret_cast<const char*>(sqlite3_column_text(handle_.get(), c));
    return bytes ? std::string(bytes, static_cast<std::size_t>(sqlite3_column_bytes(handle_.get(), c))) : std::string();
  }
  [[nodiscard]] std::optional<std::int64_t> maybe_integer(int c) const { return null(c) ? std::nullopt : std::optional(integer(c)); }
  [[nodiscard]] std::optional<int> maybe_int(int c) const { return null(c) ? std::nullopt : std::optional(static_cast<int>(integer(c))); }
  [[nodiscard]] std::optional<double> maybe_real(int c) const { return null(c) ? std::nullopt : std::optional(real(c)); }

 private:
  std::unique_ptr<sqlite3_stmt, decltype(&sqlite3_finalize)> handle_;
  int at_ = 0;
};

/// One open file. Not thread-safe.
class Database {
 public:
  static Result<Database> open(const std::string& path, int flags);
  Status execute(const std::string& sql);
  /// Fails as damaged, with SQLite's reason, when the schema does not have what the statement names.
  Result<Statement> prepare(std::string_view sql);
  /// All of `work` or nothing: COMMIT when it succeeds, ROLLBACK when it does not.
  template <class Work>
  Status transaction(Work work) {
    if (auto begun = execute("BEGIN IMMEDIATE"); !begun) return begun;
    if (auto done = work(); !done) {
      (void)execute("ROLLBACK");
      return done;
    }
    return execute("COMMIT");
  }
  [[nodiscard]] Error broken(std::string_view doing) const;

 private:
  Database(sqlite3* handle, std::string path) : handle_(handle, sqlite3_close), path_(std::move(path)) {}
  std::unique_ptr<sqlite3, decltype(&sqlite3_close)> handle_;
  std::string path_;
};

}  // namespace qc
