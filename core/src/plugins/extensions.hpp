// The names of the extensions that this server offers to plugins (see Room::extension and Host::extension in the SDK).
#pragma once

#include <hubbub/rooms.hpp>
#include <hubbub/routes.hpp>
#include <hubbub/server_view.hpp>

#include <array>
#include <string_view>

namespace hubbub::plugins {

inline constexpr std::array<std::string_view, 1> room_extensions = {ServerView::extension_name};
inline constexpr std::array<std::string_view, 3> service_extensions = {ServerView::extension_name, Rooms::extension_name, Routes::extension_name};

}  // namespace hubbub::plugins
