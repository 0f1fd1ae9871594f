#include "plugins/elf.hpp"

#include <elf.h>
#include <link.h>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <vector>

namespace hubbub::plugins {
namespace {

using Header = ElfW(Ehdr);
using Segment = ElfW(Phdr);
using Section = ElfW(Shdr);
using Symbol = ElfW(Sym);
using Relocation = ElfW(Rela);
using Address = ElfW(Addr);

constexpr unsigned char native_class = sizeof(void*) == 8 ? ELFCLASS64 : ELFCLASS32;

bool holds(std::string_view file, std::uint64_t offset, std::uint64_t size) {
  return offset <= file.size() && size <= file.size() - offset;
}

template <class T>
std::optional<T> read(std::string_view file, std::uint64_t offset) {
  T value;
  if (!holds(file, offset, sizeof value)) return {};
  std::memcpy(&value, file.data() + offset, sizeof value);
  return value;
}

// The rows of the table, as far as the file holds them.
template <class T>
std::vector<T> read_table(std::string_view file, std::uint64_t offset, std::uint64_t count) {
  std::vector<T> table;
  while (table.size() < count) {
    const auto row = read<T>(file, offset + table.size() * sizeof(T));
    if (!row) break;
    table.push_back(*row);
  }
  return table;
}

std::optional<Header> header_of(std::string_view file) {
  auto header = read<Header>(file, 0);
  if (!header || std::memcmp(header->e_ident, ELFMAG, SELFMAG) != 0 || header->e_ident[EI_CLASS] != native_class ||
      header->e_shentsize != sizeof(Section) || header->e_phentsize != sizeof(Segment)) {
    return {};
  }
  return header;
}

class Image {
 public:
  Image(std::string_view file, const Header& header)
      : file_(file),
        segments_(read_table<Segment>(file, header.e_phoff, header.e_phnum)),
        sections_(read_table<Section>(file, header.e_shoff, header.e_shnum)) {}

  bool has_sections() const { return !sections_.empty(); }

  std::optional<Address> find(std::string_view name) const {
    for (const auto& section : sections_) {
      if (section.sh_type != SHT_DYNSYM || section.sh_link >= sections_.size()) continue;
      const auto& names = sections_[section.sh_link];
      for (const auto& symbol : read_table<Symbol>(file_, section.sh_offset, section.sh_size / sizeof(Symbol))) {
        if (symbol.st_shndx != SHN_UNDEF && text(names.sh_offset + symbol.st_name) == name) return symbol.st_value;
      }
    }
    return {};
  }

  // The pointer that the loader would write to `place`.
  Address pointer_at(Address place) const {
    for (const auto& section : sections_) {
      if (section.sh_type != SHT_RELA) continue;
      for (const auto& change : read_table<Relocation>(file_, section.sh_offset, section.sh_size / sizeof(Relocation))) {
        if (change.r_offset == place) return static_cast<Address>(change.r_addend) + base_of(section, change);
      }
    }
    return read<Address>(file_, offset_of(place)).value_or(0);
  }

  std::string_view text_at(Address place) const { return text(offset_of(place)); }

 private:
  // The address to which a relocation's addend is added: a symbol's address, or 0.
  Address base_of(const Section& section, const Relocation& change) const {
    const auto number = sizeof(void*) == 8 ? change.r_info >> 32 : change.r_info >> 8;
    if (number == 0 || section.sh_link >= sections_.size()) return 0;
    const auto symbol = read<Symbol>(file_, sections_[section.sh_link].sh_offset + number * sizeof(Symbol));
    return symbol ? symbol->st_value : 0;
  }

  std::uint64_t offset_of(Address place) const {
    for (const auto& segment : segments_) {
      if (segment.p_type == PT_LOAD && place >= segment.p_vaddr && place - segment.p_vaddr < segment.p_filesz) {
        return segment.p_offset + (place - segment.p_vaddr);
      }
    }
    return file_.size();
  }

  std::string_view text(std::uint64_t offset) const {
    if (offset >= file_.size()) return {};
    const auto rest = file_.substr(offset);
    return rest.substr(0, rest.find('\0'));
  }

  std::string_view file_;
  std::vector<Segment> segments_;
  std::vector<Section> sections_;
};

}  // namespace

bool is_cut_short(std::string_view file) {
  const auto header = header_of(file);
  if (!header) return false;
  if (!holds(file, header->e_phoff, std::uint64_t{header->e_phnum} * sizeof(Segment))) return true;
  if (!holds(file, header->e_shoff, std::uint64_t{header->e_shnum} * sizeof(Section))) return true;
  for (const auto& segment : read_table<Segment>(file, header->e_phoff, header->e_phnum)) {
    if (segment.p_type == PT_LOAD && !holds(file, segment.p_offset, segment.p_filesz)) return true;
  }
  return false;
}

std::optional<Exported> find_exported(std::string_view file, std::string_view symbol) {
  const auto header = header_of(file);
  if (!header || header->e_type != ET_DYN) return {};
  const Image image{file, *header};
  if (!image.has_sections()) return {};
  const auto place = image.find(symbol);
  if (!place) return Exported{};
  return Exported{true, image.text_at(image.pointer_at(*place))};
}

}  // namespace hubbub::plugins
