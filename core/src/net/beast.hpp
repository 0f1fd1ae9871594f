// The one door for Beast, and for the buffers of Asio that it works on. Its code is compiled once, in beast.cpp, instead of in
// every file that includes it. That is only sound where all files say so: this comes before any other header of it.
#pragma once

#if defined(BOOST_BEAST_CONFIG_HPP)
#error "include net/beast.hpp before other headers of Beast"
#endif

#define BOOST_ASIO_NO_DEPRECATED
#define BOOST_BEAST_SEPARATE_COMPILATION

#include <boost/asio/buffer.hpp>
#include <boost/system/system_error.hpp>

namespace hubbub::net {

namespace asio = boost::asio;
using boost::system::error_code;

}  // namespace hubbub::net
