#include "lua.hpp"

#include <algorithm>
#include <cstdlib>
#include <ctime>
#include <new>
#include <stdexcept>

#include "words.hpp"

namespace script {
namespace {

constexpr int most_callers = 8;            // in a trace
constexpr int interval = 1000;             // instructions between two checks of the limits
constexpr std::size_t bytes_for_one = 64;  // allocated bytes that count as one instruction
constexpr std::size_t most_at_once = std::size_t{1} << 40U;  // instructions: above any limit, and the sum cannot overflow
constexpr std::int64_t ns_for_one = 250;   // processor time per instruction: only work on huge values exceeds this on average

std::int64_t processor_time() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return std::int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
}

int run_body(lua_State* state) {
  const auto& body = *static_cast<const std::function<void(lua_State*)>*>(lua_touserdata(state, 1));
  lua_settop(state, 0);
  body(state);
  return 0;
}

}  // namespace

Lua::Lua(const Limits& limits) : limits_(limits) {
  state_.reset(lua_newstate(allocate, this));
  if (!state_) throw std::bad_alloc{};
  *static_cast<Lua**>(lua_getextraspace(state_.get())) = this;
}

std::optional<std::string> Lua::call(const Call& call, const std::function<void(lua_State*)>& body) {
  auto* state = state_.get();
  const auto used_before = used_;
  call_ = call;
  left_ = limits_.instructions;
  until_ = 0;
  end_ = End::none;
  trace_ = {};
  lua_sethook(state, on_count, LUA_MASKCOUNT, interval);
  lua_pushcfunction(state, on_error);
  lua_pushcfunction(state, throwing<run_body>);
  lua_pushlightuserdata(state, const_cast<std::function<void(lua_State*)>*>(&body));
  const int status = lua_pcall(state, 1, 0, 1);
  if (status == LUA_OK) return lua_settop(state, 0), std::nullopt;
  const auto* text = lua_type(state, -1) == LUA_TSTRING ? lua_tostring(state, -1) : nullptr;
  auto words = text ? std::string{text} : "an error that is not text: " + value_;
  const auto file = trace_.place.substr(0, trace_.place.rfind(':') + 1);
  if (!file.empty() && !words.starts_with(file)) words = trace_.place + ": " + words;  // for example if one built-in function called another
  words += trace_.callers;
  const bool final = is_final(status);
  lua_settop(state, 0);
  if (end_ == End::rejected) return words_;
  lua_gc(state, LUA_GCCOLLECT);  // Lua's text buffers give up without collecting first, and may leave a lot of garbage
  is_spoilt_ = is_spoilt_ || (final && !call.is_fold && used_ > used_before + limits_.memory / 8);
  throw std::runtime_error(final ? words_ : words);
}

void Lua::charge(lua_State* state, std::size_t instructions) {
  if (!counts_) return;
  left_ -= static_cast<std::int64_t>(std::min(instructions, most_at_once));
  if (left_ < 0) stop(state, std::to_string(limits_.instructions) + " instructions");
}

void Lua::reject(lua_State* state, std::string words) {
  end_ = End::rejected;
  words_ = std::move(words);
  lua_pushliteral(state, "rejected");
  lua_error(state);
  std::abort();  // never reached: lua_error throws
}

bool Lua::is_final(int status) {
  if (status == LUA_ERRMEM && end_ == End::none) {
    end_ = End::stopped;
    words_ = "it needs more memory than the option memory allows";
  }
  return end_ != End::none;
}

void* Lua::allocate(void* self, void* block, std::size_t old_size, std::size_t new_size) {
  auto& lua = *static_cast<Lua*>(self);
  if (!block) old_size = 0;  // for a new block Lua passes the kind of the object here
  if (new_size == 0) {
    std::free(block);
    lua.used_ -= old_size;
    return nullptr;
  }
  const auto more = new_size > old_size ? new_size - old_size : 0;
  const bool is_too_much = more != 0 && (more > lua.limits_.memory || lua.used_ > lua.limits_.memory - more);
  // If the request is refused, Lua runs a full garbage collection, which costs about as much as the memory in use, and asks again.
  if (lua.counts_) lua.left_ -= static_cast<std::int64_t>((is_too_much ? lua.used_ : more) / bytes_for_one);
  if (lua.left_ < 0 && lua.state_) lua_sethook(lua.state_.get(), on_count, LUA_MASKCOUNT, 1);
  void* moved = is_too_much ? nullptr : std::realloc(block, new_size);
  if (moved) lua.used_ = lua.used_ - old_size + new_size;
  return moved;
}

void Lua::on_count(lua_State* state, lua_Debug*) {
  auto& lua = of(state);
  const auto now = processor_time();
  if (lua.until_ == 0) lua.until_ = now + lua.limits_.instructions * ns_for_one;
  if (now > lua.until_) lua.stop(state, std::to_string(lua.limits_.instructions * ns_for_one / 1'000'000) + " ms");
  lua.charge(state, lua.left_ < 0 ? 1 : interval);
}

Lua::Trace Lua::trace(lua_State* state) const {
  Trace found;
  int callers = 0;
  lua_Debug info{};
  for (int level = 0; lua_getstack(state, level, &info) != 0; ++level) {
    lua_getinfo(state, "Sln", &info);
    if (info.currentline <= 0) continue;  // not a script's function
    const auto place = std::string{info.short_src} + ":" + std::to_string(info.currentline);
    if (found.place.empty()) {
      found.place = place;
    } else if (++callers > most_callers) {
      found.callers += ", …";
      break;
    } else {
      const auto* name = info.name ? info.name : call_.function;  // the outermost function was not called by a script
      found.callers += (callers == 1 ? "; called from " : ", ") + std::string{name} + " (" + place + ")";
    }
  }
  return found;
}

int Lua::on_error(lua_State* state) {
  auto& lua = of(state);
  if (lua.end_ != End::none) return 1;
  lua.trace_ = lua.trace(state);
  if (lua_type(state, 1) != LUA_TSTRING) lua.value_ = words_of(state, 1);
  return 1;
}

void Lua::stop(lua_State* state, const std::string& when) {
  if (end_ == End::none) {
    const auto where = trace(state);
    words_ = (where.place.empty() ? "" : where.place + ": ") + "it was stopped after " + when +
             "; raise the option instructions to allow more" + where.callers;
    end_ = End::stopped;
  }
  lua_sethook(state, on_count, LUA_MASKCOUNT, 1);
  lua_pushliteral(state, "stopped");
  lua_error(state);
  std::abort();  // never reached: lua_error throws
}

}  // namespace script
