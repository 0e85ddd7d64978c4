#include "base/text.h"

#include <gtest/gtest.h>

#include "base/types.h"

namespace lockstep {
namespace {

TEST(Text, NumbersAreTheWholeText) {
  Index whole = 0;
  EXPECT_TRUE(ReadNumber("-12", &whole));
  EXPECT_EQ(whole, -12);
  for (const char* text : {"", "x", "1x", " 1", "1 ", "+1", "1.5", "99999999999999999999"})
    EXPECT_FALSE(ReadNumber(text, &whole)) << text;
  double real = 0;
  EXPECT_TRUE(ReadNumber("1.5e-3", &real));
  EXPECT_EQ(real, 1.5e-3);
  EXPECT_FALSE(ReadNumber("1,5", &real));
}

TEST(Text, WordsAreTakenFromTheFront) {
  std::string_view text = Trim(" one\t two three \r");
  EXPECT_EQ(TakeWord(&text), "one");
  EXPECT_EQ(TakeWord(&text), "two");
  EXPECT_EQ(text, "three");
  EXPECT_EQ(TakeWord(&text), "three");
  EXPECT_EQ(TakeWord(&text), "");
}

}  // namespace
}  // namespace lockstep
