#include "config/spelling.hpp"

#include <algorithm>
#include <cctype>
#include <cstdlib>

namespace hubbub::config {
namespace {

bool same(char a, char b) {
  return std::tolower(static_cast<unsigned char>(a)) == std::tolower(static_cast<unsigned char>(b));
}

// The number of letters to insert, remove, replace or swap with a neighbour to turn `a` into `b`.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before(b.size() + 1), above(b.size() + 1), row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) above[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      row[j] = std::min({above[j] + 1, row[j - 1] + 1, above[j - 1] + (same(a[i - 1], b[j - 1]) ? 0 : 1)});
      const bool swapped = i > 1 && j > 1 && same(a[i - 1], b[j - 2]) && same(a[i - 2], b[j - 1]);
      if (swapped) row[j] = std::min(row[j], before[j - 2] + 1);
    }
    std::swap(before, above);
    std::swap(above, row);
  }
  return above[b.size()];
}

}  // namespace

std::string nearest(std::string_view written, const std::vector<std::string>& names) {
  std::string best;
  std::size_t least = 0;
  for (const auto& name : names) {
    // Allows one typo in three letters. A name of one letter matches nothing.
    const std::size_t longer = std::max(written.size(), name.size());
    const std::size_t shorter = std::min(written.size(), name.size());
    if (shorter < 2 || longer - shorter > longer / 3) continue;
    const std::size_t slips = distance(written, name);
    if (slips <= std::max<std::size_t>(longer / 3, 1) && (best.empty() || slips < least)) {
      best = name;
      least = slips;
    }
  }
  return best;
}

}  // namespace hubbub::config
