#include "store/commit_log.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <stdexcept>
#include <string_view>
#include <system_error>
#include <type_traits>
#include <utility>

namespace hubbub::store {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t largest_kept = 1024 * 1024;  // bytes of memory for the next group

constexpr std::array<char, 8> magic = {'h', 'u', 'b', 'b', 'u', 'b', 'C', '1'};

struct Header {
  std::array<char, 8> begins = magic;
  std::uint64_t owner = 0;
  std::uint64_t number = 0;
  std::uint64_t previous = 0;  // the size of the segment with the number before; 0: there is none, or it was removed
  std::uint64_t checksum = 0;  // of the rest

  std::uint64_t right_checksum() const;
};
static_assert(std::has_unique_object_representations_v<Header>);

struct GroupHeader {
  std::uint32_t size = 0;            // of the records, in bytes
  std::uint32_t size_checksum = 0;   // of `size`; this and the next begin with the segment's
  std::uint32_t checksum = 0;        // of the records
};

std::uint32_t crc(std::uint64_t from, std::string_view bytes) {
  return static_cast<std::uint32_t>(::crc32_z(from, reinterpret_cast<const Bytef*>(bytes.data()), bytes.size()));
}

std::string_view bytes_of(const auto& value) { return {reinterpret_cast<const char*>(&value), sizeof value}; }

std::uint64_t Header::right_checksum() const { return crc(0, bytes_of(*this).substr(0, offsetof(Header, checksum))); }

fs::path segment(const fs::path& database, const std::string& number) { return fs::path{database} += "-commits-" + number; }
fs::path segment(const fs::path& database, std::uint64_t number) { return segment(database, std::to_string(number)); }

// The number of a segment's file; nothing if the file is none.
std::optional<std::uint64_t> number_of(const fs::path& file, const fs::path& database) {
  const auto name = file.filename().string(), begins = segment(database, "").filename().string();
  if (!name.starts_with(begins)) return {};
  std::uint64_t number = 0;
  const auto* last = name.data() + name.size();
  const auto [end, error] = std::from_chars(name.data() + begins.size(), last, number);
  return error == std::errc{} && end == last ? std::optional{number} : std::nullopt;
}

std::vector<std::pair<std::uint64_t, fs::path>> find_segments(const fs::path& database) {
  std::vector<std::pair<std::uint64_t, fs::path>> found;
  const auto folder = database.has_parent_path() ? database.parent_path() : fs::path{"."};
  if (!fs::exists(folder)) return found;
  for (const auto& entry : fs::directory_iterator{folder}) {
    if (const auto number = number_of(entry.path(), database)) found.emplace_back(*number, entry.path());
  }
  std::ranges::sort(found);
  return found;
}

[[noreturn]] void fail(const char* what) { throw std::system_error{errno, std::generic_category(), what}; }

void write_at(int file, std::string_view bytes, std::uint64_t at) {
  while (!bytes.empty()) {
    const auto count = ::pwrite(file, bytes.data(), bytes.size(), static_cast<off_t>(at));
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) fail("a commit cannot be written");
    bytes.remove_prefix(static_cast<std::size_t>(count));
    at += static_cast<std::uint64_t>(count);
  }
}

void sync_folder(const fs::path& file) {
  const auto folder = file.has_parent_path() ? file.parent_path() : fs::path{"."};
  const runtime::Descriptor descriptor{::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
  if (!descriptor || ::fsync(descriptor.get()) != 0) fail("a directory cannot be written");
}

template <class Number>
void put(std::string& to, Number number) { to.append(bytes_of(number)); }

void put_text(std::string& to, std::string_view text) {
  put(to, static_cast<std::uint32_t>(text.size()));
  to += text;
}

void put_commit(std::string& to, const Commit& commit) {
  const auto& [seq, ts, plugin, version, repetition, frame] = commit.record;
  put_text(to, commit.room);
  put_text(to, commit.epoch);
  put(to, seq);
  put(to, ts);
  put_text(to, plugin);
  put_text(to, version);
  put(to, repetition.client);
  put(to, repetition.ref);
  put(to, repetition.asked);
  put_text(to, frame.payload());
}

// Takes values off the front of bytes. Throws std::runtime_error if they end too early.
class Taking {
 public:
  explicit Taking(std::string_view bytes) : left_(bytes) {}

  bool empty() const { return left_.empty(); }
  std::string_view bytes(std::size_t size) {
    if (size > left_.size()) throw std::runtime_error("it ends too early");
    const auto taken = left_.substr(0, size);
    left_.remove_prefix(size);
    return taken;
  }
  template <class Value>
  Value value() {
    Value value{};
    std::memcpy(&value, bytes(sizeof value).data(), sizeof value);
    return value;
  }
  std::string_view text() { return bytes(value<std::uint32_t>()); }

 private:
  std::string_view left_;
};

void take_commits(std::string_view group, const Segments::Take& take) {
  for (Taking from{group}; !from.empty();) {
    std::string room{from.text()}, epoch{from.text()};
    const auto seq = from.value<std::uint64_t>();
    const auto ts = from.value<std::int64_t>();
    Record record{seq, ts, std::string{from.text()}, std::string{from.text()}, {}, Frame::copy("")};
    record.repetition = {from.value<std::uint64_t>(), from.value<std::uint64_t>(), from.value<std::uint64_t>()};
    record.frame = Frame::copy(from.text());
    take(std::move(room), std::move(epoch), std::move(record));
  }
}

// The first bytes of a file, at most `most`.
std::string content(int file, std::size_t most = ~std::size_t{0}) {
  struct stat status {};
  if (::fstat(file, &status) != 0) fail("a segment cannot be read");
  std::string bytes(std::min(static_cast<std::size_t>(status.st_size), most), '\0');
  std::size_t read = 0;
  while (read < bytes.size()) {
    const auto count = ::pread(file, bytes.data() + read, bytes.size() - read, static_cast<off_t>(read));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) fail("a segment cannot be read");
    if (count == 0) break;
    read += static_cast<std::size_t>(count);
  }
  bytes.resize(read);
  return bytes;
}

std::optional<Header> header_of(std::string_view bytes) {
  if (bytes.size() < sizeof(Header)) return {};
  const auto header = Taking{bytes}.value<Header>();
  return header.begins == magic && header.checksum == header.right_checksum() ? std::optional{header} : std::nullopt;
}

bool has_right_size(const Header& segment, const GroupHeader& group) {
  return group.size != 0 && group.size_checksum == crc(segment.checksum, bytes_of(group.size));
}

// Whether these bytes are a group that a process was writing when it ended: it ends too early.
bool is_torn(const Header& segment, std::string_view bytes) {
  if (bytes.size() < sizeof(GroupHeader)) return true;
  const auto group = Taking{bytes}.value<GroupHeader>();
  return has_right_size(segment, group) && group.size > bytes.size() - sizeof group;
}

// Calls `take` for the records of all groups up to the first that is not whole. Returns where the last of them ends.
std::size_t take_groups(const Header& header, std::string_view bytes, const Segments::Take& take) {
  std::size_t read = sizeof header;
  while (bytes.size() - read >= sizeof(GroupHeader)) {
    Taking from{bytes.substr(read)};
    const auto group = from.value<GroupHeader>();
    if (!has_right_size(header, group) || group.size > bytes.size() - read - sizeof group) break;
    const auto records = from.bytes(group.size);
    if (crc(header.checksum, records) != group.checksum) break;
    take_commits(records, take);
    read += sizeof group + group.size;
  }
  return read;
}

}  // namespace

CommitLog::CommitLog(fs::path database, std::uint64_t owner, std::uint64_t first, bool syncs)
    : database_(std::move(database)), owner_(owner), syncs_(syncs), number_(first) {
  keep_a_spare();
}

void CommitLog::append(std::span<const Commit> group) {
  HUBBUB_ASSERT_OWN_THREAD(thread_);
  if (!file_) begin_segment();
  group_.assign(sizeof(GroupHeader), '\0');
  for (const auto& commit : group) put_commit(group_, commit);
  const auto records = std::string_view{group_}.substr(sizeof(GroupHeader));
  const auto segment = Header{magic, owner_, number_, previous_}.right_checksum();
  GroupHeader header{static_cast<std::uint32_t>(records.size()), 0, crc(segment, records)};
  header.size_checksum = crc(segment, bytes_of(header.size));
  group_.replace(0, sizeof header, bytes_of(header));
  bool is_written = false;
  try {
    write_at(file_.get(), group_, size_);
    is_written = true;
    if (syncs_ && ::fdatasync(file_.get()) != 0) fail("a commit cannot be synced");
  } catch (...) {
    // Part of the group may be there, or all of it. What is read after a crash must end before it.
    const bool is_undone = ::ftruncate(file_.get(), static_cast<off_t>(size_)) == 0 && !is_written;
    if (!is_undone && size_ == sizeof(Header)) file_ = {};  // to be made again: a disk that fails must not be filled with files
    if (!is_undone) end_segment();
    throw;
  }
  size_ += group_.size();
  if (group_.capacity() > largest_kept) group_ = {};
}

std::uint64_t CommitLog::end_segment() {
  HUBBUB_ASSERT_OWN_THREAD(thread_);
  if (!file_) return number_ - 1;
  file_ = {};
  keep_a_spare();
  previous_ = size_;
  return number_++;
}

void CommitLog::keep_a_spare() {
  if (!spare_) spare_ = runtime::Descriptor{::open("/dev/null", O_RDONLY | O_CLOEXEC)};
}

void CommitLog::begin_segment() {
  const auto path = segment(database_, number_);
  spare_ = {};
  runtime::Descriptor file{::open(path.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600)};
  if (!file) fail("a segment cannot be made");
  Header header{magic, owner_, number_, previous_};
  header.checksum = header.right_checksum();
  write_at(file.get(), bytes_of(header), 0);
  if (syncs_) sync_folder(path);
  file_ = std::move(file);
  size_ = sizeof header;
}

Segments::Segments(fs::path database, std::uint64_t owner, std::uint64_t after) : after_(after) {
  for (auto& [number, path] : find_segments(database)) {
    runtime::Descriptor descriptor{::open(path.c_str(), O_RDONLY | O_CLOEXEC)};
    if (!descriptor && errno == ENOENT) continue;  // removed meanwhile: what it held is in the tables
    if (!descriptor) throw std::runtime_error("store.path: " + path.string() + " cannot be opened: " + std::strerror(errno));
    const auto header = header_of(content(descriptor.get(), sizeof(Header)));
    if (header && header->owner != owner) {
      throw std::runtime_error("store.path: " + path.string() + " holds messages of another database than " + database.string() +
                               "; bring that one back, or move the file away");
    }
    if (number > after) files_.push_back({number, std::move(path), std::move(descriptor)});
  }
}

Segments::Outcome Segments::read(const Take& take) const {
  Outcome outcome;
  bool goes_on = true;
  for (std::size_t i = 0; i < files_.size(); ++i) {
    auto bytes = content(files_[i].descriptor.get());
    const auto header = header_of(bytes);
    if (goes_on && files_[i].number != after_ + 1 + i) outcome.is_missing = true;
    if (!goes_on || !header || outcome.is_missing) {
      goes_on = false;
      if (bytes.size() > sizeof(Header)) outcome.unread += bytes.size();
      continue;
    }
    const auto next = i + 1 == files_.size() ? std::nullopt : header_of(content(files_[i + 1].descriptor.get(), sizeof(Header)));
    if (next && next->number == header->number + 1 && next->previous != 0) bytes.resize(next->previous);  // with zeros if it is shorter
    const auto read = take_groups(*header, bytes, take);
    goes_on = read == bytes.size();
    const bool is_end = i + 1 == files_.size() && is_torn(*header, std::string_view{bytes}.substr(read));
    if (!is_end) outcome.unread += bytes.size() - read;
  }
  return outcome;
}

bool remove_segments(const fs::path& database, std::uint64_t last) {
  try {
    bool removed = true;
    for (const auto& [number, path] : find_segments(database)) {
      std::error_code error;
      if (number <= last && !fs::remove(path, error) && error) removed = false;
    }
    return removed;
  } catch (const fs::filesystem_error&) {  // as if there were no free descriptor for the directory
    return false;
  }
}

void copy_segments(const fs::path& database, std::uint64_t last) {
  for (const auto& [number, path] : find_segments(database)) {
    if (number > last) continue;
    auto copy = fs::path{path} += ".unread";
    for (int i = 2; fs::exists(copy) && !fs::equivalent(copy, path); ++i) copy = fs::path{path} += ".unread-" + std::to_string(i);
    if (fs::exists(copy)) continue;
    std::error_code error;
    fs::create_hard_link(path, copy, error);
    if (error) fs::copy_file(path, copy);
  }
}

}  // namespace hubbub::store
