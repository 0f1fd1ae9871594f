// Chat: messages with a history, and who is typing.
#include <hubbub/plugin.hpp>

#include <boost/circular_buffer.hpp>

namespace {

class Chat final : public hubbub::Plugin {
 public:
  explicit Chat(hubbub::Options& options)
      : history_(static_cast<std::size_t>(options.integer("history", 50, 0, 1000))) {}

  void apply(const hubbub::Entry& entry) override { history_.push_back(entry); }

  void greet(const hubbub::Member&, hubbub::Greeting& greeting) const override {
    greeting.for_everybody();
    for (const auto& entry : history_) greeting.replay(entry);
  }

  hubbub::Json snapshot() const override { return history_; }

  void restore(const hubbub::Json& state) override {
    for (const auto& entry : state) history_.push_back(entry.get<hubbub::Entry>());
  }

 private:
  boost::circular_buffer_space_optimized<hubbub::Entry> history_;  // the newest messages, oldest first
};

}  // namespace

HUBBUB_PLUGIN(Chat,
              hubbub::logged("message").schema({{"type", "string"},
                                                {"minLength", 1},
                                                {"maxLength", options.integer("max_length", 2000, 1, 65536)}}),
              hubbub::ephemeral("typing").keep_newest().schema({{"type", "boolean"}}))
