// Poll: a question to everybody in the room, with a deadline that is stored in the log.
#include <hubbub/plugin.hpp>

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace {

using hubbub::Json;

class Poll final : public hubbub::Plugin {
 public:
  hubbub::Verdict on_message(const hubbub::Member& sender, hubbub::Message message) const override {
    if (message.type == "poll") return open(std::move(message));
    if (!poll_) return hubbub::reject("there is no poll now; open one");
    if (message.type == "poll_close") {
      if (sender.id != poll_->id) return hubbub::reject("only " + poll_->nickname + ", who asked, can close this poll");
      return hubbub::broadcast(result());
    }
    if (message.content.at("choice") >= choices()) {
      return hubbub::reject("content.choice: must be less than " + std::to_string(choices()));
    }
    tell_owner(votes_.size() + (votes_.contains(sender.id) ? 0 : 1));
    return hubbub::broadcast(std::move(message));
  }

  void apply(const hubbub::Entry& entry) override {
    if (entry.type == "poll") poll_ = entry;
    if (entry.type == "poll_vote") votes_[entry.id] = entry;
    if (entry.type == "poll_closed") poll_.reset(), votes_.clear();
  }

  Json snapshot() const override {
    if (!poll_) return nullptr;
    return {{"poll", *poll_}, {"votes", votes_}};
  }

  void restore(const Json& state) override {
    if (state.is_null()) return;
    poll_ = state.at("poll").get<hubbub::Entry>();
    state.at("votes").get_to(votes_);
  }

  void greet(const hubbub::Member&, hubbub::Greeting& greeting) const override {
    greeting.for_everybody();
    if (poll_) greeting.replay(*poll_);
    for (const auto& [voter, vote] : votes_) greeting.replay(vote);
  }

  // After a restart no timer is armed, but the log says when the poll ends.
  void on_open() override {
    if (poll_) wake_at(ends());
  }

  // The poll may already be closed, or the clock may have been set back.
  void on_timer() override {
    if (!poll_) return;
    if (room().unix_ms() < ends()) return wake_at(ends());
    room().post(result());
  }

  void on_join(const hubbub::Member& member) override { here_.push_back(member); }
  void on_leave(const hubbub::Member& member) override {
    std::erase_if(here_, [&](const auto& other) { return other.connection == member.connection; });
  }

 private:
  // Logs the time at which the poll ends, not its duration: that means the same whenever it is read.
  hubbub::Verdict open(hubbub::Message message) const {
    if (poll_) return hubbub::reject("a poll is open already; wait until it is closed");
    const auto seconds = message.content.value("seconds", 60);
    message.content.erase("seconds");
    message.content["ends"] = room().unix_ms() + 1000 * seconds;
    wake_at(message.content["ends"]);
    return hubbub::broadcast(std::move(message));
  }

  hubbub::Message result() const {
    std::vector<int> counts(choices());
    for (const auto& [voter, vote] : votes_) ++counts[vote.content.at("choice").get<std::size_t>()];
    return {"poll_closed", {{"question", poll_->content.at("question")}, {"votes", counts}}};
  }

  // The person who asked may be here in several windows, or not at all.
  void tell_owner(std::size_t voted) const {
    for (const auto& member : here_) {
      if (member.id == poll_->id) room().send(member, {"poll_turnout", {{"voted", voted}, {"here", here_.size()}}});
    }
  }

  void wake_at(std::int64_t unix_ms) const {
    room().wake_after(std::chrono::milliseconds{std::max<std::int64_t>(unix_ms - room().unix_ms(), 0)});
  }

  std::size_t choices() const { return poll_->content.at("choices").size(); }
  std::int64_t ends() const { return poll_->content.at("ends"); }

  // The state, rebuilt from the log.
  std::optional<hubbub::Entry> poll_;
  std::map<std::string, hubbub::Entry> votes_;  // by the voter's id; a newer vote replaces the older one

  // Not part of the state: after a restart everybody joins again.
  std::vector<hubbub::Member> here_;
};

Json text(int most) { return {{"type", "string"}, {"minLength", 1}, {"maxLength", most}}; }
Json number(int least, int most) { return {{"type", "integer"}, {"minimum", least}, {"maximum", most}}; }
Json object(const std::vector<std::string>& required, Json properties) {
  return {{"type", "object"}, {"required", required}, {"properties", std::move(properties)}, {"additionalProperties", false}};
}

const Json choices = {{"type", "array"}, {"items", text(100)}, {"minItems", 2}, {"maxItems", 10}};

}  // namespace

HUBBUB_PLUGIN(Poll,
              hubbub::logged("poll").schema(object({"question", "choices"}, {{"question", text(200)},
                                                                             {"choices", choices},
                                                                             {"seconds", number(5, 86400)}})),
              hubbub::logged("poll_vote").schema(object({"choice"}, {{"choice", number(0, 9)}})),
              hubbub::logged("poll_close").schema({{"type", "null"}}),
              hubbub::logged("poll_closed").from_server(),
              hubbub::ephemeral("poll_turnout").from_server())
