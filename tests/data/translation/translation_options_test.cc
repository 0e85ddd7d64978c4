#include "data/translation/translation_options.h"

#include "tests/support/expect_error.h"

namespace lockstep {
namespace {

TranslationOptions GoodOptions() {
  TranslationOptions options;
  AddParallelFiles(DataSplit::kTrain, {"a", "b"}, &options);
  options.out = "corpus";
  return options;
}

void ExpectRefused(const TranslationOptions& options, const std::string& text) {
  ExpectError(ExitCode::kUsage, text, [&] { CheckTranslationOptions(options); });
}

TEST(TranslationOptions, GoodOnesPass) { CheckTranslationOptions(GoodOptions()); }

TEST(TranslationOptions, OneFileIsATableAndManyArePairs) {
  TranslationOptions options;
  AddParallelFiles(DataSplit::kTrain, {"table"}, &options);
  AddParallelFiles(DataSplit::kTest, {"a", "b", "c", "d"}, &options);
  ASSERT_EQ(options.files.size(), 3u);
  EXPECT_TRUE(options.files[0].is_table());
  EXPECT_EQ(options.files[2].source + options.files[2].target, "cd");
  ExpectError(ExitCode::kUsage, "--valid has 3 files", [&] {
    AddParallelFiles(DataSplit::kValid, {"a", "b", "c"}, &options);
  });
}

TEST(TranslationOptions, AllViolationsAreToldTogether) {
  TranslationOptions options;
  options.source_column = 2;
  options.max_tokens = -1;
  options.vocabulary.min_count = 0;
  for (const char* const text : {"no file is given", "--columns is 2,2", "--max-tokens is -1",
                                 "--min-count is 0", "--out is missing"})
    ExpectRefused(options, text);
}

TEST(TranslationOptions, ASplitHasItsOwnFilesOrIsDrawn) {
  TranslationOptions options = GoodOptions();
  AddParallelFiles(DataSplit::kValid, {"c", "d"}, &options);
  AddParallelFiles(DataSplit::kTest, {"e", "f"}, &options);
  CheckTranslationOptions(options);
  options.draw.valid_fraction = 0.1;
  ExpectRefused(options, "--valid and --valid-fraction both make the validation split");
  options.draw = {.folds = 5, .fold = 1};
  ExpectRefused(options, "--test and --test-fraction or --fold both make the test split");
}

TEST(TranslationOptions, SyntheticPairsNeedNoFiles) {
  TranslationOptions options;
  options.out = "corpus";
  options.synthetic = 10;
  CheckTranslationOptions(options);
  options.synthetic = 9;
  ExpectRefused(options, "--synthetic is 9, allowed: 10 or more");
  options = GoodOptions();
  options.synthetic = 100;
  ExpectRefused(options, "--synthetic makes its own pairs");
}

TEST(TranslationOptions, AFileIsNotItsOwnTranslation) {
  TranslationOptions options = GoodOptions();
  options.files[0].target = "a";
  ExpectRefused(options, "a is given as source and as target");
}

TEST(TranslationOptions, ASharedVocabularyNeedsEqualTokens) {
  TranslationOptions options = GoodOptions();
  options.shared = true;
  CheckTranslationOptions(options);
  ParseTokenChoice("characters", &options.target);
  ExpectRefused(options, "--shared makes one vocabulary");
}

TEST(TranslationOptions, NumbersOfPiecesHaveBounds) {
  TranslationOptions options = GoodOptions();
  ParseTokenChoice("sentencepiece:7", &options.source);
  ExpectRefused(options, "tokens of the source are sentencepiece:7, allowed: 8..");
  ExpectError(ExitCode::kUsage, "allowed: words, characters",
              [&] { ParseTokenChoice("bytes", &options.source); });
}

TEST(TranslationOptions, OnlyParallelTextCanBeTakenOver) {
  CorpusInfo corpus;
  corpus.kind = "text";
  TranslationOptions options;
  ExpectError(ExitCode::kUsage, "--like x is of kind \"text\"",
              [&] { TakeOver(corpus, "x", &options); });
}

}  // namespace
}  // namespace lockstep
