#include "protocol/fast_json.hpp"

namespace hubbub {

namespace dom = simdjson::dom;

bool convert(dom::element element, std::size_t max_depth, Json& json) {
  switch (element.type()) {
    case dom::element_type::ARRAY: {
      if (max_depth == 0) return false;
      const dom::array array{element};
      json = Json::array();
      auto& values = json.get_ref<Json::array_t&>();
      values.reserve(array.size());
      for (const auto value : array) {
        if (!convert(value, max_depth - 1, values.emplace_back())) return false;
      }
      return true;
    }
    case dom::element_type::OBJECT: {
      if (max_depth == 0) return false;
      json = Json::object();
      auto& members = json.get_ref<Json::object_t&>();
      for (const auto [key, value] : dom::object{element}) {
        if (!convert(value, max_depth - 1, members[std::string{key}])) return false;
      }
      return true;
    }
    case dom::element_type::STRING: json = std::string_view{element}; return true;
    case dom::element_type::UINT64: json = std::uint64_t{element}; return true;
    case dom::element_type::DOUBLE: json = double{element}; return true;
    case dom::element_type::BOOL: json = bool{element}; return true;
    case dom::element_type::NULL_VALUE: json = nullptr; return true;
    case dom::element_type::INT64: {
      // As nlohmann/json does it: numbers that are not negative are unsigned.
      const std::int64_t number = element;
      number < 0 ? json = number : json = static_cast<std::uint64_t>(number);
      return true;
    }
  }
  return false;
}

}  // namespace hubbub
