// Feeds one plugin with messages, as a room would, and looks for crashes, for a refused message that changed the state, and
// for a state that changes when it is restored. An input is a text of lines, each a message as a client
// sends it; three people send them in turn. Some mutations insert a message that the plugin's schema allows.
//
//   fuzz_plugin --plugin=draw --seeds=FOLDER [libFuzzer's options] FOLDER…
//
// tools/fuzz runs it.
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "plugins/every_plugin.hpp"
#include "plugins/random_json.hpp"
#include "plugins/still_room.hpp"
#include "protocol/encode.hpp"
#include "protocol/envelope.hpp"

extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t max_size);

namespace {

using namespace hubbub;

std::unique_ptr<plugins::Registry> registry;

[[noreturn]] void fail(const std::string& what) {
  std::fprintf(stderr, "%s\n", what.c_str());
  std::abort();  // libFuzzer keeps the input
}

class Play {
 public:
  void say(const Member& sender, std::string_view text) {
    auto parsed = parse_envelope(text, 32);
    auto* envelope = std::get_if<Envelope>(&parsed);
    const auto* route = envelope ? registry->find(envelope->type) : nullptr;
    if (!route || route->type.is_from_server() || route->schema.check(envelope->content)) return;
    if (!fold_->has(0)) fail("it cannot be made");
    Verdict verdict;
    const auto fault = fold_->on_message(0, sender, {envelope->type, envelope->content}, verdict);
    if (fold_->snapshot() != state_) fail("asking changed the state");
    if (fault && !fault->unfit) fail(std::string{text} + " made it fail: " + fault->text);
    if (!fault && verdict.kind == Verdict::Kind::broadcast) accept(sender, verdict.message);
  }

  // The room is opened again.
  void restore() {
    fold_->greeting(0, {"newcomer", "Newcomer", 9});
    fold_.emplace(*registry, room_);
    if (!fold_->restore(store::Snapshot{seq_, *state_}, {}) || fold_->why_out(0)) fail("it cannot restore its own snapshot");
    if (fold_->snapshot() != state_) fail("another state after it was restored");
  }

 private:
  void accept(const Member& sender, const Message& message) {
    const auto* route = registry->find(message.type);
    if (!route) fail("it broadcasts a type that it does not declare: " + message.type);
    if (!route->type.is_logged()) return;
    if (!fold_->apply(0, {++seq_, room_.time(), sender.id, sender.nickname, message.type, message.content})) {
      fail("it accepted what it cannot apply");
    }
    state_ = fold_->snapshot();
    if (!state_) fail("it cannot tell its state");
  }

  replay::StillRoom room_;
  std::optional<rooms::Fold> fold_{std::in_place, *registry, room_};
  std::optional<std::string> state_ = fold_->snapshot();
  std::uint64_t seq_ = 0;
};

std::string message_that_fits(testing::RandomJson& random) {
  const auto types = Json::parse(registry->sendable_types());
  if (types.empty()) return {};
  const auto type = types[random.below(types.size())].get<std::string>();
  const Json message = {{"type", type}, {"content", random.fitting(registry->find(type)->type.schema())}};
  return message.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

void make_seeds(const std::filesystem::path& folder) {
  for (unsigned seed = 1; seed <= 50; ++seed) {
    testing::RandomJson random{seed};
    std::ofstream file{folder / std::to_string(seed)};
    for (unsigned lines = 0; lines <= seed / 4; ++lines) file << message_that_fits(random);
  }
}

}  // namespace

extern "C" int LLVMFuzzerInitialize(int* argc, char*** argv) {
  std::string seeds;
  for (int i = 1; i < *argc; ++i) {
    const std::string_view option = (*argv)[i];
    if (option.starts_with("--plugin=")) {
      const std::string name{option.substr(9)};
      registry = std::make_unique<plugins::Registry>(
          testing::load_plugin(HUBBUB_PLUGIN_DIR, name, testing::options_of(testing::every_plugin().at(name))));
    }
    if (option.starts_with("--seeds=")) seeds = option.substr(8);
  }
  if (!registry) fail("say --plugin=NAME");
  if (!seeds.empty()) make_seeds(seeds);
  return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view text{reinterpret_cast<const char*>(data), size};
  Play play;
  for (std::uint64_t line = 0; !text.empty(); ++line) {
    const auto end = std::min(text.find('\n'), text.size());
    play.say({"id" + std::to_string(line % 3), "Somebody", line % 3 + 1}, text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line % 5 == 4) play.restore();
  }
  play.restore();
  return 0;
}

extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size, std::size_t max_size, unsigned seed) {
  testing::RandomJson random{seed};
  if (random.one_in(2)) return LLVMFuzzerMutate(data, size, max_size);
  std::string text{reinterpret_cast<const char*>(data), size};
  auto at = random.below(size + 1);
  at = std::min(text.find('\n', at), text.size() - 1) + 1;  // the beginning of a line, or the end
  text.insert(at, message_that_fits(random));
  if (text.size() > max_size) return LLVMFuzzerMutate(data, size, max_size);
  std::copy(text.begin(), text.end(), data);
  return text.size();
}
