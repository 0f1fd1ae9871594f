#include "store/sqlite.hpp"

#include <sqlite3.h>

namespace hubbub::store {
namespace {

void check(sqlite3* database, int result) {
  if (result == SQLITE_OK || result == SQLITE_ROW || result == SQLITE_DONE) return;
  throw SqliteError{result & 0xFF, database ? sqlite3_errmsg(database) : sqlite3_errstr(result)};
}

}  // namespace

Statement::Statement(sqlite3* database, std::string_view sql) : database_(database) {
  sqlite3_stmt* made = nullptr;
  check(database, sqlite3_prepare_v3(database, sql.data(), static_cast<int>(sql.size()), SQLITE_PREPARE_PERSISTENT, &made,
                                     nullptr));
  statement_.reset(made);
}

void Statement::Finalize::operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }

bool Statement::step() {
  const int result = sqlite3_step(statement_.get());
  if (result != SQLITE_ROW && result != SQLITE_DONE) {
    const SqliteError error{result & 0xFF, sqlite3_errmsg(database_)};
    reset();  // an unfinished statement would keep the transaction open
    throw error;
  }
  return result == SQLITE_ROW;
}

void Statement::reset() { sqlite3_reset(statement_.get()); }

std::int64_t Statement::integer(int column) const { return sqlite3_column_int64(statement_.get(), column); }

std::string_view Statement::text(int column) const {
  const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(statement_.get(), column));
  return {text ? text : "", static_cast<std::size_t>(sqlite3_column_bytes(statement_.get(), column))};
}

void Statement::bind(int parameter, std::int64_t value) {
  check(database_, sqlite3_bind_int64(statement_.get(), parameter, value));
}

void Statement::bind(int parameter, std::string_view value) {
  check(database_, sqlite3_bind_text64(statement_.get(), parameter, value.data(), value.size(), SQLITE_STATIC, SQLITE_UTF8));
}

Database::Database(const std::filesystem::path& file, Mode mode) {
  sqlite3* opened = nullptr;
  const int flags = SQLITE_OPEN_NOMUTEX | (mode == Mode::create ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE : SQLITE_OPEN_READONLY);
  const int result = sqlite3_open_v2(file.c_str(), &opened, flags, nullptr);
  database_.reset(opened);
  check(opened, result);
  sqlite3_extended_result_codes(opened, 1);
}

void Database::Close::operator()(sqlite3* database) const { sqlite3_close_v2(database); }

void Database::run(const std::string& sql) {
  check(database_.get(), sqlite3_exec(database_.get(), sql.c_str(), nullptr, nullptr, nullptr));
}

std::int64_t Database::number(std::string_view sql) {
  auto statement = prepare(sql);
  return statement.step() ? statement.integer(0) : 0;
}

bool Database::in_transaction() const { return sqlite3_get_autocommit(database_.get()) == 0; }

}  // namespace hubbub::store
