// What the net floor asks of the object that answers requests. Free of any library's types.
#pragma once

#include <cstddef>
#include <optional>

#include "net/http/reply.hpp"
#include "net/http/request.hpp"

namespace hubbub::net {

// One per shard; called on that shard's thread. What it throws is logged and answered with 500.
class RequestHandler {
 public:
  virtual ~RequestHandler() = default;

  // Answers the request by way of `reply`, in this call or later.
  virtual void answer(const Request& request, Reply reply) = 0;

  // Asked of a request with a body, of which only the head has come: how many bytes of a body it takes; nothing: http.body_limit. What is
  // longer is refused with 413.
  virtual std::optional<std::size_t> most_body(const Request& head) {
    static_cast<void>(head);
    return {};
  }

  // Asked of a request with a body, of which only the head has come: the answer if it is a refusal whatever the body holds, which
  // is not read then.
  virtual std::optional<Response> refuse(const Request& head) {
    static_cast<void>(head);
    return {};
  }
};

}  // namespace hubbub::net
