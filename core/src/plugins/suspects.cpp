#include "plugins/suspects.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <ctime>
#include <fstream>
#include <string>
#include <type_traits>

#include "runtime/log.hpp"

namespace hubbub::plugins {
namespace {

constexpr std::array<char, 8> mark = {'h', 'u', 'b', 'b', 'u', 'b', '!', '2'};

static_assert(std::is_trivially_copyable_v<Suspect>);

// FNV-1a of all bytes before the checksum.
std::uint64_t checksum_of(const Suspect& suspect) {
  std::array<unsigned char, offsetof(Suspect, checksum)> bytes;
  std::memcpy(bytes.data(), &suspect, bytes.size());
  std::uint64_t sum = 14695981039346656037ULL;
  for (const auto byte : bytes) sum = (sum ^ byte) * 1099511628211ULL;
  return sum;
}

template <std::size_t Size>
void set(std::array<char, Size>& field, std::string_view text) {
  std::memcpy(field.data(), text.data(), std::min(text.size(), Size - 1));
}

template <std::size_t Size>
std::string_view text(const std::array<char, Size>& field) {
  return {field.data(), ::strnlen(field.data(), Size)};
}

// Compares as much of a text as its field can hold.
template <std::size_t Size>
bool is_same(const std::array<char, Size>& field, std::string_view whole) {
  return text(field) == whole.substr(0, Size - 1);
}

// Whether the file is ours but has another layout: then only the last character of the mark differs.
bool is_of_another_version(const Suspect& suspect) {
  return suspect.mark != mark && std::equal(mark.begin(), mark.end() - 1, suspect.mark.begin());
}

bool is_whole(const Suspect& suspect) { return suspect.mark == mark && suspect.checksum == checksum_of(suspect); }

// The content of one file, as note_suspect() writes it.
struct Sheet {
  std::string file;
  std::array<Suspect, Suspects::most> suspects{};
  std::atomic<std::size_t> count = 0;
};
std::array<std::atomic<Sheet*>, SuspectsFile::most> sheets{};

void write(Sheet& sheet, std::string_view plugin, std::string_view build, std::string_view room, std::string_view sender,
           std::string_view ref, std::string_view type, std::uint64_t asked) noexcept {
  const auto number = std::min(sheet.count.fetch_add(1), Suspects::most - 1);
  auto& suspect = sheet.suspects[number];
  suspect = {};
  suspect.mark = mark;
  suspect.unix_s = std::time(nullptr);
  set(suspect.plugin, plugin);
  set(suspect.build, build);
  set(suspect.room, room);
  set(suspect.sender, sender);
  set(suspect.ref, ref);
  set(suspect.type, type);
  suspect.asked = asked;
  suspect.checksum = checksum_of(suspect);
  const auto open = [&] { return ::open(sheet.file.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, S_IRUSR | S_IWUSR); };
  auto descriptor = open();
  if (descriptor < 0 && errno == EMFILE && ::close(STDIN_FILENO) == 0) descriptor = open();
  if (descriptor < 0) return;
  [[maybe_unused]] const auto written = ::write(descriptor, sheet.suspects.data(), (number + 1) * sizeof suspect);
  ::close(descriptor);
}

}  // namespace

Suspects::Suspects(const std::filesystem::path& file, std::int64_t unix_s) {
  std::ifstream stream{file, std::ios::binary};
  if (!stream) return;
  bool whole = true;
  Suspect suspect{};
  for (std::size_t i = 0; i < most && stream.read(reinterpret_cast<char*>(&suspect), sizeof suspect); ++i) {
    whole = whole && is_whole(suspect);
    if (!whole) break;
    if (unix_s - suspect.unix_s < kept_for && suspect.unix_s <= unix_s + kept_for) all_.push_back(suspect);
  }
  if (whole && (stream.eof() ? stream.gcount() == 0 : stream.peek() == std::ifstream::traits_type::eof())) return;
  all_.clear();
  log::warn("{} {} and is ignored: if a message ended the server, it is not refused when it comes again", file.string(),
            is_of_another_version(suspect) ? "is from another version of hubbub" : "is damaged");
}

bool Suspects::hold(std::string_view build, std::string_view room, std::string_view sender, std::string_view ref,
                    std::string_view type, std::uint64_t asked, std::int64_t unix_s) const {
  return std::ranges::any_of(all_, [&](const Suspect& suspect) {
    return unix_s - suspect.unix_s < kept_for && suspect.asked == asked && is_same(suspect.type, type) && is_same(suspect.ref, ref) &&
           is_same(suspect.sender, sender) && is_same(suspect.room, room) && is_same(suspect.build, build);
  });
}

SuspectsFile::SuspectsFile(const std::filesystem::path& file, const Suspects& kept) : number_(0) {
  auto* made = new Sheet{.file = file.string()};  // never deleted: a signal handler may be using it at any time
  const auto& all = kept.all();
  const auto first = all.size() < Suspects::most ? std::size_t{0} : all.size() - (Suspects::most - 1);  // room for one more
  for (std::size_t i = first; i < all.size(); ++i) made->suspects[made->count++] = all[i];
  for (Sheet* none = nullptr; number_ < most && !sheets[number_].compare_exchange_strong(none, made); none = nullptr) ++number_;
}

SuspectsFile::~SuspectsFile() {
  if (number_ < most) sheets[number_] = nullptr;
}

void note_suspect(std::string_view plugin, std::string_view build, std::string_view room, std::string_view sender,
                  std::string_view ref, std::string_view type, std::uint64_t asked) noexcept {
  for (auto& place : sheets) {
    if (auto* its = place.load()) write(*its, plugin, build, room, sender, ref, type, asked);
  }
}

}  // namespace hubbub::plugins
