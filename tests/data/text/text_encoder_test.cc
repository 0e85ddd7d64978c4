#include "data/text/text_encoder.h"

#include <nlohmann/json.hpp>

#include "base/json_text.h"
#include "data/text/piece_model.h"
#include "tests/support/expect_error.h"

namespace lockstep {
namespace {

using Ids = std::vector<std::int32_t>;
using Json = nlohmann::json;

Vocabulary WordList(std::vector<std::string> names) {
  Vocabulary words;
  words.name = "words";
  words.names = std::move(names);
  words.unknown = 0;
  return words;
}

// An encoder made again from what the first one says about itself.
TextEncoder Reread(const TextEncoder& encoder, const Vocabulary& words) {
  return TextEncoder::FromTask(encoder.TaskJson("UTF-8"), words, "corpus.json");
}

TEST(TextEncoder, WordsBecomeIdsByTheRules) {
  const Vocabulary words = WordList({"<unk>", "caf\xC3\xA9", "!", "fine"});
  const TextEncoder encoder({.lower_case = true},
                            Tokenizer({.kind = TokenKind::kWords, .split_punctuation = true}),
                            words, "test");
  for (const TextEncoder& one : {encoder, Reread(encoder, words)}) {
    EXPECT_EQ(one.Encode("FINE Cafe\xCC\x81! fine dust"), (Ids{3, 1, 2, 3, 0}));
    EXPECT_EQ(one.Encode(" \t"), Ids{});
    EXPECT_EQ(one.unknown(), 0);
  }
}

TEST(TextEncoder, PlainPunctuationIsStoredOnlyWhereItIsOn) {
  const Vocabulary words = WordList({"<unk>", "\"", "so"});
  const Tokenizer tokenizer({.kind = TokenKind::kWords, .split_punctuation = true});
  const TextEncoder plain({.plain_punctuation = true}, tokenizer, words, "test");
  for (const TextEncoder& one : {plain, Reread(plain, words)})
    EXPECT_EQ(one.Encode("„so“"), (Ids{1, 2, 1}));
  const TextEncoder other({}, tokenizer, words, "test");
  EXPECT_EQ(other.Encode("„so“"), (Ids{0, 2, 0}));
  EXPECT_EQ(other.TaskJson("UTF-8").find("plain_punctuation"), std::string::npos);
}

TEST(TextEncoder, RulesThatAreOffStayOffWhenReadAgain) {
  const Vocabulary words = WordList({"<unk>", "e", "\xCC\x81", "E", " "});
  const TextEncoder encoder({.compose = false}, Tokenizer({.kind = TokenKind::kCharacters}), words,
                            "test");
  EXPECT_EQ(Reread(encoder, words).Encode("e\xCC\x81 E"), (Ids{1, 2, 4, 3}));
}

TEST(TextEncoder, ThePieceModelTravelsInTheTask) {
  int left = 80;
  const auto model = std::make_shared<const PieceModel>(PieceModel::Train(
      [&](std::string* text) {
        *text = left % 2 == 0 ? "seven eleven" : "seventy even";
        return left-- > 0;
      },
      12));
  const Vocabulary words = VocabularyOfPieces(*model);
  const TextEncoder encoder({}, Tokenizer({.kind = TokenKind::kPieces}, model), words, "test");
  const Ids ids = encoder.Encode("seven even");
  EXPECT_EQ(Reread(encoder, words).Encode("seven even"), ids);
  std::string text;
  for (const std::int32_t id : ids) text += words.names[static_cast<std::size_t>(id)];
  EXPECT_EQ(text,
            "\xE2\x96\x81seven\xE2\x96\x81"
            "even");
  EXPECT_EQ(encoder.Encode("sevenq").back(), 0);
}

TEST(TextEncoder, ADamagedTaskIsRefusedWithItsPlace) {
  const Vocabulary words = WordList({"<unk>", "a"});
  const Json good =
      ParseJson(TextEncoder({}, Tokenizer(TokenizerOptions{}), words, "test").TaskJson("UTF-8"));
  const auto expect = [&](const std::string& message, const std::string& task) {
    ExpectError(ExitCode::kBadData, message,
                [&] { TextEncoder::FromTask(task, words, "corpus.json"); });
  };
  for (const char* text : {"", "{", "[]", "7"})
    expect("corpus.json: \"task\" is no JSON object", text);
  Json bad = good;
  bad.erase("rules");
  expect("corpus.json: task has no \"rules\"", JsonText(bad));
  bad = good;
  bad["rules"]["compose"] = 1;
  expect("task/rules/compose is neither true nor false", JsonText(bad));
  bad = good;
  bad["tokens"]["kind"] = "bytes";
  expect("task/tokens/kind is \"bytes\", allowed are words, characters, pieces", JsonText(bad));
  bad["tokens"]["kind"] = "pieces";
  expect("task/tokens has no \"model\"", JsonText(bad));
  bad["tokens"]["model"] = "!!";
  expect("task/tokens/model is no base64 text", JsonText(bad));
  bad["tokens"]["model"] = "AAAA";
  expect("corpus.json: is no SentencePiece model", JsonText(bad));
}

}  // namespace
}  // namespace lockstep
