#include "launch/output/wide_picture.h"

#include <gmock/gmock.h>

#include "launch/report/page_style.h"
#include "launch/report/report_page.h"

namespace lockstep {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(WidePicture, TellsNarrowerWindowsToScroll) {
  const std::string html = WidePicture("<svg width=\"700\" height=\"9\">\n</svg>\n");
  EXPECT_THAT(html, HasSubstr("<p class=\"hint below-600\">"));
  EXPECT_THAT(html, HasSubstr("<div class=\"wide picture\"><svg width=\"700\""));
}

TEST(WidePicture, IsATrackWithoutAWidth) {
  EXPECT_THAT(WidePicture("<svg class=\"track\"><rect width=\"5\"/></svg>"),
              HasSubstr("below-600"));  // kTrackWidth
  EXPECT_THAT(std::string(kPageStyle),
              HasSubstr(".track { width: 100%; min-width: " + std::to_string(kTrackWidth) + "px"));
}

TEST(WidePicture, ThatFitsAnyWindowSaysNothing) {
  EXPECT_THAT(WidePicture("<svg width=\"335\"/>"), Not(HasSubstr("hint")));
  EXPECT_THAT(WidePicture("<svg width=\"336\"/>"), HasSubstr("below-360"));
}

// Any class that a picture may have is one of the style.
TEST(WidePicture, HasHintsThatTheStyleShows) {
  for (int width = 336; width < 5000; ++width) {
    const std::string html = WidePicture("<svg width=\"" + std::to_string(width) + "\"/>");
    const std::size_t begin = html.find("below-"), end = html.find('"', begin);
    const std::string name = html.substr(begin, end - begin);
    EXPECT_THAT(WidePictureStyle(),
                HasSubstr("@media (max-width: " + name.substr(6) + "px) { ." + name + " {"))
        << width;
  }
}

// The later one of two rules for a class holds.
TEST(WidePicture, HasItsRulesInAReportAfterThatWhichHidesHints) {
  const std::string page = ReportPage({ReportedRun{}});
  const std::size_t hidden = page.find(".hint { display: none"),
                    rules = page.find(WidePictureStyle());
  ASSERT_NE(hidden, std::string::npos);
  ASSERT_NE(rules, std::string::npos);
  EXPECT_LT(hidden, rules);
}

}  // namespace
}  // namespace lockstep
