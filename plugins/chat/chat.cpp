// Chat: messages with a history, and who is typing.
#include <hubbub/plugin.hpp>

#include <deque>

namespace {

class Chat final : public hubbub::Plugin {
 public:
  explicit Chat(hubbub::Options& options)
      : kept_(static_cast<std::size_t>(options.integer("history", 50, 0, 1000))) {}

  void apply(const hubbub::Entry& entry) override {
    history_.push_back(entry);
    trim();
  }

  void greet(const hubbub::Member&, hubbub::Greeting& greeting) const override {
    for (const auto& entry : history_) greeting.replay(entry);
  }

  hubbub::Json snapshot() const override { return history_; }

  void restore(const hubbub::Json& state) override {
    state.get_to(history_);
    trim();
  }

 private:
  void trim() {
    while (history_.size() > kept_) history_.pop_front();
  }

  std::size_t kept_;
  std::deque<hubbub::Entry> history_;  // the newest `kept_` messages, oldest first
};

}  // namespace

HUBBUB_PLUGIN(Chat,
              hubbub::logged("message").schema({{"type", "string"},
                                                {"minLength", 1},
                                                {"maxLength", options.integer("max_length", 2000, 1, 65536)}}),
              hubbub::ephemeral("typing").keep_newest().schema({{"type", "boolean"}}))
