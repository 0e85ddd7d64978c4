#include "data/translation/translation_corpus.h"

#include <cstring>
#include <filesystem>

#include "data/corpus/shard_reader.h"
#include "data/translation/references.h"
#include "tests/support/expect_error.h"
#include "tests/support/temp_folder.h"

namespace lockstep {
namespace {

using testing::ElementsAre;

class TranslationCorpusTest : public testing::Test {
 protected:
  TranslationCorpusTest() {
    options_.out = folder_ / "corpus";
    options_.vocabulary.min_count = 1;
  }
  void AddPair(DataSplit split, const std::string& source, const std::string& target) {
    const std::string name = folder_ / DataSplitName(split);
    Spill(name + ".src", source);
    Spill(name + ".tgt", target);
    options_.files.push_back({split, name + ".src", name + ".tgt"});
  }
  static std::string Spell(std::span<const std::byte> bytes, const Vocabulary& words) {
    std::vector<std::int32_t> ids(bytes.size() / sizeof(std::int32_t));
    std::memcpy(ids.data(), bytes.data(), bytes.size());
    std::string text;
    for (const std::int32_t id : ids) text += words.names[static_cast<std::size_t>(id)] + " ";
    return text;
  }
  // "name: source = target" of each sample of a split, from the files that were written.
  std::vector<std::string> Samples(const std::string& split) {
    const CorpusInfo info = ReadCorpusInfo(options_.out);
    const auto words = [&](std::size_t f) {
      return info.schema.VocabularyOf(info.schema.fields[f]);
    };
    std::vector<std::string> samples;
    for (const ShardInfo& shard : info.Split(split).shards) {
      ShardReader reader(options_.out, info, shard);
      for (Index r = 0; r < reader.sequences(); ++r)
        samples.push_back(reader.Name(r) + ": " + Spell(reader.Read(0, r), words(0)) + "= " +
                          Spell(reader.Read(1, r), words(1)));
    }
    return samples;
  }

  TempFolder folder_;
  TranslationOptions options_;
};

TEST_F(TranslationCorpusTest, SamplesAreSourcesAndTargetsWithTheirEnds) {
  AddPair(DataSplit::kTrain, "a dog\na cat sits\n", "ein Hund bellt laut\neine Katze\n");
  AddPair(DataSplit::kTest, "a bird\n", "ein Vogel\n");
  PrepareTranslation(options_);
  EXPECT_THAT(Samples("train"), ElementsAre("train.src:1: a dog </s> = ein Hund bellt laut </s> ",
                                            "train.src:2: a cat sits </s> = eine Katze </s> "));
  EXPECT_THAT(Samples("test"), ElementsAre("test.src:1: a <unk> </s> = ein <unk> </s> "));
}

TEST_F(TranslationCorpusTest, TheSchemaIsThatOfTargetsWithStepsOfTheirOwn) {
  AddPair(DataSplit::kTrain, "a\n", "b\n");
  const Schema schema = PrepareTranslation(options_).info.schema;
  EXPECT_EQ(schema.fields[1].alignment, Alignment::kOwnSteps);
  EXPECT_EQ(schema.fields[1].vocabulary, 1);
  EXPECT_THAT(schema.vocabularies[1].names, ElementsAre("<unk>", "b", "</s>"));
  EXPECT_EQ(schema.vocabularies[1].start, 2);
  EXPECT_EQ(schema.vocabularies[1].end, 2);
  EXPECT_EQ(ReadCorpusInfo(options_.out).schema, schema);
}

TEST_F(TranslationCorpusTest, ASharedVocabularyHasTheTokensOfBothSides) {
  options_.shared = true;
  AddPair(DataSplit::kTrain, "a a a x\n", "b b x\n");
  const Schema schema = PrepareTranslation(options_).info.schema;
  ASSERT_EQ(schema.vocabularies.size(), 1u);
  EXPECT_THAT(schema.vocabularies[0].names, ElementsAre("<unk>", "a", "b", "x", "</s>"));
}

TEST_F(TranslationCorpusTest, PiecesAreTrainedForEachSideOrForBoth) {
  std::string source, target;
  for (int i = 0; i < 60; ++i) {
    source += "number " + std::to_string(i * 7919 % 1000) + "\n";
    target += "zahl " + std::to_string(i * 7919 % 1000) + "\n";
  }
  AddPair(DataSplit::kTrain, source, target);
  ParseTokenChoice("sentencepiece:24", &options_.source);
  options_.target = options_.source;
  EXPECT_EQ(PrepareTranslation(options_).info.schema.vocabularies[1].names.size(), 25u);
  options_.shared = true;
  options_.out = folder_ / "shared";
  EXPECT_EQ(PrepareTranslation(options_).info.schema.vocabularies.size(), 1u);
}

TEST_F(TranslationCorpusTest, ReferencesAreTheTargetsAsTheyWere) {
  options_.rules.lower_case = true;
  AddPair(DataSplit::kTrain, "a\nb\n", "Ein  Hund!\n\tE\u0301\n");
  const CorpusInfo info = PrepareTranslation(options_).info;
  EXPECT_THAT(ReadReferences(options_.out, info, "train"), ElementsAre("Ein  Hund!", "\tE\u0301"));
}

TEST_F(TranslationCorpusTest, LongTrainingPairsAreLeftOutAndCountedButNoOthers) {
  options_.max_tokens = 2;
  AddPair(DataSplit::kTrain, "a b\na\n", "c\nc d e\n");
  AddPair(DataSplit::kValid, "a b a\n", "c\n");
  const TranslationSummary summary = PrepareTranslation(options_);
  EXPECT_EQ(summary.too_long, 1);
  EXPECT_EQ(summary.splits[0].pairs, 1);
  EXPECT_EQ(summary.splits[1].source.longest, 3);
}

TEST_F(TranslationCorpusTest, PairsThatAreAllTooLongAreNoCorpus) {
  options_.max_tokens = 1;
  AddPair(DataSplit::kTrain, "a b\na\n", "c\nc d e\n");
  AddPair(DataSplit::kValid, "a\n", "c\n");
  ExpectError(ExitCode::kUsage, "--max-tokens 1 leaves none of the 2 training pairs",
              [&] { PrepareTranslation(options_); });
}

TEST_F(TranslationCorpusTest, TheSameFilesGiveTheSameCorpus) {
  AddPair(DataSplit::kTrain, "a b\nc\n", "d\ne f\n");
  PrepareTranslation(options_);
  const std::string first = Slurp(options_.out + "/corpus.json");
  options_.out = folder_ / "again";
  PrepareTranslation(options_);
  EXPECT_EQ(Slurp(options_.out + "/corpus.json"), first);
}

TEST_F(TranslationCorpusTest, ATextOfThousandsOfTokensIsASample) {
  std::string longest;
  for (int i = 0; i < 5000; ++i) longest += "word ";
  AddPair(DataSplit::kTrain, longest + "\na\n", "b\nc\n");
  EXPECT_EQ(PrepareTranslation(options_).splits[0].source.longest, 5000);
}

TEST_F(TranslationCorpusTest, LikeTakesOverTheTokensOfACorpus) {
  AddPair(DataSplit::kTrain, "a dog\n", "ein Hund\n");
  const CorpusInfo first = PrepareTranslation(options_).info;
  TranslationOptions more;
  more.out = folder_ / "more";
  TakeOver(first, options_.out, &more);
  Spill(folder_ / "new.tsv", "a cat\teine Katze\n");
  AddParallelFiles(DataSplit::kTest, {folder_ / "new.tsv"}, &more);
  const CorpusInfo second = PrepareTranslation(more).info;
  EXPECT_EQ(second.schema, first.schema);
  EXPECT_EQ(second.task, first.task);
  EXPECT_EQ(second.Split("test").sequences, 1);
}

TEST_F(TranslationCorpusTest, NothingIsMadeOfBadFiles) {
  AddPair(DataSplit::kTrain, "a\n\n", "b\nc\n");
  ExpectError(ExitCode::kBadData, "train.src:2", [&] { PrepareTranslation(options_); });
  EXPECT_FALSE(std::filesystem::exists(options_.out));
}

TEST_F(TranslationCorpusTest, RareTokensAloneMakeNoVocabulary) {
  options_.vocabulary.min_count = 2;
  AddPair(DataSplit::kTrain, "a a\n", "b c\n");
  ExpectError(ExitCode::kUsage, "no token of the target of the training split occurs 2 times",
              [&] { PrepareTranslation(options_); });
}

}  // namespace
}  // namespace lockstep
