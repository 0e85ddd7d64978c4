#include "launch/tasks/translation/translation_writer.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <sstream>

#include "base/json_text.h"
#include "launch/tasks/translation/unknown_words.h"
#include "tests/data/translation/word_pairs.h"
#include "tests/support/expect_error.h"

namespace lockstep {
namespace {

// "ein <unk>." from a source of the two words "a Bello" and its end; the attention of the unknown
// word is largest at the end, and then at the second word.
Hypothesis WithUnknown() {
  return {.tokens = {1, 0, 4},
          .score = -0.25,
          .log_probability = -1.5,
          .ended = true,
          .attention = {{0.9F, 0.05F, 0.05F}, {0.1F, 0.3F, 0.6F}, {0, 0, 1}, {0, 0, 1}}};
}
const std::vector<std::string> kWords = {"a", "Bello"};

class TranslationWriterTest : public testing::Test {
 protected:
  std::string Written(TranslationFormat format, bool several, Index line,
                      const std::vector<Hypothesis>& hypotheses,
                      const std::vector<std::string>& words = {}) {
    std::ostringstream out;
    TranslationWriter(encoder_, format, several).Write(line, "a Bello", words, hypotheses, &out);
    return out.str();
  }

  PairEncoder encoder_ = WordPairs();
};

TEST_F(TranslationWriterTest, TextIsALinePerTranslation) {
  EXPECT_EQ(Written(TranslationFormat::kText, false, 1, {WithUnknown()}), "ein <unk>.\n");
  EXPECT_EQ(Written(TranslationFormat::kText, false, 2, {}), "\n");
}

TEST_F(TranslationWriterTest, SeveralTranslationsHaveTheFormOfMoses) {
  Hypothesis second{.tokens = {1, 2}, .score = -0.5, .log_probability = -2, .attention = {}};
  EXPECT_EQ(Written(TranslationFormat::kText, true, 1, {WithUnknown(), second}),
            "0 ||| ein <unk>. ||| -1.500000 ||| -0.250000\n"
            "0 ||| ein Hund ||| -2.000000 ||| -0.500000\n");
  EXPECT_EQ(Written(TranslationFormat::kText, true, 3, {}), "2 |||  ||| 0 ||| 0\n");
}

// The unknown word is copied from a source that holds columns of its own.
TEST_F(TranslationWriterTest, ATextCannotForgeColumns) {
  const auto text_of = [&](const std::string& word) {
    const std::string line =
        Written(TranslationFormat::kText, true, 1, {WithUnknown()}, {"a", word});
    return line.substr(0, line.find(" ||| -1.5"));
  };
  const std::string bars = "<U+007C><U+007C><U+007C>";
  EXPECT_EQ(text_of("x ||| 0 ||| 0"), "0 ||| ein x " + bars + " 0 " + bars + " 0.");
  EXPECT_EQ(text_of("|||||||"), "0 ||| ein " + bars + bars + "|.");
  EXPECT_EQ(text_of("a||b"), "0 ||| ein a||b.");
  const std::string one =
      Written(TranslationFormat::kText, false, 1, {WithUnknown()}, {"a", "x ||| y"});
  EXPECT_EQ(one, "ein x ||| y.\n") << "a line that is one text has no columns";
}

TEST_F(TranslationWriterTest, JsonHasAllHypothesesWithTheirTokens) {
  const auto json = ParseJson(Written(TranslationFormat::kJsonl, false, 7, {WithUnknown()}));
  EXPECT_EQ(json["line"], 7);
  EXPECT_EQ(json["source"], "a Bello");
  EXPECT_EQ(json["text"], "ein <unk>.");
  const nlohmann::json& one = json["hypotheses"][0];
  EXPECT_EQ(one["tokens"], (std::vector<std::string>{"ein", "<unk>", "."}));
  EXPECT_EQ(one["log_probability"], -1.5);
  EXPECT_EQ(one["score"], -0.25);
  EXPECT_EQ(one["ended"], true);
  const auto empty = ParseJson(Written(TranslationFormat::kJsonl, false, 1, {}));
  EXPECT_EQ(empty["text"], "");
  EXPECT_TRUE(empty["hypotheses"].empty());
}

TEST_F(TranslationWriterTest, UnknownWordsAreReplacedInTextsButNotInTokens) {
  EXPECT_EQ(Written(TranslationFormat::kText, false, 1, {WithUnknown()}, kWords), "ein Bello.\n");
  const auto json =
      ParseJson(Written(TranslationFormat::kJsonl, false, 1, {WithUnknown()}, kWords));
  EXPECT_EQ(json["text"], "ein Bello.");
  EXPECT_EQ(json["hypotheses"][0]["tokens"][1], "<unk>");
}

TEST_F(TranslationWriterTest, UnknownFormatsAreRefusedWithTheKnownOnes) {
  ExpectError(ExitCode::kUsage, "there are text and jsonl", [] { ParseTranslationFormat("ctm"); });
}

TEST(ReplaceUnknown, OfEqualWeightsTheFirstWordIsTaken) {
  Hypothesis one{.tokens = {0, 0}, .attention = {{0.4F, 0.4F, 0.2F}, {0.1F, 0.2F, 0.7F}}};
  EXPECT_EQ(ReplaceUnknown(WordPairs(), one, kWords), kWords);
}

}  // namespace
}  // namespace lockstep
