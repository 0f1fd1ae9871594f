#include <hubbub/plugin.hpp>
#include <random>

// {"type":"dice","content":{"sides":6}} -> {"type":"dice","content":{"sides":6,"roll":4}}
class Dice final : public hubbub::Plugin {
  hubbub::Verdict on_message(const hubbub::Member&, hubbub::Message message) const override {
    const int sides = message.content.at("sides");
    if (sides < 2 || sides > 100) return hubbub::reject("sides must be 2 to 100");
    thread_local std::mt19937 random{std::random_device{}()};
    message.content["roll"] = std::uniform_int_distribution{1, sides}(random);
    return hubbub::broadcast(std::move(message));
  }
};
HUBBUB_PLUGIN(Dice, hubbub::logged("dice"))
