// Non-blocking receive and send for the hot path, as direct system calls. The C library's recv() and send() are cancellation
// points, which cost two atomic operations a call in a program with several threads; no thread here is ever cancelled.
#pragma once

#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include <cstddef>
#include <span>
#include <string_view>

namespace hubbub::runtime {

// Both return the number of bytes; -1 on failure, with errno set. receive_some() returns 0 at the end of the stream.
inline std::ptrdiff_t receive_some(int socket, std::span<char> buffer) {
  return ::syscall(SYS_recvfrom, socket, buffer.data(), buffer.size(), MSG_DONTWAIT, nullptr, nullptr);
}
inline std::ptrdiff_t send_some(int socket, std::string_view bytes) {
  return ::syscall(SYS_sendto, socket, bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL, nullptr, 0);
}
inline std::ptrdiff_t send_some(int socket, std::span<const iovec> pieces) {
  msghdr message{};
  message.msg_iov = const_cast<iovec*>(pieces.data());
  message.msg_iovlen = pieces.size();
  return ::syscall(SYS_sendmsg, socket, &message, MSG_DONTWAIT | MSG_NOSIGNAL);
}

}  // namespace hubbub::runtime
