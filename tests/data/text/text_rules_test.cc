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

TEST(TextRules, WhiteSpaceInvisibleAndPunctuationAreToldApart) {
  for (const char32_t code :
       {U' ', U'\t', U'\n', U'\x85', U'\xA0', U'\x2003', U'\x2028', U'\x3000'}) {
    EXPECT_TRUE(IsWhiteSpace(code)) << CodePointName(code);
  }
  for (const char32_t code : {U'a', U'\x200B', U'\xFEFF', U'\x1F'}) {
    EXPECT_FALSE(IsWhiteSpace(code)) << CodePointName(code);
  }
  for (const char32_t code : {U'\x07', U'\x96', U'\x200B', U'\x202E', U'\xFEFF'}) {
    EXPECT_TRUE(IsInvisible(code)) << CodePointName(code);
  }
  for (const char32_t code : {U'\t', U'a', U'\xE9', U' ', U'\x1F600'}) {
    EXPECT_FALSE(IsInvisible(code)) << CodePointName(code);
  }
  EXPECT_TRUE(IsPunctuation(U'!') && IsPunctuation(U'$') && IsPunctuation(U'\x2014'));
  EXPECT_FALSE(IsPunctuation(U'a') || IsPunctuation(U'7') || IsPunctuation(U' '));
  EXPECT_TRUE(IsAlphanumeric(U'a') && IsAlphanumeric(U'7') && IsAlphanumeric(U'\x301'));
  EXPECT_FALSE(IsAlphanumeric(U'!') || IsAlphanumeric(U' '));
}

TEST(TextRules, MessagesNeverHoldWhatCannotBeSeen) {
  EXPECT_EQ(Printable("a\x07"
                      "b"),
            "\"a<U+0007>b\"");
  EXPECT_EQ(Printable("\xE2\x80\x8Bx\t\xEF\xBB\xBF"), "\"<U+200B>x<U+0009><U+FEFF>\"");
  EXPECT_EQ(Printable("caf\xE9!"), "\"caf<0xE9>!\"");
  EXPECT_EQ(Printable("abcdef", 3), "\"abc...\"");
  EXPECT_EQ(Printable("abc", 3), "\"abc\"");
  EXPECT_EQ(Printable(""), "\"\"");
  char32_t first = 0;
  EXPECT_TRUE(HasInvisible("ok \xC2\x96 \xE2\x80\x8B", &first));
  EXPECT_EQ(first, U'\x96');
  EXPECT_FALSE(HasInvisible("caf\xC3\xA9\tok", &first));
}

}  // namespace
}  // namespace lockstep
