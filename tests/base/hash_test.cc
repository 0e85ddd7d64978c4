#include "base/hash.h"

#include <gtest/gtest.h>

#include <vector>

namespace lockstep {
namespace {

std::span<const std::byte> AsBytes(const std::string& text) {
  return std::as_bytes(std::span(text));
}

// As printed by `xxhsum -H3` and `xxhsum -H2` of xxHash 0.8.2 for the same bytes.
TEST(Hash, GivesTheKnownAnswers) {
  EXPECT_EQ(Hash64(AsBytes("")), 0x2d06800538d394c2u);
  EXPECT_EQ(Hash64(AsBytes("a")), 0xe6c632b61e964e1fu);
  EXPECT_EQ(Hash64(AsBytes("abc")), 0x78af5f94892f3950u);
  EXPECT_EQ(Hash128Hex(""), "99aa06d3014798d86001c324468d497f");
  EXPECT_EQ(Hash128Hex("a"), "a96faf705af16834e6c632b61e964e1f");
  EXPECT_EQ(Hash128Hex("abc"), "06b05ab6733a618578af5f94892f3950");
}

TEST(StreamHash, EqualsTheHashOfTheWholeWhereverItIsCut) {
  std::string text;
  for (int i = 0; i < 3000; ++i) text.push_back(static_cast<char>(i * i));
  const std::string whole = Hash128Hex(text);
  for (std::size_t cut = 0; cut <= text.size(); cut += 97) {
    StreamHash stream;
    stream.Add(text.substr(0, cut));
    stream.Add(text.substr(cut));
    ASSERT_EQ(stream.Hex(), whole) << "cut at " << cut;
  }
}

TEST(StreamHash, HexMayBeTakenInBetween) {
  StreamHash stream;
  EXPECT_EQ(stream.Hex(), Hash128Hex(""));
  stream.Add("ab");
  EXPECT_EQ(stream.Hex(), Hash128Hex("ab"));
  stream.Add("c");
  EXPECT_EQ(stream.Hex(), Hash128Hex("abc"));
}

}  // namespace
}  // namespace lockstep
