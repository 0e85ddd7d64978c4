#include "launch/verbs/inspect_views.h"

#include <gmock/gmock.h>

namespace lockstep {
namespace {

using testing::HasSubstr;

TEST(InspectViews, AMatrixMultipliesAndAddsABiasAddsAnEmbeddingIsLookedUp) {
  EXPECT_EQ(DescribeArray("rnn.weight_ih_l0", {384, 16}, 4).operations, 2 * 384 * 16);
  EXPECT_EQ(DescribeArray("rnn.bias_ih_l0", {384}, 4).operations, 384);
  EXPECT_EQ(DescribeArray("embedding.weight", {8, 16}, 4).operations, 0);
  EXPECT_EQ(DescribeArray("embedding.weight", {8, 16}, 4).bytes, 8 * 16 * 4);
}

TEST(InspectViews, TheLastLineOfTheTableIsTheSum) {
  const std::string table = LayerTable({DescribeArray("a", {2, 3}, 4), DescribeArray("b", {5}, 4)});
  EXPECT_THAT(table, HasSubstr("[2, 3]"));
  EXPECT_THAT(table.substr(table.rfind("all")), testing::MatchesRegex("all +11 +44 +17\n"));
}

TEST(InspectViews, OnlyWhatDiffersIsShown) {
  const std::vector<ShownField> first = {
      {"step", 5}, {"cell", "gru"}, {"path", "a"}, {"only", true}};
  const std::vector<ShownField> second = {{"step", 6}, {"cell", "gru"}, {"path", "b"}};
  const std::string text = Differences(first, second);
  EXPECT_THAT(text, testing::ContainsRegex("step +5 +6\n"));
  EXPECT_THAT(text, testing::ContainsRegex("only +true +\\(none\\)\n"));
  EXPECT_THAT(text, testing::Not(HasSubstr("cell")));
  EXPECT_THAT(text, testing::Not(HasSubstr("path")));
  EXPECT_EQ(Differences(first, first), "no field differs\n");
}

}  // namespace
}  // namespace lockstep
