#include "api/router.hpp"

#include <algorithm>
#include <boost/url.hpp>

#include "api/responses.hpp"
#include "api/target.hpp"

namespace hubbub::api {
namespace {

constexpr std::string_view the_rest = "*";

// "/a/b" has the parts "a" and "b", "/a/" the parts "a" and "".
std::vector<std::string_view> parts_of(std::string_view path) {
  std::vector<std::string_view> parts;
  while (path.starts_with('/')) {
    path.remove_prefix(1);
    const auto end = std::min(path.find('/'), path.size());
    parts.push_back(path.substr(0, end));
    path.remove_prefix(end);
  }
  return parts;
}

// The name of a variable part of a pattern.
std::optional<std::string_view> name_of(std::string_view part) {
  if (part.size() < 3 || !part.starts_with('{') || !part.ends_with('}')) return {};
  return part.substr(1, part.size() - 2);
}

std::string decoded(std::string_view text) { return boost::urls::pct_string_view{text}.decode(); }

bool answers(const Route& route, std::string_view method) { return route.method == method || (route.method == "GET" && method == "HEAD"); }

}  // namespace

std::string_view Parameters::operator[](std::string_view name) const {
  const auto found = std::ranges::find(values_, name, &decltype(values_)::value_type::first);
  return found == values_.end() ? std::string_view{} : std::string_view{found->second};
}

void Router::add(Route route) {
  Entry entry{std::move(route), {}};
  for (const auto part : parts_of(entry.route.pattern)) entry.parts.emplace_back(part);
  entries_.push_back(std::move(entry));
}

std::optional<Parameters> Router::match(const Entry& entry, const std::vector<std::string_view>& path) {
  Parameters parameters;
  for (std::size_t i = 0; i < entry.parts.size(); ++i) {
    if (i >= path.size()) return {};
    const std::string_view part = entry.parts[i];
    const auto name = name_of(part);
    if (name == the_rest) {
      const auto* const begin = path[i].data();
      parameters.values_.emplace_back(std::string{the_rest}, decoded({begin, path.back().data() + path.back().size()}));
      return parameters;
    }
    auto value = decoded(path[i]);
    if (name ? value.empty() : value != part) return {};
    if (name) parameters.values_.emplace_back(std::string{*name}, std::move(value));
  }
  return entry.parts.size() == path.size() ? std::optional{std::move(parameters)} : std::nullopt;
}

std::variant<Router::Found, net::Response> Router::find(const net::Request& request) const {
  const auto has_method = [&request](const Entry& entry) { return answers(entry.route, request.method); };
  std::vector<std::string_view> allowed;
  const auto allow = [&allowed](std::string_view method) {
    if (std::ranges::find(allowed, method) != allowed.end()) return;
    allowed.push_back(method);
    if (method == "GET") allowed.push_back("HEAD");
  };
  if (std::ranges::none_of(entries_, has_method)) {
    for (const auto& entry : entries_) allow(entry.route.method);
    return method_not_allowed(allowed);
  }
  const auto target = escaped_target(request.target);
  const auto url = boost::urls::parse_origin_form(target);
  if (!url) return error_response(400, "the path is not a well-formed URL");
  const auto path = parts_of(url->encoded_path());
  for (const auto& entry : entries_) {
    auto parameters = match(entry, path);
    if (!parameters) continue;
    if (has_method(entry)) return Found{&entry.route, *std::move(parameters)};
    allow(entry.route.method);
  }
  if (!allowed.empty()) return method_not_allowed(allowed);
  return error_response(404, "there is nothing here; the pages are under /static/");
}

}  // namespace hubbub::api
