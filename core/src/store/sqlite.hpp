// SQLite with C++ lifetimes: a database that closes itself, statements that bind and step. Only this floor uses SQLite.
//
// A Database and its statements belong to one thread at a time; statements must be destroyed before their database. Every
// failure throws SqliteError.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>

struct sqlite3;
struct sqlite3_stmt;

namespace hubbub::store {

class SqliteError : public std::runtime_error {
 public:
  SqliteError(int code, const std::string& text) : std::runtime_error(text), code_(code) {}
  int code() const { return code_; }  // SQLite's primary result code

 private:
  int code_;
};

class Statement {
 public:
  Statement(sqlite3* database, std::string_view sql);

  // Resets the statement and binds these values to its parameters, in order. Texts must stay valid until the last step.
  template <class... Values>
  Statement& with(const Values&... values) {
    reset();
    int parameter = 0;
    (bind(++parameter, values), ...);
    return *this;
  }

  bool step();  // returns whether there is a row
  void run() {
    while (step()) {
    }
    reset();
  }
  void reset();

  // The columns of the current row. The text is valid until the next step.
  std::int64_t integer(int column) const;
  std::string_view text(int column) const;

 private:
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const;
  };

  void bind(int parameter, std::int64_t value);
  void bind(int parameter, std::uint64_t value) { bind(parameter, static_cast<std::int64_t>(value)); }
  void bind(int parameter, std::string_view value);

  sqlite3* database_;
  std::unique_ptr<sqlite3_stmt, Finalize> statement_;
};

class Database {
 public:
  enum class Mode { read_only, create };

  Database(const std::filesystem::path& file, Mode mode);

  Statement prepare(std::string_view sql) { return {database_.get(), sql}; }
  void run(const std::string& sql);           // any number of statements; their rows are dropped
  std::int64_t number(std::string_view sql);  // the first column of the first row; 0 if there is no row
  bool in_transaction() const;
  sqlite3* handle() { return database_.get(); }

 private:
  struct Close {
    void operator()(sqlite3* database) const;
  };
  std::unique_ptr<sqlite3, Close> database_;
};

}  // namespace hubbub::store
