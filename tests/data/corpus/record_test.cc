#include "data/corpus/record.h"

#include <gtest/gtest.h>

#include <limits>
#include <vector>

namespace lockstep {
namespace {

template <typename T>
std::span<const std::byte> Bytes(const std::vector<T>& values) {
  return std::as_bytes(std::span(values));
}

TEST(RecordChecksum, DependsOnEveryByteAndOnTheSampleId) {
  std::vector<std::uint8_t> values{1, 2, 3, 4};
  const std::uint64_t checksum = RecordChecksum(Bytes(values), 5);
  EXPECT_NE(RecordChecksum(Bytes(values), 6), checksum);
  for (std::uint8_t& value : values) {
    value ^= 1;
    EXPECT_NE(RecordChecksum(Bytes(values), 5), checksum);
    value ^= 1;
  }
  values.push_back(0);
  EXPECT_NE(RecordChecksum(Bytes(values), 5), checksum);
}

TEST(FindBadSymbol, NamesTheFirstOneAboveTheAlphabet) {
  const FieldSpec field{ElementType::kUint8, 1};
  const std::vector<std::uint8_t> values{0, 4, 5, 255};
  const auto bad = FindBadSymbol(field, Bytes(values), 5);
  ASSERT_TRUE(bad.has_value());
  EXPECT_EQ(bad->step, 2);
  EXPECT_EQ(bad->found, "5");
  EXPECT_EQ(bad->allowed, "0..4");
  EXPECT_FALSE(FindBadSymbol(field, Bytes(values), 256).has_value());
  EXPECT_FALSE(FindBadSymbol(field, Bytes(values), 0).has_value()) << "no alphabet declared";
}

TEST(FindBadTarget, AllowsTheIgnoredValueOfEachType) {
  const std::vector<std::uint8_t> bytes{0, 2, 255};
  EXPECT_FALSE(FindBadTarget({ElementType::kUint8, 1}, Bytes(bytes), 3).has_value());
  const std::vector<std::int32_t> ints{0, -1, 2, -2};
  const auto bad = FindBadTarget({ElementType::kInt32, 1}, Bytes(ints), 3);
  ASSERT_TRUE(bad.has_value());
  EXPECT_EQ(bad->step, 3);
  EXPECT_EQ(bad->allowed, "0..2 or -1 (ignored)");
}

TEST(FindBadFeature, FindsWhatIsNotFinite) {
  const FieldSpec field{ElementType::kFloat32, 2};
  std::vector<float> values{0, 1, 2, std::numeric_limits<float>::infinity()};
  const auto bad = FindBadFeature(field, Bytes(values));
  ASSERT_TRUE(bad.has_value());
  EXPECT_EQ(bad->step, 1);
  EXPECT_EQ(bad->found, "inf");
  values[3] = 0;
  EXPECT_FALSE(FindBadFeature(field, Bytes(values)).has_value());
}

}  // namespace
}  // namespace lockstep
