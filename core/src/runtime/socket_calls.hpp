// Receiving and sending without waiting, for what every message passes. recv() and send() of the C library are points at which
// a thread may be cancelled, which takes two atomic operations a call in a program of several threads; nobody here is cancelled.
#pragma once

#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstddef>
#include <span>
#include <string_view>

namespace hubbub::runtime {

// How many bytes have come or gone; -1: errno says why not. 0 have come: there will be no more.
inline std::ptrdiff_t receive_some(int socket, std::span<char> buffer) {
  return ::syscall(SYS_recvfrom, socket, buffer.data(), buffer.size(), MSG_DONTWAIT, nullptr, nullptr);
}
inline std::ptrdiff_t send_some(int socket, std::string_view bytes) {
  return ::syscall(SYS_sendto, socket, bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL, nullptr, 0);
}

}  // namespace hubbub::runtime
