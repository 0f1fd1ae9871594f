// Takes the answer to one request, at once or later, on any thread.
//
// All copies of a reply are one reply: the first answer counts, and any other answer is dropped. An answer is also dropped if nobody waits
// for it any more, because the connection has ended, or because http.timeout has passed and the client has got 503. If the last copy is
// destroyed without an answer, the client gets 500, and the log says so. A connection has one reply at a time; further requests wait.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>

#include "net/http/answer.hpp"

namespace hubbub::net {

class Reply {
 public:
  // Hands the answer to the connection. Returns false if nobody waits for it any more. Called at most once, on the thread that answers.
  using Give = std::function<bool(Answer answer)>;

  // `connection` is the connection's number, for the log.
  Reply(std::uint64_t connection, Give give);

  void answer(Answer answer) const;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace hubbub::net
