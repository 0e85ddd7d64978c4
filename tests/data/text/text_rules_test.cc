#include "data/text/text_rules.h"

#include <gtest/gtest.h>

namespace lockstep {
namespace {

TEST(TextRules, CompositionJoinsAccentsWithTheirLetters) {
  bool composed = false;
  EXPECT_EQ(ApplyRules({}, "caf\x65\xCC\x81", &composed), "caf\xC3\xA9");
  EXPECT_TRUE(composed);
  EXPECT_EQ(ApplyRules({}, "caf\xC3\xA9 ascii", &composed), "caf\xC3\xA9 ascii");
  EXPECT_FALSE(composed);
  EXPECT_EQ(ApplyRules({.compose = false}, "e\xCC\x81", &composed), "e\xCC\x81");
  EXPECT_FALSE(composed);
}

TEST(TextRules, CompositionOrdersMarksAsUnicodeSays) {
  // From the normalisation tests of Unicode: dot above and dot below in either order.
  EXPECT_EQ(ApplyRules({}, "D\xCC\x87\xCC\xA3"), "\xE1\xB8\x8C\xCC\x87");
  // Hangul syllables are composed by rule: U+1100 U+1161 U+11A8 is U+AC01.
  EXPECT_EQ(ApplyRules({}, "\xE1\x84\x80\xE1\x85\xA1\xE1\x86\xA8"), "\xEA\xB0\x81");
}

TEST(TextRules, LowerCaseIsThatOfUnicodeAndIsNotCountedAsComposition) {
  bool composed = true;
  EXPECT_EQ(ApplyRules({.lower_case = true}, "\xC3\x84RGER \xCE\xA9 \xD0\x94", &composed),
            "\xC3\xA4rger \xCF\x89 \xD0\xB4");
  EXPECT_FALSE(composed);
}

}  // namespace
}  // namespace lockstep
