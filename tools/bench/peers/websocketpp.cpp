// bench_websocketpp [PORT]: rooms with websocketpp over Boost.Asio. Each message is serialised once and sent to each member.
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <websocketpp/config/asio_no_tls.hpp>
#include <websocketpp/server.hpp>

#include "room.hpp"

namespace {

using namespace hubbub::bench;
using Handle = websocketpp::connection_hdl;

// The member's data, kept with the connection.
struct Config : websocketpp::config::asio {
  using connection_base = Person;
};
using Server = websocketpp::server<Config>;

std::string parameter(const std::string& query, const std::string& name) {
  const auto at = ("&" + query).find("&" + name + "=");
  if (at == std::string::npos) return {};
  const auto begin = at + name.size() + 1;
  return query.substr(begin, query.find('&', begin) - begin);
}

class Rooms {
 public:
  explicit Rooms(std::uint16_t port) {
    server_.clear_access_channels(websocketpp::log::alevel::all);
    server_.clear_error_channels(websocketpp::log::elevel::all);
    server_.init_asio();
    server_.set_reuse_addr(true);
    server_.set_listen_backlog(4096);
    server_.set_open_handler([this](Handle handle) { open(handle); });
    server_.set_close_handler([this](Handle handle) { close(handle); });
    server_.set_message_handler([this](Handle handle, Server::message_ptr message) {
      const auto& person = *server_.get_con_from_hdl(handle);
      auto& room = rooms_[person.room];
      send(room, room.say(message->get_payload(), person));
    });
    server_.listen(boost::asio::ip::tcp::endpoint{boost::asio::ip::address_v4::loopback(), port});
    server_.start_accept();
    boost::system::error_code ignored;
    std::printf("listening on http://127.0.0.1:%u\n", unsigned{server_.get_local_endpoint(ignored).port()});
    std::fflush(stdout);
    server_.run();
  }

 private:
  struct Ordered {
    Handle handle;
    bool operator<(const Ordered& other) const { return handle.owner_before(other.handle); }
  };
  using Room = hubbub::bench::Room<Ordered>;

  void open(Handle handle) {
    const auto connection = server_.get_con_from_hdl(handle);
    connection->get_raw_socket().set_option(boost::asio::ip::tcp::no_delay{true});
    const auto query = connection->get_uri()->get_query();
    Person& person = *connection;
    person = {parameter(query, "room"), parameter(query, "nickname"), parameter(query, "id")};
    auto& room = rooms_[person.room];
    announce(room, person, [&] { return room.join({handle}, person); });
  }

  void close(Handle handle) {
    const Person& person = *server_.get_con_from_hdl(handle);
    auto& room = rooms_[person.room];
    announce(room, person, [&] { return room.leave({handle}, person); });
  }

  template <class Change>
  void announce(Room& room, const Person& person, Change change) {
    const bool waits = room.list_is_due;
    send(room, change());
    if (waits) return;
    server_.set_timer(Room::between_lists.count(), [this, name = person.room](const auto&) {
      auto& changed = rooms_[name];
      changed.list_is_due = false;
      send(changed, changed.list(name));
      if (changed.members.empty()) rooms_.erase(name);
    });
  }

  void send(const Room& room, const std::string& text) {
    if (text.empty()) return;
    for (const auto& [member, nickname] : room.members) {
      websocketpp::lib::error_code gone;
      server_.send(member.handle, text, websocketpp::frame::opcode::text, gone);
    }
  }

  Server server_;
  std::map<std::string, Room> rooms_;
};

}  // namespace

int main(int argc, char** argv) {
  use_all_descriptors();
  Rooms{static_cast<std::uint16_t>(argc > 1 ? std::atoi(argv[1]) : 0)};
}
