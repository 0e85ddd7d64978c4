#include "data/corpus/record.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cmath>
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

// A schema of one field, whose ids have `ids` names.
Schema Of(Field field, Index ids) {
  Schema schema;
  field.vocabulary = field.is_real() ? -1 : 0;
  schema.fields = {field};
  if (!field.is_real()) {
    schema.vocabularies = {
        {"names", std::vector<std::string>(static_cast<std::size_t>(ids)), {}, -1}};
  }
  return schema;
}

TEST(FindBadValue, NamesTheFirstIdAboveTheNames) {
  const std::vector<std::uint8_t> values{0, 4, 5, 255};
  const auto bad = FindBadValue(Of({}, 5), 0, Bytes(values), 4);
  ASSERT_TRUE(bad.has_value());
  EXPECT_EQ(bad->row, 2);
  EXPECT_EQ(bad->found, "5");
  EXPECT_EQ(bad->allowed, "0..4");
  EXPECT_FALSE(FindBadValue(Of({}, 256), 0, Bytes(values), 4).has_value());
}

TEST(FindBadValue, AllowsTheIgnoredTargetOfEachType) {
  const std::vector<std::uint8_t> bytes{0, 2, 255};
  EXPECT_FALSE(FindBadValue(Of({.role = FieldRole::kTarget}, 3), 0, Bytes(bytes), 3).has_value());
  const Schema wide = Of({.type = ElementType::kInt32, .role = FieldRole::kTarget}, 3);
  const std::vector<std::int32_t> ints{0, -1, 2, -2};
  const auto bad = FindBadValue(wide, 0, Bytes(ints), 4);
  ASSERT_TRUE(bad.has_value());
  EXPECT_EQ(bad->row, 3);
  EXPECT_EQ(bad->allowed, "0..2 or -1 (ignored)");
}

TEST(FindBadValue, AllowsNoBlankInAListOfTargets) {
  const Schema schema = Of({.alignment = Alignment::kList, .role = FieldRole::kTarget}, 3);
  const std::vector<std::uint8_t> values{1, 2, 0};
  const auto bad = FindBadValue(schema, 0, Bytes(values), 9);
  ASSERT_TRUE(bad.has_value());
  EXPECT_EQ(bad->row, 2);
  EXPECT_EQ(bad->allowed, "1..2");
}

TEST(FindBadValue, FindsInputsThatAreNotFinite) {
  const Schema schema = Of({.type = ElementType::kFloat32, .width = 2}, 0);
  std::vector<float> values{0, 1, 2, std::numeric_limits<float>::infinity()};
  const auto bad = FindBadValue(schema, 0, Bytes(values), 2);
  ASSERT_TRUE(bad.has_value());
  EXPECT_EQ(bad->row, 1);
  EXPECT_EQ(bad->found, "inf");
  values[3] = 0;
  EXPECT_FALSE(FindBadValue(schema, 0, Bytes(values), 2).has_value());
}

TEST(FindBadValue, AllowsRealTargetsToBeMissingButNotInfinite) {
  const Schema schema = Of({.type = ElementType::kFloat32, .role = FieldRole::kTarget}, 0);
  std::vector<float> values{0, std::nanf("")};
  EXPECT_FALSE(FindBadValue(schema, 0, Bytes(values), 2).has_value());
  values[0] = -std::numeric_limits<float>::infinity();
  EXPECT_TRUE(FindBadValue(schema, 0, Bytes(values), 2).has_value());
}

TEST(FindBadValue, ComparesTheLengthsOfListsWithWhatIsThere) {
  const Schema schema = Of({.type = ElementType::kInt32, .alignment = Alignment::kListInStep}, 4);
  const auto allowed = [&](const std::vector<std::int32_t>& values) {
    return !FindBadValue(schema, 0, Bytes(values), 2).has_value();
  };
  EXPECT_TRUE(allowed({1, 2, 3, 0, 1}));
  EXPECT_TRUE(allowed({0, 0}));
  EXPECT_FALSE(allowed({1, 2, 3, 0})) << "one too few";
  EXPECT_FALSE(allowed({1, 0, 3, 0})) << "one too many";
  EXPECT_FALSE(allowed({-1, 3, 3, 0})) << "a negative length";
  EXPECT_FALSE(allowed({1, 2, 3, 0, 4})) << "an id above the names";
  EXPECT_FALSE(allowed({1})) << "not a length for each step";
}

// Begins with 0, ends with 2, and goes 0 -> 0 or 1, 1 -> 2, 2 -> 2.
Schema Ordered(ElementType type) {
  Schema schema = Of({.type = type, .role = FieldRole::kTarget}, 3);
  schema.vocabularies[0].names = {"out", "start", "in"};
  schema.vocabularies[0].order = {{{0, 1}, {2}, {2}}, {0}, {2}};
  return schema;
}

TEST(FindBadValue, NamesTheFirstTargetThatBreaksTheOrder) {
  const Schema schema = Ordered(ElementType::kInt32);
  const auto found = [&](const std::vector<std::int32_t>& values) {
    const auto bad = FindBadValue(schema, 0, Bytes(values), static_cast<Index>(values.size()));
    return bad ? fmt::format("{}: {}, not {}", bad->row, bad->found, bad->allowed) : "";
  };
  EXPECT_EQ(found({0, 0, 1, 2, 2}), "");
  EXPECT_EQ(found({0, 2, 2}), "1: \"in\" after \"out\", not out, start");
  EXPECT_EQ(found({1, 2}), "0: \"start\" at the first step, not out");
  EXPECT_EQ(found({0, 1}), "1: \"start\" at the last step, not in");
  EXPECT_EQ(found({-1, 1, -1, 2, -1}), "");
}

TEST(FindBadValue, DoesNotTakeAnIgnoredByteForALabel) {
  const Schema schema = Ordered(ElementType::kUint8);
  const std::vector<std::uint8_t> good{255, 1, 255, 255}, bad{255, 2, 1, 255};
  EXPECT_FALSE(FindBadValue(schema, 0, Bytes(good), 4).has_value());
  EXPECT_EQ(FindBadValue(schema, 0, Bytes(bad), 4)->row, 2);
}

}  // namespace
}  // namespace lockstep
