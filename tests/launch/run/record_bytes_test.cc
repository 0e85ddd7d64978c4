#include "launch/run/record_bytes.h"

#include <gtest/gtest.h>

namespace lockstep {
namespace {

struct Part {
  std::string name;
  double weight = 0;
  bool operator==(const Part&) const = default;
};
template <typename Use>
void VisitFields(Part& part, const Use& use) {
  use(part.name);
  use(part.weight);
}

struct Whole {
  bool flag = false;
  std::vector<Part> parts;
  std::vector<std::vector<float>> rows;
  bool operator==(const Whole&) const = default;
};
template <typename Use>
void VisitFields(Whole& whole, const Use& use) {
  use(whole.flag);
  use(whole.parts);
  use(whole.rows);
}

TEST(RecordBytes, NestedRecordsAreTakenAsTheyWerePut) {
  const std::vector<Whole> wholes = {
      {true, {{std::string("a\0b", 3), 0.5}, {"", -1}}, {{1, 2}, {}, {3}}},
      {},
      {false, {{"ä", 1e300}}, {}},
  };
  std::string bytes;
  PutRecord(wholes, &bytes);
  PutRecord(7, &bytes);
  BytesReader in(bytes);
  EXPECT_EQ(TakeRecord<std::vector<Whole>>(&in), wholes);
  EXPECT_EQ(TakeRecord<int>(&in), 7);
  EXPECT_TRUE(in.AtEnd());
}

}  // namespace
}  // namespace lockstep
