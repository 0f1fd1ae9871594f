#include "api/accept_encoding.hpp"

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <vector>

namespace hubbub::api {
namespace {

constexpr std::array<std::string_view, 3> all{"br", "gzip", "identity"};

std::string chosen(std::string_view header) { return std::string{chosen_coding(header, all).value_or("none")}; }

TEST(AcceptEncoding, decides_which_coding_is_sent) {
  const std::vector<std::pair<const char*, const char*>> cases = {
      {"", "identity"},
      {"gzip", "gzip"},
      {"gzip, deflate, br, zstd", "br"},
      {"GZIP", "gzip"},
      {"x-gzip", "gzip"},
      {" br ; q=0.5 ,gzip;q=0.8", "gzip"},
      {"br;q=0, gzip;q=0", "identity"},
      {"br;Q=0, gzip;Q=0", "identity"},
      {"br;Q=0.1, gzip;q=0.2", "gzip"},
      {"br;q=0.000,gzip;q=0.001", "gzip"},
      {"*", "br"},
      {"*;q=0", "none"},
      {"*;q=0, identity", "identity"},
      {"br;q=0, *", "gzip"},
      {"identity;q=0", "none"},
      {"identity;q=0, *", "br"},
      {"identity;q=1, gzip;q=0.5", "identity"},
      {"identity;q=0.5, gzip;q=0.5", "gzip"},
      {"deflate, zstd", "identity"},
      {"gzip;q=2", "identity"},
      {"gzip;q=x", "identity"},
      {"gzip;level=9;q=1", "gzip"},
      {",,;;,", "identity"},
  };
  for (const auto& [header, coding] : cases) EXPECT_EQ(chosen(header), coding) << header;
}

TEST(AcceptEncoding, chooses_among_what_there_is) {
  constexpr std::array<std::string_view, 1> plain{"identity"};
  EXPECT_EQ(chosen_coding("gzip, br", plain), "identity");
  EXPECT_FALSE(chosen_coding("gzip, identity;q=0", plain));
}

}  // namespace
}  // namespace hubbub::api
