#include "net/websocket/upgrade.hpp"

#include <tuple>

#include "config/config.hpp"
#include "net/connection.hpp"
#include "net/connections.hpp"
#include "net/websocket/connection.hpp"
#include "net/websocket/deflate.hpp"
#include "net/websocket/deflated.hpp"
#include "runtime/io_shard.hpp"
#include "runtime/loop.hpp"

namespace hubbub::net {

Websockets::Websockets(runtime::IoShard& shard, Connections& connections, const config::Websocket& settings)
    : shard_(shard), loop_(shard.loop()), connections_(connections), settings_(settings) {
  if (!settings.compression) return;
  inflater_ = std::make_unique<Inflater>();
  deflater_ = std::make_unique<Deflater>();
  deflated_ = std::make_unique<Deflated>();
}

Websockets::~Websockets() = default;

void Websockets::upgrade(Stream stream, Identity identity, const HeaderLookup& header, std::string early, Upgrade upgrade) {
  HUBBUB_ASSERT_OWN_THREAD(loop_.own_thread());
  auto accepted = accept_handshake(header, upgrade.subprotocol, settings_.compression);
  auto& home = upgrade.shard ? *all_.at(*upgrade.shard) : *this;
  // A task must be copyable, and a stream is not.
  auto held = std::make_shared<std::tuple<Stream, Identity, Accepted, std::string, Upgrade>>(
      std::move(stream), std::move(identity), std::move(accepted), std::move(early), std::move(upgrade));
  home.shard_.run([&home, held = std::move(held)] {
    if (home.connections_.is_closing()) return;
    std::apply([&home](auto&... parts) { start_websocket_connection(home, std::move(parts)...); }, *held);
  });
}

}  // namespace hubbub::net
