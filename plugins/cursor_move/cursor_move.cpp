// Cursor move: the position of everybody's pointer, caret, cell or selection.
#include <hubbub/color.hpp>
#include <hubbub/plugin.hpp>

#include <map>
#include <set>

namespace {

using hubbub::Json;

// The schema of a cursor. A message must have all fields of one of `forms`; `fields` has the schema of each field. Other fields are
// passed on if they are small.
Json cursor_schema(Json fields, const std::vector<std::vector<std::string>>& forms) {
  fields["color"] = hubbub::color_schema();
  Json any_of = Json::array();
  for (const auto& form : forms) any_of.push_back({{"required", form}});
  return {{"type", "object"},
          {"properties", std::move(fields)},
          {"anyOf", std::move(any_of)},
          {"propertyNames", {{"maxLength", 64}}},
          {"additionalProperties", {{"type", {"string", "number", "boolean", "null"}}, {"maxLength", 200}}},
          {"maxProperties", 16}};
}

const Json coordinate = {{"type", "number"}, {"minimum", -100000}, {"maximum", 100000}};
const Json position = {{"type", "integer"}, {"minimum", 0}, {"maximum", 1'000'000'000}};
const Json cell = {{"type", "string"}, {"minLength", 1}, {"maxLength", 64}};

class CursorMove final : public hubbub::Plugin {
 public:
  hubbub::Verdict on_message(const hubbub::Member& sender, hubbub::Message message) const override {
    message.content["nickname"] = sender.nickname;
    message.content["id"] = sender.id;
    hubbub::settle_color(message.content);
    cursors_[sender.id].insert(sender.connection);
    return hubbub::broadcast(std::move(message));
  }

  void on_leave(const hubbub::Member& member) override {
    const auto found = cursors_.find(member.id);
    if (found == cursors_.end() || found->second.erase(member.connection) == 0 || !found->second.empty()) return;
    cursors_.erase(found);
    room().post({"cursor_gone", {{"nickname", member.nickname}, {"id", member.id}}});
  }

 private:
  // The connections that have shown a cursor, by member id: two tabs of one person share a cursor, which goes when the last tab
  // leaves. No entry outlives its connection, so this is not state that apply() must rebuild. Connections without a cursor are not
  // here: they take no memory, and when they leave, nobody is told.
  mutable std::map<std::string, std::set<std::uint64_t>> cursors_;
};

hubbub::Type cursor(const char* type, hubbub::Options& options, Json schema) {
  return hubbub::ephemeral(type).keep_newest().max_rate(options.number("max_rate", 20, 1, 1000)).schema(std::move(schema));
}

}  // namespace

HUBBUB_PLUGIN(CursorMove,
              cursor("cursor_move", options,
                     cursor_schema({{"x", coordinate}, {"y", coordinate}, {"toX", coordinate}, {"toY", coordinate}},
                                   {{"x", "y"}, {"toX", "toY"}})),
              cursor("cursor_update", options,
                     cursor_schema({{"cursor", position}, {"cellId", cell}}, {{"cursor"}, {"cellId"}})),
              cursor("selection_update", options,
                     cursor_schema({{"from", position}, {"to", position}}, {{"from", "to"}})),
              hubbub::ephemeral("cursor_gone").from_server())
