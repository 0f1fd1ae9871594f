// The answer to one request, which may come later: whoever has the reply gives it, once, on any thread.
//
// Copies are one reply. Its first answer counts, and any other is dropped; so is an answer that nobody waits for any more, because the
// connection has ended, or http.timeout has passed and the client was told 503. If the last copy goes without an answer, the client is
// told 500, and the log says so. A connection has one reply at a time: what its client sends meanwhile waits.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>

#include "net/http/answer.hpp"

namespace hubbub::net {

class Reply {
 public:
  // Hands an answer over to whoever waits for it; false if nobody does any more. Called at most once, on the thread that answers.
  using Give = std::function<bool(Answer answer)>;

  // `connection` is the number for the log.
  Reply(std::uint64_t connection, Give give);

  void answer(Answer answer) const;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace hubbub::net
