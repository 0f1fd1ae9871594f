// Shared by tests of the plugin script: Lua files for one test, and the answer to a message.
#pragma once

#include <filesystem>
#include <fstream>
#include <hubbub/testing.hpp>
#include <map>
#include <random>
#include <string>

namespace script_test {

using hubbub::testing::Client;
using hubbub::testing::Json;
using hubbub::testing::Room;

inline const std::string library = HUBBUB_PLUGIN_DIR "/script.so";

// Lua files for one test, and the options that name them.
class Scripts {
 public:
  explicit Scripts(const std::map<std::string, std::string>& files, Json options = Json::object()) : options_(std::move(options)) {
    folder_ = std::filesystem::temp_directory_path() / ("hubbub-script-" + std::to_string(std::random_device{}()));
    std::filesystem::create_directory(folder_);
    for (const auto& [name, text] : files) {
      std::ofstream{folder_ / name, std::ios::binary} << text;
      options_["files"].push_back((folder_ / name).string());
    }
  }
  explicit Scripts(const std::string& text, Json options = Json::object())
      : Scripts(std::map<std::string, std::string>{{"a.lua", text}}, std::move(options)) {}
  Scripts(const Scripts&) = delete;
  Scripts& operator=(const Scripts&) = delete;
  ~Scripts() { std::filesystem::remove_all(folder_); }

  const Json& options() const { return options_; }

  // The messages at a start, without the folder; empty if all is well.
  std::string problems() const {
    try {
      const Room room{library, options_};
      return {};
    } catch (const std::runtime_error& error) {
      std::string text = error.what();
      const auto prefix = folder_.string() + "/";
      for (auto at = text.find(prefix); at != text.npos; at = text.find(prefix)) text.erase(at, prefix.size());
      return text;
    }
  }

 private:
  std::filesystem::path folder_;
  Json options_;
};

inline Json examples(const std::string& name) { return {{"files", {HUBBUB_SOURCE_DIR "/plugins/script/examples/" + name}}}; }

// The answer to a message of this type: one of the same type, or an error.
inline Json answer(Client& client, const std::string& type, const Json& content = nullptr) {
  client.take();
  client.send(type, content);
  for (const auto& message : client.take()) {
    if (message["type"] == "error") return message["code"].get<std::string>() + ": " + message["content"].get<std::string>();
    if (message["type"] == type) return message["content"];
  }
  return "nothing";
}

inline const std::string failed = "internal: the plugin failed; try again";

}  // namespace script_test
