#include "data/translation/punctuation.h"

#include <gtest/gtest.h>

#include <vector>

#include "data/text/tokenizer.h"

namespace lockstep {
namespace {

// What the tokenizer splits off and JoinWords puts back.
std::string ThereAndBack(const std::string& text) {
  return JoinWords(Tokenizer({TokenKind::kWords, true}).Split(text));
}

TEST(JoinWords, SignsStandWhereTheyBelong) {
  for (const char* const text :
       {"A man, a dog (brown); two: cats!", "He said \"no\" and 'yes'.", "Well... [maybe]?",
        "3.14 is well-known, isn't it?", "„Gut“, sagt er.", "He said “no” twice.", "«Oui», dit-il.",
        "50% more", ""})
    EXPECT_EQ(ThereAndBack(text), text);
}

TEST(JoinWords, BlanksBeforeClosingSignsAreLost) {
  EXPECT_EQ(ThereAndBack("50 % more"), "50% more");
}

TEST(JoinWords, OtherSignsAreParted) {
  EXPECT_EQ(JoinWords(std::vector<std::string>{"a", "&", "b", "-", "c"}), "a & b - c");
}

}  // namespace
}  // namespace lockstep
