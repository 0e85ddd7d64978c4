#include "data/text/vocabulary.h"

#include "data/text/language_corpus.h"
#include "data/text/piece_model.h"
#include "tests/support/expect_error.h"
#include "tests/support/temp_folder.h"

namespace lockstep {
namespace {

using Names = std::vector<std::string>;

Names Count(const std::vector<Names>& texts, const VocabularyOptions& options) {
  TokenCounter counter;
  for (const Names& text : texts) counter.Add(text);
  return counter.Finish(options).names;
}

TEST(Vocabulary, OrderIsByCountThenByBytes) {
  const std::vector<Names> texts = {{"b", "a", "c", "c"}, {"B", "a", "b", "c", "\xC3\xA9"}};
  const Names expected = {"<unk>", "c", "a", "b", "B", "\xC3\xA9"};
  EXPECT_EQ(Count(texts, {.min_count = 1}), expected);
  EXPECT_EQ(Count({texts[1], texts[0]}, {.min_count = 1}), expected);
}

TEST(Vocabulary, RareTokensAndThoseBeyondTheLimitGetNoId) {
  const std::vector<Names> texts = {{"a", "a", "a", "b", "b", "c", "c", "d"}};
  EXPECT_EQ(Count(texts, {}), (Names{"<unk>", "a", "b", "c"}));
  EXPECT_EQ(Count(texts, {.min_count = 3}), (Names{"<unk>", "a"}));
  EXPECT_EQ(Count(texts, {.min_count = 1, .max_size = 3}), (Names{"<unk>", "a", "b"}));
  EXPECT_EQ(Count(texts, {.min_count = 9}), Names{"<unk>"});
}

TEST(Vocabulary, TheUnknownTokenInATextIsTheUnknownId) {
  TokenCounter counter;
  counter.Add({"<unk>", "<unk>", "<unk>", "a", "a"});
  const Vocabulary vocabulary = counter.Finish({});
  EXPECT_EQ(vocabulary.names, (Names{"<unk>", "a"}));
  EXPECT_EQ(counter.tokens(), 5);
  EXPECT_EQ(counter.distinct(), 2);
  const TokenIds ids(vocabulary, "test");
  EXPECT_EQ(ids.Find("<unk>"), 0);
  EXPECT_EQ(ids.Find("a"), 1);
  EXPECT_EQ(ids.Find("never seen"), 0);
}

TEST(Vocabulary, AGivenListKeepsItsOrder) {
  const TempFolder folder;
  Spill(folder / "words", "\xEF\xBB\xBFthe\r\nof\n");
  Vocabulary vocabulary = VocabularyFromFile(folder / "words", {});
  EXPECT_EQ(vocabulary.names, (Names{"<unk>", "the", "of"}));
  EXPECT_EQ(vocabulary.unknown, 0);
  Spill(folder / "words", "t\n<unk>\n \nf\n<eos>");
  vocabulary = VocabularyFromFile(folder / "words", {}, TokenKind::kCharacters);
  EXPECT_EQ(vocabulary.names, (Names{"t", "<unk>", " ", "f", "<eos>"}));
  EXPECT_EQ(vocabulary.unknown, 1);
  EXPECT_EQ(TokenIds(vocabulary, "test").Find("x"), 1);
}

TEST(Vocabulary, TheTokensOfACorpusKeepTheirIds) {
  const TempFolder folder;
  Spill(folder / "text", "The of\nThe\n");
  LanguageOptions options;
  ParseSymbols("words", &options);
  options.files[0] = {folder / "text"};
  options.vocabulary.min_count = 1;
  options.out = folder / "corpus";
  PrepareLanguage(options);
  const Vocabulary vocabulary = VocabularyFromFile(folder / "corpus", {});
  EXPECT_EQ(vocabulary.names, (Names{"<unk>", "<eos>", "The", "of"}));
  EXPECT_EQ(vocabulary.unknown, 0);
  ExpectError(ExitCode::kUsage, "the token \"The\" becomes \"the\"",
              [&] { VocabularyFromFile(folder / "corpus", {.lower_case = true}); });
  ExpectError(ExitCode::kMissingInput, "corpus.json",
              [&] { VocabularyFromFile(folder.path(), {}); });
}

TEST(Vocabulary, WordsAndCharactersOfACorpusAreNoTokensOfEachOther) {
  const TempFolder folder;
  Spill(folder / "text", "The of\nThe\n");
  for (const char* tokens : {"words", "characters"}) {
    LanguageOptions options;
    ParseSymbols(tokens, &options);
    options.files[0] = {folder / "text"};
    options.vocabulary.min_count = 1;
    options.out = folder / tokens;
    PrepareLanguage(options);
  }
  const auto read = [&](const char* name, TokenKind kind) {
    return VocabularyFromFile(folder / name, {}, kind);
  };
  EXPECT_EQ(read("characters", TokenKind::kCharacters).names.size(), 8u);
  ExpectError(ExitCode::kUsage, "holds white space; prepare both corpora with the same --tokens",
              [&] { read("characters", TokenKind::kWords); });
  ExpectError(ExitCode::kUsage, "the token \"The\" is more than one character",
              [&] { read("words", TokenKind::kCharacters); });
}

TEST(Vocabulary, AListWithTokensThatNoTextHasIsRefused) {
  const TempFolder folder;
  const auto expect = [&](const std::string& message, const std::string& bytes,
                          const TextRules& rules = {}) {
    Spill(folder / "words", bytes);
    ExpectError(ExitCode::kBadData, message, [&] { VocabularyFromFile(folder / "words", rules); });
  };
  expect("words:3: the token \"a\" is there twice", "a\nb\na\n");
  expect("words:2: the line is empty", "a\n\nb\n");
  expect("words:1: the token \"the 5012\" holds white space", "the 5012\n");
  expect("words:1: the token \"The\" becomes \"the\" by --lower-case", "The\n",
         {.lower_case = true});
  expect("words:1: the token \"e", "e\xCC\x81\n");
  expect("words:2: the token \" \" holds white space", "a\n \n");
  expect("words:2: column 1 has the byte 0xe9", "a\n\xE9\n");
  expect("holds no token", "");
}

TEST(Vocabulary, PiecesStandBehindTheUnknownId) {
  int left = 50;
  const PieceModel model = PieceModel::Train(
      [&](std::string* text) {
        *text = "seven eleven even";
        return left-- > 0;
      },
      10);
  const Vocabulary vocabulary = VocabularyOfPieces(model);
  EXPECT_EQ(vocabulary.names.size(), model.pieces().size() + 1);
  EXPECT_EQ(TokenIds(vocabulary, "test").Find(model.pieces()[2]), 3);
}

TEST(Vocabulary, ADamagedVocabularyIsRefused) {
  Vocabulary vocabulary;
  vocabulary.name = "words";
  vocabulary.names = {"<unk>", "a", "a"};
  vocabulary.unknown = 0;
  ExpectError(ExitCode::kBadData, "run.h5: the vocabulary \"words\" has \"a\" twice",
              [&] { TokenIds(vocabulary, "run.h5"); });
  vocabulary.names = {"a"};
  for (const int unknown : {-1, 1}) {
    vocabulary.unknown = unknown;
    ExpectError(ExitCode::kBadData, "has no id for unknown tokens",
                [&] { TokenIds(vocabulary, "run.h5"); });
  }
}

TEST(Vocabulary, AllWrongOptionsAreToldTogether) {
  for (const char* part :
       {"--min-count is 0, allowed: 1 or more", "--max-vocabulary is 1, allowed: 2.."}) {
    ExpectError(ExitCode::kUsage, part,
                [] { CheckVocabularyOptions({.min_count = 0, .max_size = 1}); });
  }
}

}  // namespace
}  // namespace lockstep
