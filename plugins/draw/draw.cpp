// Draw: a board of strokes. They stay for people who come later, until they are undone or the board is cleared.
#include <hubbub/color.hpp>
#include <hubbub/plugin.hpp>

#include <charconv>
#include <map>
#include <set>

namespace {

using hubbub::Json;

std::int64_t max_size(hubbub::Options& options) { return options.integer("max_size", 100, 1, 10000); }
std::int64_t max_points(hubbub::Options& options) { return options.integer("max_points", 500, 2, 10000); }

// Other fields are passed on if they are small.
Json object(Json properties) {
  return {{"type", "object"},
          {"properties", std::move(properties)},
          {"propertyNames", {{"maxLength", 64}}},
          {"additionalProperties", {{"type", {"string", "number", "boolean", "null"}}, {"maxLength", 200}}},
          {"maxProperties", 16}};
}

Json stroke_schema(hubbub::Options& options) {
  const auto coordinate = [](std::int64_t most) -> Json { return {{"type", "number"}, {"minimum", 0}, {"maximum", most}}; };
  const Json x = coordinate(options.integer("width", 10000, 1, 100000));
  const Json y = coordinate(options.integer("height", 10000, 1, 100000));
  const Json point = {{"type", "array"}, {"items", {x, y, coordinate(1)}}, {"minItems", 2}, {"additionalItems", false}};
  const Json size = {{"type", {"number", "string"}},  // is_size() checks a string
                     {"exclusiveMinimum", 0},
                     {"maximum", max_size(options)},
                     {"maxLength", 16},
                     {"examples", {0.5, 1, "1", "0.25"}}};
  Json schema = object({{"fromX", x}, {"fromY", y}, {"toX", x}, {"toY", y}, {"color", hubbub::color_schema()}, {"size", size},
                        {"points", {{"type", "array"}, {"items", point}, {"minItems", 1}, {"maxItems", max_points(options)}}}});
  schema["required"] = Json::array({"color"});
  schema["anyOf"] = {{{"required", {"fromX", "fromY", "toX", "toY"}}}, {{"required", Json::array({"points"})}}};
  return schema;
}

// Clients may send `clear` with any kind of empty content.
Json clear_schema() {
  Json schema = object(Json::object());
  schema["type"] = {"null", "object", "string"};
  schema["maxLength"] = 0;
  return schema;
}

Json undraw_schema() {
  Json schema = object({{"seqs", {{"type", "array"},
                                  {"items", {{"type", "integer"}, {"minimum", 1}}},
                                  {"minItems", 1},
                                  {"maxItems", 1000}}}});
  schema["required"] = Json::array({"seqs"});
  return schema;
}

// How many points a stroke counts as. A point takes at least 100 bytes of memory, so 100 bytes of text count as a point.
std::size_t points_of(const Json& stroke) {
  const auto points = stroke.find("points");
  std::size_t text = 0;
  for (const auto& [name, value] : stroke.items()) {
    text += name.size() + (value.is_string() ? value.get_ref<const std::string&>().size() : 0);
  }
  return (points == stroke.end() ? 2 : points->size()) + text / 100;
}

class Draw final : public hubbub::Plugin {
 public:
  explicit Draw(hubbub::Options& options)
      : max_size_(static_cast<double>(max_size(options))),
        most_points_(static_cast<std::size_t>(options.integer("max_board", 100000, 2, 10000000))) {
    const auto least = static_cast<std::size_t>(max_points(options));
    if (most_points_ < least) options.refuse("max_board", "at least max_points, which is " + std::to_string(least));
  }

  hubbub::Verdict on_message(const hubbub::Member& sender, hubbub::Message message) const override {
    if (message.type == "clear") return hubbub::broadcast({"clear", nullptr});
    if (message.content.contains("nickname")) message.content["nickname"] = sender.nickname;
    return message.type == "draw" ? draw(std::move(message)) : undraw(sender, std::move(message));
  }

  void apply(const hubbub::Entry& entry) override {
    if (entry.type == "draw") {
      add(entry);
    } else if (entry.type == "undraw") {
      for (const auto& seq : entry.content.at("seqs")) remove(seq);
    } else {
      strokes_.clear();
      points_ = 0;
    }
  }

  void greet(const hubbub::Member&, hubbub::Greeting& greeting) const override {
    greeting.may_be_followed();
    for (const auto& [seq, stroke] : strokes_) greeting.replay(stroke);
  }

  // Stores each stroke's content as text: copying a full board as JSON would block the room three times as long.
  hubbub::Json snapshot() const override {
    Json state = Json::array();
    for (const auto& [seq, stroke] : strokes_) {
      state.push_back({seq, stroke.ts, stroke.id, stroke.nickname, stroke.content.dump()});
    }
    return state;
  }

  void restore(const hubbub::Json& state) override {
    for (const auto& stroke : state) {
      add({stroke.at(0), stroke.at(1), stroke.at(2), stroke.at(3), "draw", Json::parse(stroke.at(4).get_ref<const std::string&>())});
    }
  }

 private:
  hubbub::Verdict draw(hubbub::Message message) const {
    hubbub::settle_color(message.content);
    if (const auto size = message.content.find("size"); size != message.content.end() && !is_size(*size)) {
      return hubbub::reject("content.size: must be a number above 0 and at most " + std::to_string(static_cast<int>(max_size_)));
    }
    if (points_ + points_of(message.content) > most_points_) {
      return hubbub::reject("the board is full; clear it, or undo strokes, to make room");
    }
    return hubbub::broadcast(std::move(message));
  }

  // The broadcast names only strokes that were on the board, each once.
  hubbub::Verdict undraw(const hubbub::Member& sender, hubbub::Message message) const {
    std::set<std::uint64_t> there;
    for (const auto& seq : message.content["seqs"]) {
      const auto stroke = strokes_.find(seq);
      if (stroke == strokes_.end()) continue;
      if (stroke->second.id != sender.id) {
        return hubbub::reject("content.seqs: " + seq.dump() + " is somebody else's stroke; you can only undo your own");
      }
      there.insert(stroke->first);
    }
    if (there.empty()) return hubbub::reject("content.seqs: none of these strokes is on the board any more");
    message.content["seqs"] = there;
    return hubbub::broadcast(std::move(message));
  }

  // Pages may send the value of a slider, which is text.
  bool is_size(const Json& size) const {
    if (!size.is_string()) return true;
    const auto& text = size.get_ref<const std::string&>();
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc{} && end == text.data() + text.size() && value > 0 && value <= max_size_;
  }

  void add(const hubbub::Entry& stroke) {
    points_ += points_of(stroke.content);
    strokes_.emplace(stroke.seq, stroke);
  }

  void remove(std::uint64_t seq) {
    const auto stroke = strokes_.find(seq);
    if (stroke == strokes_.end()) return;
    points_ -= points_of(stroke->second.content);
    strokes_.erase(stroke);
  }

  double max_size_;
  std::size_t most_points_;
  std::map<std::uint64_t, hubbub::Entry> strokes_;  // on the board, by seq
  std::size_t points_ = 0;                          // of all of them
};

}  // namespace

HUBBUB_PLUGIN(Draw,
              hubbub::logged("draw").schema(stroke_schema(options)),
              hubbub::logged("clear").schema(clear_schema()),
              hubbub::logged("undraw").schema(undraw_schema()))
