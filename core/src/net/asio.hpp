// The one door for Asio. Its code, and Beast's, is compiled once, in asio.cpp, instead of in every file that includes it.
// That is only sound where all files say so: this comes before any other header of theirs.
#pragma once

#if defined(BOOST_ASIO_DETAIL_CONFIG_HPP) || defined(BOOST_BEAST_CONFIG_HPP)
#error "include net/asio.hpp before other headers of Asio and Beast"
#endif

#define BOOST_ASIO_SEPARATE_COMPILATION
#define BOOST_ASIO_NO_DEPRECATED
#define BOOST_BEAST_SEPARATE_COMPILATION

#include <boost/asio/buffer.hpp>
#include <boost/system/system_error.hpp>

namespace hubbub::net {

namespace asio = boost::asio;
using boost::system::error_code;

}  // namespace hubbub::net
