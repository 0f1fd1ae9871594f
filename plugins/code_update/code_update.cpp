// A text that everybody edits at once: code_update replaces the whole text, code_edit changes parts of it.
#include <hubbub/plugin.hpp>

#include <algorithm>
#include <regex>

#include "change_set.hpp"
#include "history.hpp"
#include "text.hpp"
#include "utf16.hpp"

namespace {

using hubbub::Json;

std::size_t max_length(hubbub::Options& options) {
  return static_cast<std::size_t>(options.integer("max_length", 500'000, 1, 5'000'000));  // UTF-16 units
}

Json language_schema(hubbub::Options& options) {
  static const std::string pattern = "^[A-Za-z0-9+#._ -]{1,32}$";
  const auto is_name = [](const Json& name) {
    if (!name.is_string()) return false;
    const auto& text = name.get_ref<const std::string&>();
    return text.size() <= 32 && std::regex_match(text, std::regex{pattern});
  };
  const auto languages = options.json("languages", Json::array());
  if (!languages.is_array() || languages.size() > 1000 || !std::ranges::all_of(languages, is_name)) {
    options.refuse("languages", "a list of languages, each 1 to 32 of A-Z a-z 0-9 + # . _ - and space");
  } else if (!languages.empty()) {
    return {{"type", "string"}, {"enum", languages}};
  }
  return {{"type", "string"},
          {"maxLength", 32},
          {"pattern", pattern},
          {"description", "the name of a language: 1 to 32 of A-Z a-z 0-9 + # . _ - and space"},
          {"examples", {"javascript", "c++", "Objective-C"}}};
}

// Other fields that pages send are passed on if they are small.
Json object_with(Json required, Json properties) {
  return {{"type", "object"},
          {"required", std::move(required)},
          {"properties", std::move(properties)},
          {"additionalProperties", {{"type", {"string", "number", "boolean", "null"}}, {"maxLength", 200}}},
          {"maxProperties", 16}};
}

Json update_schema(hubbub::Options& options) {
  const Json text = {{"type", "string"}, {"maxLength", max_length(options)}};
  auto schema = object_with({"code"}, {{"code", text}, {"language", language_schema(options)}});
  schema["type"] = {"string", "object"};
  schema["maxLength"] = text["maxLength"];
  return schema;
}

Json edit_schema(hubbub::Options& options) {
  const Json length = {{"type", "integer"}, {"minimum", 0}, {"maximum", max_length(options)}};
  const Json line = {{"type", "string"}, {"maxLength", max_length(options)}};
  auto section = length;  // a number, or a list of a number and lines
  section.update({{"type", {"integer", "array"}}, {"minItems", 1}, {"items", {length}}, {"additionalItems", line}});
  return object_with({"version", "changes"},
                     {{"version", {{"type", "integer"}, {"minimum", 0}, {"maximum", (1LL << 53) - 1}}},
                      {"changes", {{"type", "array"}, {"maxItems", 1000}, {"items", section}}}});
}

const Json& code_of(const Json& content) { return content.is_string() ? content : content.at("code"); }

class CodeUpdate final : public hubbub::Plugin {
 public:
  explicit CodeUpdate(hubbub::Options& options)
      : max_length_(max_length(options)),
        history_(static_cast<std::size_t>(options.integer("max_behind", 1000, 1, 100'000)),
                 options.size("history", 1 << 20, 64 << 10, 64 << 20)) {}

  hubbub::Verdict on_message(const hubbub::Member& sender, hubbub::Message message) const override {
    auto& content = message.content;
    if (content.contains("nickname")) content["nickname"] = sender.nickname;
    if (message.type == "code_update") {
      const auto length = utf16_size(code_of(content).get_ref<const std::string&>());
      if (length > max_length_) return too_long(length);
    } else if (message.type == "code_edit") {
      return edit(std::move(message));
    }
    return hubbub::broadcast(std::move(message));
  }

  void apply(const hubbub::Entry& entry) override {
    const auto& content = entry.content;
    if (entry.type == "code_update") {
      text_ = Text{to_utf16(code_of(content).get_ref<const std::string&>())};
      is_plain_ = content.is_string();
      if (content.contains("language")) content.at("language").get_to(language_);
      history_.restart(entry.seq);
    } else if (entry.type == "code_edit") {
      auto changes = ChangeSet::from_json(content.at("changes"));
      changes.apply(text_);
      history_.add(entry.seq, std::move(changes));
    } else {
      content.get_to(language_);
    }
  }

  void greet(const hubbub::Member&, hubbub::Greeting& greeting) const override {
    greeting.for_everybody();
    if (history_.last() == 0) {
      if (!language_.empty()) greeting.send({"code_language", language_});
      return;
    }
    Json content = to_utf8(text_.units());
    if (!is_plain_ || !language_.empty()) content = {{"code", std::move(content)}};
    if (!language_.empty()) content["language"] = language_;
    greeting.send({"code_update", std::move(content)});
  }

  Json snapshot() const override {
    return {{"text", to_utf8(text_.units())},
            {"language", language_},
            {"plain", is_plain_},
            {"history", history_.to_json()}};
  }

  void restore(const Json& state) override {
    text_ = Text{to_utf16(state.at("text").get_ref<const std::string&>())};
    state.at("language").get_to(language_);
    state.at("plain").get_to(is_plain_);
    history_.from_json(state.at("history"));
  }

 private:
  // Maps the edit to the current text, so that what is logged applies to it, whichever version the sender had.
  hubbub::Verdict edit(hubbub::Message message) const {
    auto& content = message.content;
    auto attempt = history_.bring_up(ChangeSet::from_json(content.at("changes")),
                                     content.at("version").get<std::uint64_t>(), text_.size());
    if (auto* reason = std::get_if<std::string>(&attempt)) return hubbub::reject(std::move(*reason));
    const auto& changes = std::get<ChangeSet>(attempt);
    if (changes.new_length() > max_length_) return too_long(changes.new_length());
    if (changes.splits_character(text_)) {
      return hubbub::reject("changes: must not take one half of a surrogate pair from the other");
    }
    content["changes"] = changes.to_json();
    content["version"] = history_.last();
    return hubbub::broadcast(std::move(message));
  }

  hubbub::Verdict too_long(std::size_t length) const {
    return hubbub::reject("the text would have " + std::to_string(length) + " UTF-16 units: must be at most " +
                          std::to_string(max_length_));
  }

  std::size_t max_length_;
  Text text_;
  std::string language_;  // empty until somebody names one
  bool is_plain_ = true;  // whether the last code_update was a plain string
  History history_;
};

}  // namespace

HUBBUB_PLUGIN(CodeUpdate,
              hubbub::logged("code_update").schema(update_schema(options)),
              hubbub::logged("code_edit").schema(edit_schema(options)),
              hubbub::logged("code_language").schema(language_schema(options)))
