#include "net/http/response_head.hpp"

#include <array>
#include <ctime>
#include <stdexcept>

namespace hubbub::net {
namespace {

std::string_view reason_for(unsigned status) {
  switch (status) {
    case 200: return "OK";
    case 201: return "Created";
    case 202: return "Accepted";
    case 204: return "No Content";
    case 206: return "Partial Content";
    case 301: return "Moved Permanently";
    case 302: return "Found";
    case 303: return "See Other";
    case 304: return "Not Modified";
    case 307: return "Temporary Redirect";
    case 308: return "Permanent Redirect";
    case 400: return "Bad Request";
    case 401: return "Unauthorized";
    case 403: return "Forbidden";
    case 404: return "Not Found";
    case 405: return "Method Not Allowed";
    case 406: return "Not Acceptable";
    case 408: return "Request Timeout";
    case 409: return "Conflict";
    case 410: return "Gone";
    case 411: return "Length Required";
    case 412: return "Precondition Failed";
    case 413: return "Content Too Large";
    case 415: return "Unsupported Media Type";
    case 416: return "Range Not Satisfiable";
    case 417: return "Expectation Failed";
    case 422: return "Unprocessable Content";
    case 426: return "Upgrade Required";
    case 429: return "Too Many Requests";
    case 431: return "Request Header Fields Too Large";
    case 500: return "Internal Server Error";
    case 501: return "Not Implemented";
    case 503: return "Service Unavailable";
    case 505: return "HTTP Version Not Supported";
    default: return "";  // the phrase may be empty, but the space before it must be there
  }
}

// The current date, formatted at most once a second on each thread.
const std::string& date() {
  thread_local std::time_t when = 0;
  thread_local std::string text;
  const auto now = std::time(nullptr);
  if (now == when) return text;
  when = now;
  return text = http_date(now);
}

}  // namespace

std::string http_date(std::time_t when) {
  std::tm parts{};
  gmtime_r(&when, &parts);
  // By hand: strftime would follow the locale of the process.
  constexpr std::array<std::string_view, 7> days{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  constexpr std::array<std::string_view, 12> months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                    "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const auto two = [](int number) { return (number < 10 ? "0" : "") + std::to_string(number); };
  return std::string{days.at(static_cast<std::size_t>(parts.tm_wday))} + ", " + two(parts.tm_mday) + " " +
         std::string{months.at(static_cast<std::size_t>(parts.tm_mon))} + " " + std::to_string(1900 + parts.tm_year) +
         " " + two(parts.tm_hour) + ":" + two(parts.tm_min) + ":" + two(parts.tm_sec) + " GMT";
}

std::string response_head(const Response& response, const Framing& framing) {
  std::string head{"HTTP/1.1 "};
  head += std::to_string(response.status);
  head += ' ';
  head += reason_for(response.status);
  const auto add = [&head](std::string_view name, std::string_view value) {
    if (name.find_first_of("\r\n:") != name.npos || value.find_first_of("\r\n") != value.npos) {
      throw std::invalid_argument{"a response header must not contain a line break"};
    }
    head.append("\r\n").append(name).append(": ").append(value);
  };
  add("Date", date());
  add("Server", "hubbub");
  for (const auto& [name, value] : response.headers) add(name, value);
  // RFC 9110, 8.6: a 204 must not have it, and a 304 need not repeat that of the 200.
  if (response.status != 204 && response.status != 304) add("Content-Length", std::to_string(framing.length));
  if (response.status == 426) {
    add("Connection", framing.keep_alive ? "Upgrade" : "Upgrade, close");
  } else if (!framing.keep_alive) {
    add("Connection", "close");
  } else if (!framing.http_1_1) {
    add("Connection", "keep-alive");
  }
  return head += "\r\n\r\n";
}

Response refusal(unsigned status, std::string_view why) {
  return {status,
          {{"Content-Type", "application/json"}, {"Cache-Control", "no-store"}, {"X-Content-Type-Options", "nosniff"}},
          R"({"error":")" + std::string{why} + "\"}\n"};
}

}  // namespace hubbub::net
