// A plugin's answers when the messages of a recorded room are sent to it again.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <string>

#include "plugins/registry.hpp"
#include "store/recording.hpp"

namespace hubbub::replay {

// Contents of messages, by seq.
using Contents = std::map<std::uint64_t, Json>;

// Reconstructs what members sent. For each message that the plugin number `plugin` refuses as it is in the log, finds the part of
// its content that the plugin turns into exactly this message. Leaves out messages for which there is no such part.
Contents asked(const plugins::Registry& registry, std::size_t plugin, const store::RecordedRoom& room);

struct Answers {
  std::map<std::uint64_t, std::string> refused;  // the reason, by seq
  Contents other;                  // the answers that differ from the log, by seq
  std::set<std::string> unsteady;  // types whose answers vary from call to call, for example by chance or a clock
};

// The form in which messages are compared: `{type, content}`.
Json made(const std::string& type, const Json& content);

// Sends each of the plugin's messages to it again, a few times, in the state that the room had at that time: with the content in
// `asked` if it is there, else with the content in the log. A message that the plugin changed when it accepted it may be refused
// for that reason alone; so a refusal says something only if another build does not refuse the message.
Answers answers(const plugins::Registry& registry, std::size_t plugin, const store::RecordedRoom& room, const Contents& asked);

}  // namespace hubbub::replay
