#include "base/characters.h"

#include <gtest/gtest.h>

namespace lockstep {
namespace {

TEST(Characters, WhiteSpaceInvisibleAndPunctuationAreToldApart) {
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
  EXPECT_TRUE(IsControlOrFormat(0) && IsControlOrFormat(U'\xAD') && IsControlOrFormat(U'\x200E'));
  EXPECT_FALSE(IsControlOrFormat(U'a') || IsControlOrFormat(U' ') || IsControlOrFormat(U'\x3000'));
  EXPECT_TRUE(IsPunctuation(U'!') && IsPunctuation(U'$') && IsPunctuation(U'\x2014'));
  EXPECT_FALSE(IsPunctuation(U'a') || IsPunctuation(U'7') || IsPunctuation(U' '));
  EXPECT_TRUE(IsAlphanumeric(U'a') && IsAlphanumeric(U'7') && IsAlphanumeric(U'\x301'));
  EXPECT_FALSE(IsAlphanumeric(U'!') || IsAlphanumeric(U' '));
}

TEST(Characters, MessagesNeverHoldWhatCannotBeSeen) {
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
