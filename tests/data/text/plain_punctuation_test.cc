#include "data/text/plain_punctuation.h"

#include "tests/support/expect_error.h"

namespace lockstep {
namespace {

TEST(PlainPunctuation, QuotesOfAllFormsAreStraight) {
  EXPECT_EQ(PlainPunctuation("„Ja“, sagt er. “Yes” «oui» ''no''"),
            "\"Ja\", sagt er. \"Yes\" \"oui\" \"no\"");
  EXPECT_EQ(PlainPunctuation("it’s ‚so‘ ‹là› `x´"), "it's 'so' 'là' 'x'");
}

TEST(PlainPunctuation, DashesAreHyphensAndLongOnesStandApart) {
  EXPECT_EQ(PlainPunctuation("1990–1995, −5"), "1990-1995, -5");
  EXPECT_EQ(PlainPunctuation("yes—no — or"), "yes - no - or");
  EXPECT_EQ(PlainPunctuation("—"), "-");
}

TEST(PlainPunctuation, EllipsesAndFullWidthSignsAreAscii) {
  EXPECT_EQ(PlainPunctuation("so…"), "so...");
  EXPECT_EQ(PlainPunctuation("是，对！（好）。＂"), "是,对!(好).\"");
}

TEST(PlainPunctuation, LettersDigitsAndAsciiStayAsTheyAre) {
  EXPECT_EQ(PlainPunctuation("Größe ＡＢ１２ \"a\" - b's."), "Größe ＡＢ１２ \"a\" - b's.");
  EXPECT_EQ(PlainPunctuation(""), "");
}

TEST(PlainPunctuation, TextThatIsNoUtf8IsRefused) {
  ExpectError(ExitCode::kBadData, "", [] { PlainPunctuation("a\xFF"); });
}

}  // namespace
}  // namespace lockstep
