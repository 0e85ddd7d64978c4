#include "launch/output/cell_text.h"

#include <gtest/gtest.h>

#include "launch/output/svg_text.h"

namespace lockstep {
namespace {

TEST(CellText, ShowsControlCharactersTabsAndLineEnds) {
  EXPECT_EQ(CellText("a b"), "a b");
  EXPECT_EQ(CellText("a\tb\nc\rd"), "a<U+0009>b<U+000A>c<U+000D>d");
  EXPECT_EQ(CellText("\x1b[2J\x7f"), "<U+001B>[2J<U+007F>");
  EXPECT_EQ(CellText(std::string_view("\0", 1)), "<U+0000>");
  EXPECT_EQ(CellTexts({"x\n", "y"}), (std::vector<std::string>{"x<U+000A>", "y"}));
}

TEST(CellText, ShowsHighControlCharactersAndLeavesAllOtherBytes) {
  EXPECT_EQ(CellText("\xC2\x9B"
                     "5m\xC2\x80"),
            "<U+009B>5m<U+0080>");
  EXPECT_EQ(CellText("\xC2\xA0\xC3\xA4"), "\xC2\xA0\xC3\xA4");  // a no-break space, an umlaut
  EXPECT_EQ(CellText("\xC2"), "\xC2");
  EXPECT_EQ(CellText("\xFF\x9B"), "\xFF\x9B");  // no UTF-8, so no control character
}

TEST(PathText, ShowsAllThatIsNotSeenAndBytesThatAreNoUtf8) {
  EXPECT_EQ(PathText("runs/a b\xC3\xA4"), "runs/a b\xC3\xA4");
  EXPECT_EQ(PathText("a\n\t\x1b[2J"), "a<U+000A><U+0009><U+001B>[2J");
  EXPECT_EQ(PathText("\u202Ea\u200B\u2066\uFEFF"), "<U+202E>a<U+200B><U+2066><U+FEFF>");
  EXPECT_EQ(PathText("caf\xE9"), "caf<0xE9>");
  EXPECT_EQ(PathText(std::string(500, 'x')), std::string(500, 'x'));
  EXPECT_EQ(PathText(""), "");
}

TEST(WordText, ShowsBlanksToo) { EXPECT_EQ(WordText("a b\tc"), "a<U+0020>b<U+0009>c"); }

TEST(CsvCell, QuotesWhatWouldEndTheCell) {
  EXPECT_EQ(CsvCell("plain text"), "plain text");
  EXPECT_EQ(CsvCell("a,b"), "\"a,b\"");
  EXPECT_EQ(CsvCell("say \"x\"\nand y"), "\"say \"\"x\"\"\nand y\"");
  EXPECT_EQ(CsvCell("\x1b"), "<U+001B>");
}

TEST(XmlText, LeavesNothingThatXmlForbids) {
  EXPECT_EQ(XmlText("<a b=\"&\">"), "&lt;a b=&quot;&amp;&quot;&gt;");
  EXPECT_EQ(XmlText("a\nb\x1b\x7f\xC2\x9B"), "a?b???");
  EXPECT_EQ(XmlText("\xEF\xBF\xBE\xEF\xBF\xBF\xFFx"), "???x");
  EXPECT_EQ(XmlText("\xC2\xA0\xC3\xA4"), "\xC2\xA0\xC3\xA4");
}

}  // namespace
}  // namespace lockstep
