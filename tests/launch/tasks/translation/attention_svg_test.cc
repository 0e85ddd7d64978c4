#include "launch/tasks/translation/attention_svg.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/types.h"
#include "tests/support/run_python.h"
#include "tests/support/temp_folder.h"

namespace lockstep {
namespace {

using testing::HasSubstr;
using testing::Not;

AttentionPicture TwoByThree() {
  return {.title = "1: a <dog> & more",
          .source = {"a", "<dog>", "</s>"},
          .target = {"ein", "Hund"},
          .attention = {{1, 0, 0}, {0, 0.5F, 0.5F}}};
}

Index CountOf(const std::string& text, const std::string& part) {
  Index count = 0;
  for (std::size_t at = text.find(part); at != text.npos; at = text.find(part, at + 1)) ++count;
  return count;
}

// "" when expat reads it as XML.
std::string XmlProblem(const std::string& svg) {
  const TempFolder folder;
  Spill(folder / "picture.svg", svg);
  const PythonResult result = RunPython(
      "import sys, xml.etree.ElementTree as tree\ntree.parse(sys.argv[1])", folder / "picture.svg");
  return result.exit_code == 0 ? "" : result.output;
}

TEST(AttentionSvg, HasARectangleForEachPairOfTokensDarkerForLargerWeights) {
  const std::string svg = AttentionSvg(TwoByThree());
  EXPECT_EQ(XmlProblem(svg), "");
  EXPECT_EQ(CountOf(svg, "fill=\"rgb("), 6);
  EXPECT_EQ(CountOf(svg, "rgb(0,0,0)"), 1);
  EXPECT_EQ(CountOf(svg, "rgb(255,255,255)"), 3);
  EXPECT_EQ(CountOf(svg, "rgb(128,128,128)"), 2);
}

TEST(AttentionSvg, NamesTokensAndTitleWithoutBreakingTheDocument) {
  const std::string svg = AttentionSvg(TwoByThree());
  for (const char* const text : {"&lt;dog&gt;", "&lt;/s&gt;", "ein", "Hund", "&amp; more"})
    EXPECT_THAT(svg, HasSubstr(text));
  EXPECT_THAT(svg, Not(HasSubstr("<dog>")));
}

TEST(AttentionSvg, DrawsWeightsThatAreNoProbabilitiesAsTheNearestOnes) {
  AttentionPicture picture = TwoByThree();
  picture.attention[0] = {2, -1, 0};
  const std::string svg = AttentionSvg(picture);
  EXPECT_EQ(CountOf(svg, "rgb(0,0,0)"), 1);
  EXPECT_EQ(CountOf(svg, "rgb(255,255,255)"), 3);
}

TEST(AttentionSvg, DrawsAtMost200TokensOfEachSide) {
  AttentionPicture picture;
  picture.source.assign(300, "s");
  picture.target.assign(250, "t");
  picture.attention.assign(250, std::vector<float>(300, 0.5F));
  EXPECT_EQ(CountOf(AttentionSvg(picture), "<rect x="), 200 * 200);
}

TEST(AttentionSvg, AnEmptyTranslationIsADocument) {
  AttentionPicture picture;
  picture.source = {"a", "</s>"};
  EXPECT_EQ(XmlProblem(AttentionSvg(picture)), "");
}

}  // namespace
}  // namespace lockstep
