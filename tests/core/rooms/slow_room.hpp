// A room over a store that answers when the test says so: the fixture, and what its members have seen.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/rooms/slow_store.hpp"
#include "core/rooms/stage.hpp"

namespace hubbub::rooms {

class SlowRoom : public ::testing::Test {
 protected:
  explicit SlowRoom(config::Environment environment = {}) : stage(store, 2, configured(std::move(environment))) {}

  // Lets the store answer so many calls, by default all that there are.
  void answer(std::size_t calls = 1000) {
    stage.run();
    while (calls-- > 0 && stage.home().enter([this] { return store.answer_one(); })) stage.run();
  }

  // Who has come in, when the store had nothing more to do.
  std::unique_ptr<Actor> come(const std::string& nickname, std::optional<JoinRequest::Position> since = {}) {
    auto actor = std::make_unique<Actor>(stage, nickname, 0, std::move(since));
    answer();
    return actor;
  }

  // The same client, over another connection.
  std::unique_ptr<Actor> come_back(const std::string& nickname, const ClientKey& key) {
    return std::make_unique<Actor>(stage, nickname, 0, std::optional<JoinRequest::Position>{}, "general", key);
  }

  std::string epoch_of(Actor& actor) { return actor.take("welcome").at(0)["content"]["epoch"]; }

  // What the room's state is, as a newcomer is told.
  Json state() {
    const auto somebody = come("somebody");
    return somebody->take("answer").at(0)["content"];
  }

  SlowStore store;
  Stage stage;
};

}  // namespace hubbub::rooms
