#include "data/text/text_counts.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "base/json_text.h"

namespace lockstep {
namespace {

std::string Provenance(const nlohmann::json& counts) {
  return JsonText(nlohmann::json{{"splits", {{"test", counts}}}});
}

TEST(TextCounts, OfASplitAreThoseThatWereWritten) {
  const TextCounts counts{
      .symbols = 5, .unknown = 1, .lines = 2, .words = 3, .characters = 9, .bytes = 11};
  const std::optional<TextCounts> read = CountsOfSplit(Provenance(ToJson(counts)), "test");
  ASSERT_TRUE(read.has_value());
  EXPECT_EQ(ToJson(*read), ToJson(counts));
  EXPECT_FALSE(CountsOfSplit(Provenance(ToJson(counts)), "valid").has_value());
}

// A no-break space parts words as it does tokens.
TEST(TextCounts, WordsArePartedByWhiteSpaceOfUnicode) {
  TextCounter counter;
  TextCounts counts;
  counter.Add({"Bonjour\u00a0! \u00ab\u00a0Oui\u00a0\u00bb", true, true}, &counts);
  counter.Add({"\u4f60\u597d\u3000\u4e16", false, false}, &counts);
  counter.Add({"\u754c \xff", true, true}, &counts);
  EXPECT_EQ(counts.words, 5 + 3);
  EXPECT_EQ(counts.characters, 17 + 1 + 4 + 4);
}

// Each would make a figure per word, character or byte that is none.
TEST(TextCounts, ThatNoTextHasAreLeftOut) {
  const nlohmann::json good =
      ToJson({.symbols = 5, .unknown = 1, .lines = 2, .words = 3, .characters = 9, .bytes = 11});
  for (const char* const name : {"words", "lines", "characters", "bytes"}) {
    nlohmann::json counts = good;
    counts[name] = -1;
    EXPECT_FALSE(CountsOfSplit(Provenance(counts), "test").has_value()) << name;
  }
  for (const char* const name : {"characters", "bytes"}) {
    for (const nlohmann::json& wrong : {nlohmann::json(0), nlohmann::json(1.5), nlohmann::json()}) {
      nlohmann::json counts = good;
      counts[name] = wrong;
      EXPECT_FALSE(CountsOfSplit(Provenance(counts), "test").has_value()) << name << wrong;
    }
  }
}

}  // namespace
}  // namespace lockstep
