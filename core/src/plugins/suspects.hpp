// The messages that were being worked on when a plugin ended the process, kept in a file beside the store. The sender of such a
// message sends it again, because it saw no acknowledgement. The message is then refused for a while, so that it does not end the
// server at each start.
//
// The file holds the latest few messages, in a fixed size each. It is read only at the start, and may be written by a signal handler
// (see last_words). Ends that a process cannot notice are not recorded: kill -9, a power cut.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <string_view>
#include <vector>

namespace hubbub::plugins {

// A message as it stands in the file. Texts end with a zero byte, and are cut if they are too long.
struct Suspect {
  std::array<char, 8> mark;  // tells the file and its layout
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

  // Reads the file, and leaves out messages that are too old at `unix_s`. A damaged file, or one of another version, is ignored, and
  // that is logged. A file that does not exist counts as empty.
  Suspects(const std::filesystem::path& file, std::int64_t unix_s);

  bool empty() const { return all_.empty(); }
  const std::vector<Suspect>& all() const { return all_; }

  // Whether the message is refused at this time with this build of its plugin: whether one of the suspects has the same sender, room,
  // ref and type and asks for the same. Because `asked` must match too, nobody can make the server refuse another message of somebody
  // else, although ids and refs are public.
  bool hold(std::string_view build, std::string_view room, std::string_view sender, std::string_view ref, std::string_view type,
            std::uint64_t asked, std::int64_t unix_s) const;

 private:
  std::vector<Suspect> all_;
};

// While it exists, note_suspect() writes to this file, behind the suspects in `kept`. Its constructor allocates, so that
// note_suspect() need not. A process has one for each server in it; files beyond the first `most` are not written to.
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

// Writes a suspect to the files of all servers in this process: nothing tells which server the message was for, and in the file of
// another server it does no harm. May be called from a signal handler. Does nothing if there is no file.
void note_suspect(std::string_view plugin, std::string_view build, std::string_view room, std::string_view sender,
                  std::string_view ref, std::string_view type, std::uint64_t asked) noexcept;

}  // namespace hubbub::plugins
