#include "net/http/reply.hpp"

#include <atomic>
#include <exception>
#include <utility>

#include "net/http/response_head.hpp"
#include "runtime/log.hpp"

namespace hubbub::net {

struct Reply::State {
  State(std::uint64_t its_connection, Give its_give) : connection(its_connection), give(std::move(its_give)) {}
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State() {
    if (is_answered.exchange(true)) return;
    try {
      if (!give(refusal(500, "the server failed to answer this"))) return;
      log::error("connection={} the handler of a request has dropped it without an answer", connection);
    } catch (const std::exception&) {
      // There is no memory for an answer. The client waits until http.timeout.
    }
  }

  const std::uint64_t connection;
  const Give give;
  std::atomic<bool> is_answered = false;
};

Reply::Reply(std::uint64_t connection, Give give) : state_(std::make_shared<State>(connection, std::move(give))) {}

void Reply::answer(Answer answer) const {
  if (!state_->is_answered.exchange(true)) state_->give(std::move(answer));
}

}  // namespace hubbub::net
