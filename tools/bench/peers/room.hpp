// A room as in the protocol, shared by the servers in C++ and independent of the transport. Nothing is checked
// and nothing is kept. C++17, because websocketpp is not C++20. Used on one thread.
#pragma once

#include <sys/resource.h>

#include <chrono>
#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>

namespace hubbub::bench {

using Json = nlohmann::ordered_json;

struct Person {
  std::string room, nickname, id;
};

// Member: the library's type for a connection; must be ordered.
template <class Member>
class Room {
 public:
  static constexpr std::size_t listed = 100;  // names in a list, and members of a room that lines are sent to
  static constexpr std::chrono::milliseconds between_lists{250};

  std::map<Member, std::string> members;  // with their nicknames
  bool list_is_due = false;               // whoever takes it away sends list() within between_lists

  // Each returns the text to send to all members; join and leave may return nothing.
  std::string join(Member member, const Person& person) {
    members[member] = person.nickname;
    return announce(person, " joined the room");
  }
  std::string leave(Member member, const Person& person) {
    members.erase(member);
    return announce(person, " left the room");
  }
  std::string say(const std::string& text, const Person& person) {
    auto message = Json::parse(text);
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    const Json stamped{{"type", std::move(message["type"])},
                       {"content", std::move(message["content"])},
                       {"room", person.room},
                       {"nickname", person.nickname},
                       {"id", person.id},
                       {"seq", ++seq_},
                       {"ts", std::chrono::duration_cast<std::chrono::milliseconds>(now).count()},
                       {"ref", std::move(message["ref"])}};
    return stamped.dump();
  }
  std::string list(const std::string& name) const {
    Json names = Json::array();
    for (const auto& [member, nickname] : members) {
      if (names.size() == listed) break;
      names.push_back(nickname);
    }
    Json update{{"type", "users_update"}, {"content", names}, {"room", name}};
    if (members.size() > listed) update["count"] = members.size();
    return update.dump();
  }

 private:
  std::string announce(const Person& person, const char* what) {
    list_is_due = true;
    if (members.size() > listed) return {};
    return Json{{"type", "system"}, {"content", person.nickname + what}, {"room", person.room}, {"nickname", "System"}}.dump();
  }

  std::uint64_t seq_ = 0;
};

inline void use_all_descriptors() {
  rlimit files{};
  ::getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &files);
}

}  // namespace hubbub::bench
