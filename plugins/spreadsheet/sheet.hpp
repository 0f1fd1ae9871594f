// The cells of a sheet, in row-major order. Every operation on one cell takes logarithmic time.
#pragma once

#include <hubbub/options.hpp>

#include <compare>
#include <cstdint>
#include <map>
#include <string>
#include <utility>

namespace spreadsheet {

using hubbub::Json;

struct Place {
  std::int64_t row = 0;
  std::int64_t col = 0;
  auto operator<=>(const Place&) const = default;
};

inline std::string id_of(const Place& place) { return std::to_string(place.row) + "-" + std::to_string(place.col); }

// The content of a sheet, or a change of it, in numbers: cells that are not empty, and bytes of text in them.
struct Amount {
  std::int64_t cells = 0;
  std::int64_t text = 0;

  Amount& operator+=(const Amount& more) {
    cells += more.cells;
    text += more.text;
    return *this;
  }
};

class Sheet {
 public:
  // Sets a cell. An empty `value`, null or "", clears it.
  void set(const Place& place, const Json& value) {
    held_ += growth(place, value);
    if (amount_of(value).cells == 0) {
      cells_.erase(place);
    } else {
      cells_.insert_or_assign(place, value);
    }
  }

  // How much set() would change held(); negative if it would shrink.
  Amount growth(const Place& place, const Json& value) const {
    const auto after = amount_of(value);
    const auto found = cells_.find(place);
    const auto before = found == cells_.end() ? Amount{} : amount_of(found->second);
    return {after.cells - before.cells, after.text - before.text};
  }

  const Amount& held() const { return held_; }
  const std::map<Place, Json>& cells() const { return cells_; }

 private:
  static Amount amount_of(const Json& value) {
    if (value.is_null()) return {};
    if (!value.is_string()) return {1, 0};
    const auto bytes = static_cast<std::int64_t>(value.get_ref<const std::string&>().size());
    return {bytes == 0 ? 0 : 1, bytes};
  }

  std::map<Place, Json> cells_;
  Amount held_;
};

}  // namespace spreadsheet
