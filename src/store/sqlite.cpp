#include "store/sqlite.h"

#include <fmt/format.h>

namespace qc {

Result<Database> Database::open(const std::string& path, int flags) {
  sqlite3* handle = nullptr;
  const int code = sqlite3_open_v2(path.c_str(), &handle, flags, nullptr);
  Database database(handle, path);
  if (code != SQLITE_OK) return fail(Fault::damaged, fmt::format("{}: cannot be opened as a study's store: {}", path, sqlite3_errstr(code)));
  sqlite3_busy_timeout(handle, 10'000);
  return database;
}

Error Database::broken(std::string_view doing) const {
  const int code = sqlite3_errcode(handle_.get()) & 0xff;
  if (code == SQLITE_FULL || code == SQLITE_IOERR)   // nothing of it is damaged: what is not stored was not measured
    return {Fault::interrupted, fmt::format("{}: {} failed: {}; make room there, then go on with --resume", path_, doing, sqlite3_errmsg(handle_.get()))};
  if (code == SQLITE_CANTOPEN || code == SQLITE_READONLY)   // a sound one in a folder for reading alone
    return {Fault::usage, fmt::format("{}: {} failed: {}; SQLite keeps two files beside a store even to read it: copy its folder to where you may write", path_, doing, sqlite3_errmsg(handle_.get()))};
  return {Fault::damaged, fmt::format("{}: {} failed: {}", path_, doing, sqlite3_errmsg(handle_.get()))};
}

Status Database::execute(const std::string& sql) {
  if (sqlite3_exec(handle_.get(), sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) return fail(broken(sql.substr(0, 40)));
  return ok();
}

Result<Statement> Database::prepare(std::string_view sql) {
  sqlite3_stmt* statement = nullptr;
  if (sqlite3_prepare_v2(handle_.get(), sql.data(), static_cast<int>(sql.size()), &statement, nullptr) != SQLITE_OK)
    return fail(broken(sql.substr(0, 60)));
  return Statement(statement);
}

}  // namespace qc
