#include "api/service_rooms.hpp"

#include <algorithm>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>

#include "config/config.hpp"
#include "protocol/depth.hpp"
#include "protocol/json.hpp"
#include "protocol/limits.hpp"
#include "protocol/text.hpp"

namespace hubbub::api {
namespace {

void check(std::string_view room, const Speaker& speaker, std::string_view ref) {
  const auto require = [](bool holds, const char* rule) {
    if (!holds) throw std::invalid_argument(rule);
  };
  const auto is_shown = [](std::string_view name) { return is_name(name) && trim(name) == name && !has_hidden(name); };
  require(is_shown(room), "a room's name must be 1 to 64 characters that are visible, without space at its ends");
  require(is_shown(speaker.nickname), "a nickname must be 1 to 64 characters that are visible, without space at its ends");
  require(is_id(speaker.id), "an id must be 1 to 64 of the characters A-Z a-z 0-9 . _ : -");
  require(characters(ref).value_or(longest_ref + 1) <= longest_ref, "a ref must be at most 64 characters");
}

// Returns why a client could not send this; nothing if it could.
std::optional<std::string> fault_of(const Message& message, const config::Websocket& limits) {
  if (message.type.size() > longest_type || !characters(message.type)) return "type: must be a text of at most 64 bytes";
  std::string text;
  try {
    append_json(text, message.content);
  } catch (const std::runtime_error& error) {
    return std::string{"content: "} + error.what();
  }
  if (text.size() > limits.max_message) return "content: must be at most " + std::to_string(limits.max_message) + " bytes of JSON";
  if (!is_deeper_than(text, limits.max_depth)) return {};
  return "content: must not be nested deeper than " + std::to_string(limits.max_depth) + " levels";
}

Rooms::Outcome as_told(const rooms::Outcome& outcome) {
  Rooms::Outcome told{.refused = {}, .why = {}, .seq = outcome.seq};
  if (outcome.refused) {
    told.refused = to_string(outcome.refused->code);
    told.why = outcome.refused->text;
    told.retry_after = outcome.refused->retry_after;
  }
  if (outcome.answer) {
    auto answer = Json::parse(outcome.answer->payload());
    told.answer = Message{answer["type"].get<std::string>(), std::move(answer["content"])};
  }
  return told;
}

}  // namespace

// A service speaks in few rooms, so a search from the last one that spoke finds its guest soon.
ServiceRooms::Position ServiceRooms::guest(std::string_view room, Speaker&& speaker) {
  const auto found = std::ranges::find_if(spoken_, [&](const Spoken& each) {
    return each.room == room && each.speaker.id == speaker.id && each.speaker.nickname == speaker.nickname;
  });
  if (found != spoken_.end()) {
    spoken_.splice(spoken_.begin(), spoken_, found);
    return found;
  }
  while (spoken_.size() >= most_idle) {
    const auto idle = std::ranges::find(spoken_.rbegin(), spoken_.rend(), 0U, &Spoken::awaited);
    if (idle == spoken_.rend()) break;
    spoken_.erase(std::next(idle).base());
  }
  spoken_.emplace_front(world_, shard_, room, std::move(speaker));
  return spoken_.begin();
}

void ServiceRooms::pass(std::string_view room, Message&& message, Speaker&& speaker, GuardedTell&& tell, std::string_view ref) {
  HUBBUB_ASSERT_OWN_THREAD(shard_);
  check(room, speaker, ref);
  if (auto fault = fault_of(message, world_.config.websocket)) return refuse(std::move(tell), "invalid", *std::move(fault));
  if (awaited_.size() >= most_awaited) return refuse(std::move(tell), "unavailable", "too much waits to be stored; try again later");
  Envelope envelope{std::move(message.type), std::move(message.content), ref.empty() ? std::string{} : json_text(ref)};
  const auto by = guest(room, std::move(speaker));
  const auto number = ++last_;
  awaited_.emplace(number, Awaited{by, std::move(tell)});
  ++by->awaited;
  by->guest.say(std::move(envelope), [this, number](const rooms::Outcome& outcome) { this->tell(number, outcome); });
}

void ServiceRooms::tell(std::uint64_t number, const rooms::Outcome& outcome) {
  auto awaited = std::move(awaited_.extract(number).mapped());
  --awaited.by->awaited;
  if (!awaited.tell) return;
  const auto told = as_told(outcome);
  run_("an outcome", [&](std::string& fault) { return awaited.tell(told, fault); });
}

// Not within the service's own call: the service may have to remember first what it has said.
void ServiceRooms::refuse(GuardedTell&& tell, const char* code, std::string why) {
  if (!tell) return;
  const Outcome refused{.refused = code, .why = std::move(why)};
  shard_.post([this, lives = std::weak_ptr{lives_}, tell = std::move(tell), refused] {
    if (!lives.expired()) run_("an outcome", [&](std::string& fault) { return tell(refused, fault); });
  });
}

}  // namespace hubbub::api
