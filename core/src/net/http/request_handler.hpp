// What the net floor asks of the object that answers requests. Free of any library's types.
#pragma once

#include <cstddef>
#include <optional>

#include "net/http/reply.hpp"
#include "net/http/request.hpp"

namespace hubbub::net {

// One per shard; called on that shard's thread. An exception is logged, and the client gets 500 if it has no answer yet.
class RequestHandler {
 public:
  virtual ~RequestHandler() = default;

  // Answers the request by way of `reply`, in this call or later.
  virtual void answer(const Request& request, Reply reply) = 0;

  // Returns how many bytes the body of this request may have; nothing: http.body_limit. A longer body is refused with 413. Asked when only
  // the head of a request with a body has come.
  virtual std::optional<std::size_t> most_body(const Request& head) {
    static_cast<void>(head);
    return {};
  }

  // Returns a refusal if the request is refused whatever its body holds; the body is then not read. Asked when only the head of a request
  // with a body has come.
  virtual std::optional<Response> refuse(const Request& head) {
    static_cast<void>(head);
    return {};
  }
};

}  // namespace hubbub::net
