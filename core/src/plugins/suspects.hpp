// Messages that were being worked on when the process ended in a plugin, as a file beside the store keeps them. Such a message
// comes again: its sender never saw it acknowledged. It is then refused for a while, so that it does not end the server at each
// start.
//
// The file holds the latest few, of a fixed size each. It is read at the start and only then; writing it is for the handler of a
// signal, too (see last_words). What it is not told of is an end that no process sees coming: kill -9, a power cut.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <string_view>
#include <vector>

namespace hubbub::plugins {

// As it stands in the file. Text ends with a zero, and is cut if it is too long.
struct Suspect {
  std::array<char, 8> mark;  // which also tells the layout
  std::int64_t unix_s;       // when the process ended
  std::array<char, 72> plugin, build;
  std::array<char, 264> room, sender, ref;
  std::array<char, 72> type;
  std::uint64_t asked;  // see Envelope
  std::uint64_t checksum;
};

class Suspects {
 public:
  static constexpr std::size_t most = 16;
  static constexpr std::int64_t kept_for = 600;  // seconds

  Suspects() = default;

  // Those of the file that are not too old at `unix_s`. Logs and leaves out what cannot be read. A file that is not there is
  // empty.
  Suspects(const std::filesystem::path& file, std::int64_t unix_s);

  bool empty() const { return all_.empty(); }
  const std::vector<Suspect>& all() const { return all_; }

  // Whether the message is one of them, at this time and with this build of its plugin: it has the same sender, room, ref and
  // type, and asks for the same. Ids and refs are public, so nobody can have another message of somebody else refused.
  bool hold(std::string_view build, std::string_view room, std::string_view sender, std::string_view ref, std::string_view type,
            std::uint64_t asked, std::int64_t unix_s) const;

 private:
  std::vector<Suspect> all_;
};

// As long as it is there, suspects are written to this file, behind those that are kept. Allocates, so that noting does not. A
// process has one for each server in it, at most a few (see `most`); with more of them, the last are not written to.
class SuspectsFile {
 public:
  static constexpr std::size_t most = 16;

  SuspectsFile(const std::filesystem::path& file, const Suspects& kept);
  ~SuspectsFile();
  SuspectsFile(const SuspectsFile&) = delete;
  SuspectsFile& operator=(const SuspectsFile&) = delete;

 private:
  std::size_t number_;
};

// Writes one to each file: nothing tells whose server the message was for, and in another's file it does no harm. May be called
// from a handler of a signal. Does nothing if there is no file to write to.
void note_suspect(std::string_view plugin, std::string_view build, std::string_view room, std::string_view sender,
                  std::string_view ref, std::string_view type, std::uint64_t asked) noexcept;

}  // namespace hubbub::plugins
