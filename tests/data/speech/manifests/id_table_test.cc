#include "data/speech/manifests/id_table.h"

#include <gtest/gtest.h>

namespace lockstep {
namespace {

TEST(IdTable, GivesWhereAnIdWasFirst) {
  IdTable ids;
  EXPECT_EQ(ids.Add("a", "x.tsv:2"), "");
  EXPECT_EQ(ids.Add("b", "x.tsv:3"), "");
  EXPECT_EQ(ids.Add("a", "y:z.tsv:9"), "x.tsv:2");
  EXPECT_EQ(ids.Add("c", "y:z.tsv:10"), "");
  EXPECT_EQ(ids.Add("c", "x.tsv:4"), "y:z.tsv:10");
}

TEST(IdTable, GrowsWithoutLosingAny) {
  constexpr int kIds = 10000;
  IdTable ids;
  for (int i = 0; i < kIds; ++i) {
    ASSERT_EQ(ids.Add(std::to_string(i), "m:" + std::to_string(i + 1)), "");
  }
  for (int i = 0; i < kIds; i += 7) {
    ASSERT_EQ(ids.Add(std::to_string(i), "m:1"), "m:" + std::to_string(i + 1));
  }
}

}  // namespace
}  // namespace lockstep
