#include "data/text/text_options.h"

#include <nlohmann/json.hpp>

#include "tests/support/expect_error.h"

namespace lockstep {
namespace {

TextCorpusOptions GoodOptions() {
  TextCorpusOptions options;
  options.files = {{DataSplit::kTrain, {.path = "folder/train.tsv"}}};
  options.out = "corpus";
  return options;
}

void ExpectRefused(const TextCorpusOptions& options, const std::string& message) {
  ExpectError(ExitCode::kUsage, message, [&] { CheckTextOptions(options); });
}

TEST(TextOptions, DefaultsWithAFileAreGood) { CheckTextOptions(GoodOptions()); }

TEST(TextOptions, AllViolationsAreToldTogether) {
  TextCorpusOptions options;
  options.lines.format = "xls";
  options.vocabulary.min_count = 0;
  options.draw.valid_fraction = 2;
  options.classes = {"a", "a"};
  options.shard_bytes = 0;
  for (const char* part :
       {"give --train FILE", "--format is \"xls\"", "--min-count is 0", "--valid-fraction is 2",
        "--classes names \"a\" twice", "--out is missing", "--shard-bytes is 0"}) {
    ExpectRefused(options, part);
  }
}

TEST(TextOptions, EachSplitHasOneSource) {
  TextCorpusOptions options = GoodOptions();
  options.files.push_back({DataSplit::kValid, {.path = "valid.tsv"}});
  options.draw.valid_fraction = 0.1;
  ExpectRefused(options, "--valid and --valid-fraction both make the validation split");
  options = GoodOptions();
  options.files.push_back({DataSplit::kTest, {.path = "test.tsv"}});
  options.draw = {.folds = 10, .fold = 1};
  ExpectRefused(options, "--test and --test-fraction or --fold both make the test split");
}

TEST(TextOptions, TokensByName) {
  TextCorpusOptions options = GoodOptions();
  ParseTokens("characters", &options);
  EXPECT_EQ(options.tokens.kind, TokenKind::kCharacters);
  ParseTokens("sentencepiece:8000", &options);
  EXPECT_EQ(options.tokens.kind, TokenKind::kPieces);
  EXPECT_EQ(options.pieces, 8000);
  ParseTokens("my/en.model", &options);
  EXPECT_EQ(options.piece_model, "my/en.model");
  EXPECT_EQ(options.pieces, 0);
  ParseTokens("words", &options);
  EXPECT_EQ(options.tokens.kind, TokenKind::kWords);
  EXPECT_EQ(options.piece_model, "");
  for (const char* bad : {"", "word", "sentencepiece:", "sentencepiece:8k"}) {
    ExpectError(ExitCode::kUsage, "allowed: words, characters, sentencepiece:N",
                [&] { ParseTokens(bad, &options); });
  }
}

TEST(TextOptions, TokensThatDoNotGoTogetherAreRefused) {
  TextCorpusOptions options = GoodOptions();
  ParseTokens("sentencepiece:2", &options);
  ExpectRefused(options, "--tokens is sentencepiece:2, allowed: 8..1048576 pieces");
  options.pieces = 100;
  options.tokens.split_punctuation = true;
  ExpectRefused(options, "--split-punctuation is for --tokens words only");
  options.vocabulary_file = "words.txt";
  ExpectRefused(options, "a SentencePiece model has its own");
}

TEST(TextOptions, ClassFilesAreNamed) {
  const LabelledFile file = ParseClassFile("pos=data/rt=polarity.pos");
  EXPECT_EQ(file.label, "pos");
  EXPECT_EQ(file.path, "data/rt=polarity.pos");
  for (const char* bad : {"", "pos", "=file", "pos="}) {
    ExpectError(ExitCode::kUsage, "allowed: NAME=FILE", [&] { ParseClassFile(bad); });
  }
}

TEST(TextOptions, ProvenanceHasNoFolders) {
  TextCorpusOptions options = GoodOptions();
  options.vocabulary_file = "folder/words.txt";
  EXPECT_EQ(TextOptionsJson(options)["vocabulary"], "words.txt");
}

}  // namespace
}  // namespace lockstep
