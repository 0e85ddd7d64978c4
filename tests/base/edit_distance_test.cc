#include "base/edit_distance.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace lockstep {
namespace {

Index Distance(const std::string& a, const std::string& b) {
  const std::vector<std::int32_t> x(a.begin(), a.end()), y(b.begin(), b.end());
  std::vector<std::int32_t> row(y.size() + 1);
  return EditDistance<std::int32_t>(x, y, row.data());
}

TEST(EditDistance, CountsInsertionsDeletionsAndReplacements) {
  EXPECT_EQ(Distance("same", "same"), 0);
  EXPECT_EQ(Distance("kitten", "sitting"), 3);
  EXPECT_EQ(Distance("saturday", "sunday"), 3);
  EXPECT_EQ(Distance("abcd", "bcda"), 2);
  EXPECT_EQ(Distance("aaaa", "bb"), 4);
}

TEST(EditDistance, FromNothingIsTheLength) {
  EXPECT_EQ(Distance("", ""), 0);
  EXPECT_EQ(Distance("", "abc"), 3);
  EXPECT_EQ(Distance("abc", ""), 3);
}

}  // namespace
}  // namespace lockstep
