// bench_libwebsockets [PORT]: rooms with libwebsockets. Each message is serialised once, and written to each member as soon as
// the library says that it may be.
#include <libwebsockets.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <memory>
#include <string>
#include <unordered_map>

#include "room.hpp"

namespace {

using namespace hubbub::bench;

// Has space in front, where lws_write puts the frame's header, which is the same for everybody.
using Payload = std::shared_ptr<std::string>;

struct Client {
  Person person;
  std::string incoming;
  std::deque<Payload> outgoing;
};

using Members = Room<lws*>;

std::unordered_map<std::string, Members> rooms;
lws_context* context = nullptr;
lws_sorted_usec_list_t lists{};

Client*& client_of(void* session) { return *static_cast<Client**>(session); }

void send(Members& room, const std::string& text) {
  if (text.empty()) return;
  const auto payload = std::make_shared<std::string>(std::string(LWS_PRE, '\0') + text);
  for (const auto& [member, nickname] : room.members) {
    client_of(lws_wsi_user(member))->outgoing.push_back(payload);
    lws_callback_on_writable(member);
  }
}

void send_lists(lws_sorted_usec_list_t*) {
  for (auto at = rooms.begin(); at != rooms.end();) {
    auto& [name, room] = *at;
    if (std::exchange(room.list_is_due, false)) send(room, room.list(name));
    at = room.members.empty() ? rooms.erase(at) : std::next(at);
  }
}

void announce(Members& room, const std::string& line) {
  send(room, line);
  if (lws_dll2_is_detached(&lists.list)) {
    lws_sul_schedule(context, 0, &lists, send_lists, std::chrono::microseconds{Members::between_lists}.count());
  }
}

std::string parameter(lws* wsi, const char* name) {
  char buffer[256];
  const auto* value = lws_get_urlarg_by_name(wsi, name, buffer, sizeof buffer);
  return value ? value : "";
}

// If not 0, the connection is closed.
int write(lws* wsi, Client& client) {
  while (!client.outgoing.empty() && !lws_send_pipe_choked(wsi)) {
    auto& payload = *client.outgoing.front();
    const auto size = payload.size() - LWS_PRE;
    if (lws_write(wsi, reinterpret_cast<unsigned char*>(payload.data()) + LWS_PRE, size, LWS_WRITE_TEXT) < static_cast<int>(size)) return -1;
    client.outgoing.pop_front();
  }
  if (!client.outgoing.empty()) lws_callback_on_writable(wsi);
  return 0;
}

int on_event(lws* wsi, lws_callback_reasons reason, void* session, void* in, std::size_t size) {
  switch (reason) {
    case LWS_CALLBACK_ESTABLISHED: {
      auto& client = *(client_of(session) = new Client);
      client.person = {parameter(wsi, "room="), parameter(wsi, "nickname="), parameter(wsi, "id=")};
      auto& room = rooms[client.person.room];
      announce(room, room.join(wsi, client.person));
      return 0;
    }
    case LWS_CALLBACK_CLOSED: {
      const std::unique_ptr<Client> client{client_of(session)};
      auto& room = rooms[client->person.room];
      announce(room, room.leave(wsi, client->person));
      return 0;
    }
    case LWS_CALLBACK_RECEIVE: {
      auto& client = *client_of(session);
      client.incoming.append(static_cast<const char*>(in), size);
      if (!lws_is_final_fragment(wsi) || lws_remaining_packet_payload(wsi) > 0) return 0;
      auto& room = rooms[client.person.room];
      send(room, room.say(client.incoming, client.person));
      client.incoming.clear();
      return 0;
    }
    case LWS_CALLBACK_SERVER_WRITEABLE: return write(wsi, *client_of(session));
    default: return 0;
  }
}

}  // namespace

int main(int argc, char** argv) {
  use_all_descriptors();
  lws_set_log_level(LLL_ERR, nullptr);
  const lws_protocols protocols[] = {{"rooms", on_event, sizeof(Client*), 65536, 0, nullptr, 0}, {nullptr, nullptr, 0, 0, 0, nullptr, 0}};
  lws_context_creation_info info{};
  info.port = argc > 1 ? std::atoi(argv[1]) : 0;
  info.iface = "127.0.0.1";
  info.protocols = protocols;
  info.pt_serv_buf_size = 65536;
  context = lws_create_context(&info);
  if (!context) {
    std::fprintf(stderr, "bench_libwebsockets: cannot listen on port %d\n", info.port);
    return 1;
  }
  std::printf("listening on http://127.0.0.1:%d\n", lws_get_vhost_listen_port(lws_get_vhost_by_name(context, "default")));
  std::fflush(stdout);
  while (lws_service(context, 0) >= 0) continue;
}
