#include "types.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>

#include "json.hpp"

namespace script {
namespace {

using hubbub::Type;

constexpr double fastest = 1'000'000;  // messages a second

bool flag(const Json& value, const std::string& name) {
  if (!value.is_boolean()) throw std::runtime_error(name + " must be true or false");
  return value;
}

// A schema may be a text that holds JSON, or a table.
Json schema_of(const Json& value) {
  if (!value.is_string()) return value;
  auto schema = Json::parse(value.get_ref<const std::string&>(), nullptr, false);
  if (schema.is_discarded()) throw std::runtime_error("schema is not JSON");
  return schema;
}

Type with(Type type, const std::string& name, const Json& value) {
  if (name == "schema") return std::move(type).schema(schema_of(value));
  if (name == "max_rate") {
    if (!value.is_number() || value <= 0 || value > fastest) {
      throw std::runtime_error("max_rate must be a number of messages a second");
    }
    return std::move(type).max_rate(value);
  }
  if (name == "keep_newest") {
    if (flag(value, name) && !type.is_ephemeral()) throw std::runtime_error("keep_newest is for ephemeral types");
    return value ? std::move(type).keep_newest() : type;
  }
  if (name == "from_server") return flag(value, name) ? std::move(type).from_server() : type;
  throw std::runtime_error("a type has no " + name + "; known here: schema, max_rate, keep_newest, from_server");
}

template <Type (*kind)(std::string)>
int declare(lua_State* state) {
  auto* types = Lua::of(state).at_hand().declares;
  if (!types) throw std::runtime_error("a type is declared while the file is loaded, outside of functions");
  luaL_checktype(state, 1, LUA_TSTRING);
  auto type = kind(to_json(state, 1, "the type"));
  if (std::ranges::find(*types, type.name(), &Type::name) != types->end()) {
    throw std::runtime_error("the type " + type.name() + " is declared twice");
  }
  if (!lua_isnoneornil(state, 2)) {
    luaL_checktype(state, 2, LUA_TTABLE);
    const auto properties = to_json(state, 2, type.name());
    if (properties.is_array() && !properties.empty()) {
      throw std::runtime_error("the properties of a type need names: {max_rate = 5}");
    }
    for (const auto& [name, value] : properties.items()) type = with(std::move(type), name, value);
  }
  types->push_back(std::move(type));
  return 0;
}

constexpr std::array<luaL_Reg, 4> functions = {{{"logged", throwing<declare<hubbub::logged>>},
                                                {"ephemeral", throwing<declare<hubbub::ephemeral>>},
                                                {"question", throwing<declare<hubbub::question>>},
                                                {}}};

}  // namespace

void add_types(lua_State* state) { luaL_setfuncs(state, functions.data(), 0); }

}  // namespace script
