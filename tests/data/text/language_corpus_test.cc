#include "data/text/language_corpus.h"

#include "data/corpus/shard_reader.h"
#include "data/text/language_plan.h"
#include "tests/support/expect_error.h"
#include "tests/support/temp_folder.h"

namespace lockstep {
namespace {

using Names = std::vector<std::string>;

class LanguageCorpusTest : public testing::Test {
 protected:
  LanguageOptions Options(const std::string& train, const std::string& tokens = "words",
                          const std::string& test = "") {
    LanguageOptions options;
    options.files[0] = {Write("train.txt", train)};
    if (!test.empty()) options.files[2] = {Write("test.txt", test)};
    ParseSymbols(tokens, &options);
    options.vocabulary.min_count = 1;
    options.out = folder_ / ("corpus" + std::to_string(corpora_++));
    return options;
  }
  std::string Write(const std::string& name, const std::string& text) {
    Spill(folder_ / name, text);
    return folder_ / name;
  }
  // The names of the symbols of a split, one after another.
  static Names SymbolsOf(const LanguageOptions& options, const std::string& split) {
    const CorpusInfo info = ReadCorpusInfo(options.out);
    Names names;
    for (const ShardInfo& shard : info.Split(split).shards) {
      ShardReader reader(options.out, info, shard);
      for (Index record = 0; record < reader.sequences(); ++record) {
        const auto bytes = reader.Read(0, record);
        const bool wide = info.leading().type == ElementType::kInt32;
        for (std::size_t i = 0; i < bytes.size(); i += wide ? 4 : 1) {
          std::int32_t id = std::to_integer<std::int32_t>(bytes[i]);
          if (wide) std::memcpy(&id, &bytes[i], sizeof id);
          names.push_back(info.symbols()[static_cast<std::size_t>(id)]);
        }
      }
    }
    return names;
  }

  TempFolder folder_;
  int corpora_ = 0;
};

TEST_F(LanguageCorpusTest, WordsWithASymbolAtEachEndOfALine) {
  const LanguageOptions options = Options("the cat  sat\n\n<unk> sat", "words", "a cat\n");
  const LanguageSummary summary = PrepareLanguage(options);
  EXPECT_EQ(SymbolsOf(options, "train"),
            (Names{"the", "cat", "sat", "<eos>", "<eos>", "<unk>", "sat", "<eos>"}));
  EXPECT_EQ(SymbolsOf(options, "test"), (Names{"<unk>", "cat", "<eos>"}));
  EXPECT_EQ(summary.info.symbols(), (Names{"<unk>", "<eos>", "sat", "cat", "the"}));
  const Vocabulary& vocabulary = summary.info.schema.vocabularies[0];
  EXPECT_EQ(vocabulary.start, 1);
  EXPECT_EQ(vocabulary.unknown, 0);
  EXPECT_EQ(summary.splits[0].words, 5);
  EXPECT_EQ(summary.splits[0].lines, 3);
  EXPECT_EQ(summary.splits[0].unknown, 1);
  EXPECT_EQ(summary.splits[2].unknown, 1);
  EXPECT_EQ(summary.splits[0].bytes, 23);
}

TEST_F(LanguageCorpusTest, LineEndsMayBeLeftOut) {
  LanguageOptions options = Options("a b\nc\n");
  options.symbols.line_end = LineEnd::kNothing;
  PrepareLanguage(options);
  EXPECT_EQ(SymbolsOf(options, "train"), (Names{"a", "b", "c"}));
}

TEST_F(LanguageCorpusTest, CharactersKeepWhiteSpaceAndLineFeeds) {
  const LanguageOptions options = Options("a\xC3\xA9  b\n\nc", "characters");
  const LanguageSummary summary = PrepareLanguage(options);
  EXPECT_EQ(SymbolsOf(options, "train"), (Names{"a", "\xC3\xA9", " ", " ", "b", "\n", "\n", "c"}));
  const Vocabulary& vocabulary = summary.info.schema.vocabularies[0];
  EXPECT_EQ(vocabulary.names[static_cast<std::size_t>(vocabulary.start)], "\n");
  EXPECT_EQ(summary.splits[0].characters, 8);
  EXPECT_EQ(summary.splits[0].bytes, 9);
  EXPECT_EQ(summary.info.schema.unit, "characters");
}

TEST_F(LanguageCorpusTest, BytesAreTheirOwnIds) {
  std::string all;
  for (int byte = 0; byte < 256; ++byte) all += static_cast<char>(byte);
  const LanguageOptions options = Options(all, "bytes");
  const LanguageSummary summary = PrepareLanguage(options);
  EXPECT_EQ(summary.info.symbols().size(), 256u);
  EXPECT_EQ(summary.info.leading().type, ElementType::kUint8);
  const Names found = SymbolsOf(options, "train");
  ASSERT_EQ(found.size(), 256u);
  EXPECT_EQ(found[255], "<0xFF>");
  EXPECT_EQ(summary.info.Split("train").label_counts, std::vector<Index>(256, 1));
  EXPECT_EQ(summary.info.schema.vocabularies[0].start, '\n');
}

TEST_F(LanguageCorpusTest, BlocksTogetherAreTheText) {
  std::string text;
  for (int i = 0; i < 500; ++i) text += std::to_string(i * 7 % 13) + (i % 11 == 0 ? "\n" : " ");
  LanguageOptions whole = Options(text), cut = Options(text);
  cut.block_symbols = 16;
  cut.shard_bytes = 200;
  PrepareLanguage(whole);
  PrepareLanguage(cut);
  EXPECT_EQ(SymbolsOf(cut, "train"), SymbolsOf(whole, "train"));
  EXPECT_GT(ReadCorpusInfo(cut.out).Split("train").shards.size(), 2u);
  EXPECT_EQ(ReadCorpusInfo(cut.out).Split("train").longest, 16);
}

TEST_F(LanguageCorpusTest, SeveralFilesAreOneText) {
  LanguageOptions options = Options("a b\n");
  options.files[0].push_back(Write("more.txt", "b c"));
  PrepareLanguage(options);
  EXPECT_EQ(SymbolsOf(options, "train"), (Names{"a", "b", "<eos>", "b", "c", "<eos>"}));
}

TEST_F(LanguageCorpusTest, AVocabularyFromElsewhereDecidesTheIds) {
  LanguageOptions options = Options("a b c\n");
  options.vocabulary_file = Write("words.txt", "b\n<unk>\na\n");
  const LanguageSummary summary = PrepareLanguage(options);
  EXPECT_EQ(summary.info.symbols(), (Names{"b", "<unk>", "a", "<eos>"}));
  EXPECT_EQ(SymbolsOf(options, "train"), (Names{"a", "b", "<unk>", "<eos>"}));
  LanguageOptions twice = Options("a b c\n");
  twice.vocabulary_file = Write("words.txt", "b\na\nb\n");
  ExpectError(ExitCode::kBadData, "words.txt:3: the token \"b\" is there twice",
              [&] { PrepareLanguage(twice); });
}

TEST_F(LanguageCorpusTest, TheSymbolsOfAnotherCorpusAreTakenOver) {
  const LanguageOptions first = Options("a b c\n");
  PrepareLanguage(first);
  LanguageOptions second = Options("c d\n");
  TakeOver(ReadCorpusInfo(first.out), first.out, &second);
  PrepareLanguage(second);
  EXPECT_EQ(SymbolsOf(second, "train"), (Names{"c", "<unk>", "<eos>"}));
  EXPECT_EQ(ReadCorpusInfo(second.out).symbols(), ReadCorpusInfo(first.out).symbols());
  EXPECT_EQ(ReadCorpusInfo(second.out).task, ReadCorpusInfo(first.out).task);
}

TEST_F(LanguageCorpusTest, PiecesOfWordsSpellTheText) {
  std::string text;
  for (int i = 0; i < 60; ++i) text += "low lower lowest new newer newest\n";
  const LanguageOptions options = Options(text, "sentencepiece:14");
  PrepareLanguage(options);
  const CorpusInfo info = ReadCorpusInfo(options.out);
  const auto encoder = SymbolEncoder::FromTask(info.task, info.schema.vocabularies[0], "corpus");
  std::vector<std::int32_t> ids;
  encoder.Append({"newest low lower", true, true}, &ids);
  SymbolSpeller speller(encoder);
  std::string spelled;
  for (const std::int32_t id : ids) spelled += speller.Next(id);
  EXPECT_EQ(spelled, "newest low lower\n");
}

TEST_F(LanguageCorpusTest, TheSameFilesGiveTheSameCorpus) {
  const LanguageOptions a = Options("a b\nc\n"), b = Options("a b\nc\n");
  EXPECT_EQ(PrepareLanguage(a).info.hash, PrepareLanguage(b).info.hash);
}

TEST_F(LanguageCorpusTest, TextsWithoutATokenAreRefused) {
  ExpectError(ExitCode::kBadData, "the training text has no token",
              [&] { PrepareLanguage(Options("")); });
  LanguageOptions none = Options("a\n");
  none.files[1] = {Write("valid.txt", "")};
  ExpectError(ExitCode::kBadData, "valid.txt: the text of the split \"valid\" is empty",
              [&] { PrepareLanguage(none); });
  ExpectError(ExitCode::kBadData, "the text of the split \"train\" is empty",
              [&] { PrepareLanguage(Options("", "bytes")); });
}

TEST_F(LanguageCorpusTest, OptionsThatDoNotFitAreListedTogether) {
  LanguageOptions options = Options("a\n", "bytes");
  options.vocabulary_file = "x";
  options.symbols.split_punctuation = true;
  ExpectError(ExitCode::kUsage, "leave it out; --split-punctuation is for --tokens words only",
              [&] { PrepareLanguage(options); });
  ExpectError(ExitCode::kUsage, "--tokens is \"syllables\", allowed: words, characters, bytes",
              [&] { Options("a\n", "syllables"); });
}

}  // namespace
}  // namespace lockstep
