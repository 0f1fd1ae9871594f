// What crosses the boundary between a server and its plugins, written down beside the number that stands for it: whoever changes
// one of these without raising HUBBUB_ABI has plugins misread that were built before. What is new comes under a new name and changes
// none of them. With another number, write down anew what is here.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <hubbub/plugin.hpp>
#include <hubbub/rooms.hpp>
#include <hubbub/routes.hpp>
#include <hubbub/server_view.hpp>

#include <cstddef>
#include <cstring>
#include <string>
#include <vector>

#include "plugins/extensions.hpp"
#include "plugins/library.hpp"

namespace hubbub {
namespace {

using testing::ElementsAre;

std::string text_of(const char* text) { return text; }

// Where a virtual function stands in its class' table, from 0.
template <class Function>
std::size_t slot(Function function) {
  std::size_t encoded = 0;
  std::memcpy(&encoded, &function, sizeof encoded);
  return encoded / sizeof(void*);
}

TEST(Abi, number_stands_for_the_layout_of_what_crosses) {
  static_assert(HUBBUB_ABI == 1);
  const auto built_with = text_of(abi::fingerprint.text);
#ifndef _GLIBCXX_DEBUG
  EXPECT_EQ(built_with.substr(built_with.find(", layout")),
            ", layout 4 32 16 24 96 80 32 64 72 48 32 128 8 16 48 80 112 64 32 36 37 40 48 88 8 56");
#endif
  EXPECT_EQ(sizeof(Member), 2 * sizeof(std::string) + 16) << "what a token will say costs a member without one 8 bytes";
}

TEST(Abi, number_stands_for_the_order_of_the_virtual_functions_that_the_server_has) {
#ifdef __x86_64__  // of which the encoding of a pointer to a virtual function is known
  EXPECT_EQ(slot(&Room::name), 0U);
  EXPECT_EQ(slot(&Room::members), 1U);
  EXPECT_EQ(slot(&Room::unix_ms), 2U);
  EXPECT_EQ(slot(&Room::post), 3U);
  EXPECT_EQ(slot(&Room::send), 4U);
  EXPECT_EQ(slot(&Room::wake_after), 5U);
  EXPECT_EQ(slot(&Greeting::replay), 0U);
  EXPECT_EQ(slot(&Greeting::send), 1U);
  EXPECT_EQ(slot(&Greeting::for_everybody), 2U);
  EXPECT_EQ(slot(&Greeting::may_be_followed), 3U);
  EXPECT_EQ(slot(&Host::unix_ms), 0U);
  EXPECT_EQ(slot(&Host::wake_after), 1U);
  EXPECT_EQ(slot(&Host::log), 2U);
  EXPECT_EQ(slot(&ServerView::figures), 0U);
  EXPECT_EQ(slot(&ServerView::fullest_rooms), 1U);
  EXPECT_EQ(slot(&HttpRequest::method), 0U);
  EXPECT_EQ(slot(&HttpRequest::target), 1U);
  EXPECT_EQ(slot(&HttpRequest::parameter), 2U);
  EXPECT_EQ(slot(&HttpRequest::header), 3U);
  EXPECT_EQ(slot(&HttpRequest::body), 4U);
  EXPECT_EQ(slot(&HttpRequest::peer), 5U);
  EXPECT_EQ(slot(&HttpReply::answer), 2U);  // behind two for the destructor
  EXPECT_EQ(slot(&Options::boolean), 2U);  // behind two for the destructor
  EXPECT_EQ(slot(&Options::integer), 3U);
  EXPECT_EQ(slot(&Options::number), 4U);
  EXPECT_EQ(slot(&Options::text), 5U);
  EXPECT_EQ(slot(&Options::choice), 6U);
  EXPECT_EQ(slot(&Options::duration), 7U);
  EXPECT_EQ(slot(&Options::size), 8U);
  EXPECT_EQ(slot(&Options::json), 9U);
  EXPECT_EQ(slot(&Options::files), 10U);
  EXPECT_EQ(slot(&Options::section), 11U);
  EXPECT_EQ(slot(&Options::refuse), 12U);
  EXPECT_EQ(slot(&Options::note), 13U);
#endif
}

// One name, one form. A table may grow at its end.
TEST(Abi, names_stand_for_tables_and_extensions) {
  constexpr auto word = sizeof(void*);
  EXPECT_EQ(sizeof(abi::Table), 6 * word);
  EXPECT_EQ(text_of(abi::RoomPlugin::offer_name), "room plugin 1");
  EXPECT_EQ(offsetof(abi::RoomPlugin, create), 3 * word);
  EXPECT_EQ(offsetof(abi::RoomPlugin, on_message), 6 * word);
  EXPECT_EQ(offsetof(abi::RoomPlugin, restore), 9 * word);
  EXPECT_EQ(offsetof(abi::RoomPlugin, on_timer), 14 * word);
  EXPECT_EQ(offsetof(abi::RoomPlugin, minds_newcomers), 16 * word + 3);
  EXPECT_EQ(text_of(abi::ServerCalls::offer_name), "server calls 1");
  EXPECT_EQ(offsetof(abi::ServerCalls, on_server), word);
  EXPECT_EQ(text_of(abi::ServicePlugin::offer_name), "service 1");
  EXPECT_EQ(offsetof(abi::ServicePlugin, start), 4 * word);
  EXPECT_EQ(offsetof(abi::ServicePlugin, stop), 6 * word);
  EXPECT_THAT(plugins::room_extensions, ElementsAre("server view 1"));
  EXPECT_THAT(plugins::service_extensions, ElementsAre("server view 1", "rooms 1", "routes 1"));
#ifndef _GLIBCXX_DEBUG
  EXPECT_EQ(sizeof(ServerFigures), 56U);
  EXPECT_EQ(sizeof(ServerFigures::PluginTime), 40U);
  EXPECT_EQ(sizeof(ServerRooms), 32U);
  EXPECT_EQ(sizeof(Speaker), 64U);
  EXPECT_EQ(sizeof(Rooms::Outcome), 136U);
  EXPECT_EQ(sizeof(Routes::Route), 96U);
  EXPECT_EQ(sizeof(ServerRooms::Occupied), 64U);
#endif
}

TEST(Abi, token_of_a_member_is_not_copied_with_it) {
  const int something = 0;
  Member jane{"jane", "Jane", 1, TokenPointer{reinterpret_cast<const Token&>(something)}};
  EXPECT_NE(jane.token.get(), nullptr);
  auto kept = jane;
  EXPECT_EQ(kept.token.get(), nullptr) << "it is there only during the call";
  kept = jane;
  EXPECT_EQ(kept.token.get(), nullptr);
  EXPECT_EQ((Member{"bob", "Bob", 2}.token.get()), nullptr);
}

struct Quiet final : Plugin, Needs<ServerView> {};
struct Demanding final : Plugin {};

constexpr auto no_types = [](Options&, std::vector<Type>&, std::string&) noexcept { return abi::Ending::done; };
constinit const abi::Offers<Quiet> quiet{"quiet", no_types};

std::string refusal(const abi::Table& table) {
  try {
    plugins::check_needs(table);
    plugins::room_plugin(table);
    return "nothing is wrong";
  } catch (const std::exception& error) {
    return error.what();
  }
}

// A plugin that was built with a later SDK: its table is longer, and it offers something that nobody has heard of.
TEST(Abi, of_a_newer_plugin_is_used_as_far_as_it_is_known) {
  struct Later {
    abi::RoomPlugin now;
    void (*something_new)() noexcept;
  };
  const Later later{quiet.room, nullptr};
  const abi::Offer offers[] = {{"something else 1", &later}, {abi::RoomPlugin::offer_name, &later}, {nullptr, nullptr}};
  const auto table = abi::table<Quiet>("quiet", "1", offers);
  EXPECT_EQ(refusal(table), "nothing is wrong");
  EXPECT_EQ(&plugins::room_plugin(table), &later.now);
}

TEST(Abi, names_what_a_plugin_needs_and_the_server_does_not_have) {
  auto table = abi::table<Demanding>("demanding", "1", quiet.list);
  EXPECT_EQ(refusal(table), "nothing is wrong");
  const std::string_view needs[] = {"server view 1", "say 1", {}};
  table.needs = needs;
  EXPECT_EQ(refusal(table), "needs \"say 1\", which this server does not have: use a newer server, or an older build of the plugin");
  const abi::Offer offers[] = {{"room plugin 2", &quiet.room}, {nullptr, nullptr}};
  EXPECT_EQ(refusal(abi::table<Quiet>("quiet", "1", offers)),
            "is of a kind that this server does not know (it offers \"room plugin 2\"): use a newer server, or an older build of the plugin");
}

}  // namespace
}  // namespace hubbub
