#include "data/tagging/tagging_corpus.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "base/json_text.h"
#include "data/corpus/shard_reader.h"
#include "data/tagging/surveyed_sentences.h"
#include "tests/support/expect_error.h"
#include "tests/support/temp_folder.h"

namespace lockstep {
namespace {

using Ids = std::vector<std::int32_t>;

constexpr const char* kTrain =
    "Ann\tB-PER\nLee\tI-PER\nis\tO\nin\tO\nParis\tB-LOC\n\nParis\tB-LOC\nis\tO\n";

class TaggingCorpus : public testing::Test {
 protected:
  TaggingOptions Options(const std::string& train = kTrain) {
    TaggingOptions options;
    Add(DataSplit::kTrain, "train.tsv", train, &options);
    options.vocabulary.min_count = 1;
    options.out = folder_ / "corpus";
    return options;
  }
  void Add(DataSplit split, const std::string& name, const std::string& text,
           TaggingOptions* options) const {
    Spill(folder_ / name, text);
    options->files.push_back({split, folder_ / name});
  }
  // The ids of a field of a sample; of characters, the lengths stand first.
  Ids Read(const CorpusInfo& info, const std::string& split, std::size_t field,
           Index sample) const {
    ShardReader reader(folder_ / "corpus", info, info.Split(split).shards[0]);
    const auto bytes = reader.Read(field, sample);
    Ids ids;
    if (info.schema.fields[field].type == ElementType::kUint8) {
      for (const std::byte byte : bytes) ids.push_back(std::to_integer<std::int32_t>(byte));
      return ids;
    }
    ids.resize(bytes.size() / sizeof(std::int32_t));
    std::memcpy(ids.data(), bytes.data(), bytes.size());
    return ids;
  }
  void ExpectBad(const std::string& train, const std::string& message) {
    ExpectError(ExitCode::kBadData, message, [&] { PrepareTagging(Options(train)); });
  }

  TempFolder folder_;
};

// Fifty sentences, each four times.
TEST_F(TaggingCorpus, EqualSentencesAreDrawnForOneSplitIfThatIsAskedFor) {
  std::string text;
  for (int i = 0; i < 200; ++i) text += fmt::format("sent\tO\nn{}\tB-X\n\n", i % 50);
  TaggingOptions options = Options(text);
  options.draw = {.valid_fraction = 0.2, .test_fraction = 0.2};
  EXPECT_EQ(PrepareTagging(options).known.Warnings("sentences").size(), 2U);
  std::filesystem::remove_all(options.out);
  options.equal_together = true;
  const TaggingSummary summary = PrepareTagging(options);
  EXPECT_EQ(summary.splits[0].sentences, 120);
  EXPECT_EQ(summary.splits[1].sentences, 40);
  EXPECT_TRUE(summary.known.Warnings("sentences").empty());
}

TEST_F(TaggingCorpus, SentencesOfTheTestThatAreInTrainingAreCounted) {
  TaggingOptions options = Options();
  Add(DataSplit::kTest, "test.tsv", "Paris\tB-LOC\nis\tO\n\nLee\tB-PER\n", &options);
  const auto warnings = PrepareTagging(options).known.Warnings("sentences");
  ASSERT_EQ(warnings.size(), 1U);
  EXPECT_EQ(warnings[0].find("1 of the 2 sentences of the split \"test\" (50.0 %) are also"), 0U);
}

TEST_F(TaggingCorpus, HoldsWordsCharactersShapesAndTags) {
  const CorpusInfo info = PrepareTagging(Options()).info;
  EXPECT_EQ(info.symbols(), (std::vector<std::string>{"<unk>", "Paris", "is", "Ann", "Lee", "in"}));
  EXPECT_EQ(info.classes(), (std::vector<std::string>{"O", "B-LOC", "I-LOC", "B-PER", "I-PER"}));
  EXPECT_EQ(Read(info, "train", 0, 0), (Ids{3, 4, 2, 5, 1}));
  EXPECT_EQ(Read(info, "train", 2, 0), (Ids{1, 1, 0, 0, 1}));
  EXPECT_EQ(Read(info, "train", 3, 0), (Ids{3, 4, 0, 0, 1}));
  const Ids characters = Read(info, "train", 1, 1);
  EXPECT_EQ((Ids{characters[0], characters[1]}), (Ids{5, 2})) << "Paris is";
  EXPECT_EQ(characters.size(), 9U);
  EXPECT_EQ(ParseJson(info.task)["once"], nlohmann::json({3, 6}));
}

TEST_F(TaggingCorpus, SchemesAreFoundOutAndConverted) {
  TaggingOptions options = Options();
  options.write_as = TagScheme::kIobes;
  const TaggingSummary summary = PrepareTagging(options);
  EXPECT_EQ(summary.survey.read_as, TagScheme::kBio);
  const auto& names = summary.info.classes();
  std::vector<std::string> tags;
  for (const std::int32_t id : Read(summary.info, "train", 3, 0))
    tags.push_back(names[static_cast<std::size_t>(id)]);
  EXPECT_EQ(tags, (std::vector<std::string>{"B-PER", "E-PER", "O", "O", "S-LOC"}));
  EXPECT_EQ(summary.splits[0].spans, (std::vector<Index>{2, 1}));
}

TEST_F(TaggingCorpus, ConversionKeepsTheSpans) {
  const std::vector<std::string> bio = {"B-A", "I-A", "B-A", "O", "B-B"};
  const std::vector<std::string> iobes = {"B-A", "E-A", "S-A", "O", "S-B"};
  EXPECT_EQ(ConvertTags(bio, TagScheme::kIobes), iobes);
  EXPECT_EQ(ConvertTags(iobes, TagScheme::kBio), bio);
  const std::vector<std::string> iob1 = {"I-A", "I-A", "B-A", "I-B"};
  EXPECT_EQ(ConvertTags(iob1, TagScheme::kBio),
            (std::vector<std::string>{"B-A", "I-A", "B-A", "B-B"}));
}

TEST_F(TaggingCorpus, TagsOfBilouAreThoseOfIobes) {
  const std::vector<std::string> bilou = {"B-A", "I-A", "L-A", "U-A", "O", "U-B"};
  const std::vector<std::string> iobes = {"B-A", "I-A", "E-A", "S-A", "O", "S-B"};
  EXPECT_EQ(ConvertTags(bilou, TagScheme::kIobes), iobes);
  const TaggingSummary summary = PrepareTagging(Options("a\tB-X\nb\tL-X\nc\tO\nd\tU-X\n"));
  EXPECT_EQ(summary.survey.read_as, TagScheme::kIobes);
  EXPECT_EQ(summary.info.classes(), (std::vector<std::string>{"O", "B-X", "I-X", "E-X", "S-X"}));
  EXPECT_EQ(Read(summary.info, "train", 3, 0), (Ids{1, 3, 0, 4}));
}

TEST_F(TaggingCorpus, TagsOfBilouStayWhereTheyArePlain) {
  TaggingOptions options = Options("a\tU-X\nb\tL-X\nc\tNN\n");
  options.read_as = TagScheme::kPlain;
  EXPECT_THAT(PrepareTagging(options).info.classes(),
              testing::UnorderedElementsAre("L-X", "NN", "U-X"));
}

TEST_F(TaggingCorpus, TagsWithoutSpansArePlain) {
  const CorpusInfo info = PrepareTagging(Options("a DT\ndog NN\nruns VBZ\n")).info;
  EXPECT_EQ(info.classes(), (std::vector<std::string>{"DT", "NN", "VBZ"}));
  EXPECT_TRUE(info.schema.VocabularyOf(info.target()).order.empty());
}

TEST_F(TaggingCorpus, BrokenSchemesAreNamedWithFileAndLine) {
  ExpectBad("a\tO\nb\tI-PER\n\nc\tB-PER\nd\tI-LOC\n", "train.tsv:2: I-PER after O");
  ExpectBad("a\tO\nb\tI-PER\n\nc\tB-PER\nd\tI-LOC\n", "train.tsv:5: I-LOC after B-PER");
  ExpectBad("a\tI-PER\n", "I-PER after the begin of the sentence");
  ExpectBad("a\tS-X\nb\tB-X\n", "train.tsv:2: the end of the sentence after B-X");
  ExpectBad("a\tB-X\nb\tU-X\n", "train.tsv:2: U-X after B-X");
}

TEST_F(TaggingCorpus, BrokenSchemesAreRepairedOnlyIfAsked) {
  TaggingOptions options = Options("a\tO\nb\tI-PER\nc\tB-PER\nd\tI-LOC\n");
  options.repair = true;
  const TaggingSummary summary = PrepareTagging(options);
  EXPECT_EQ(summary.survey.repaired, 2);
  EXPECT_THAT(summary.survey.first_repaired, testing::EndsWith("train.tsv:2: I-PER after O"));
  EXPECT_EQ(Read(summary.info, "train", 3, 0), (Ids{0, 3, 3, 1})) << "O B-PER B-PER B-LOC";
}

TEST_F(TaggingCorpus, MixedTagsAndUnknownTypesAreNamed) {
  ExpectBad("a\tB-X\nb\tNN\n", "train.tsv:1: \"B-X\" is a tag of a span, but");
  TaggingOptions options = Options();
  Add(DataSplit::kTest, "test.tsv", "a\tO\nb\tB-ORG\n", &options);
  ExpectError(ExitCode::kBadData, "test.tsv:2: the type \"ORG\" is in no training file",
              [&] { PrepareTagging(options); });
  ExpectBad("a\tO\nb\tO\n", "one tag alone");
}

TEST_F(TaggingCorpus, AllBadLinesAreToldTogetherAndNothingIsWritten) {
  ExpectBad("a\nb\tO\nc\tO\tO\n", "train.tsv:3");
  EXPECT_FALSE(std::filesystem::exists(folder_ / "corpus/corpus.json"));
}

TEST_F(TaggingCorpus, ASchemeThatIsNamedIsRequired) {
  TaggingOptions options = Options();
  options.read_as = TagScheme::kIobes;
  ExpectError(ExitCode::kBadData, "iobes", [&] { PrepareTagging(options); });
  options = Options("a\tB-X\nb\tE-X\n");
  options.read_as = TagScheme::kBio;
  ExpectError(ExitCode::kBadData, "E- or S-", [&] { PrepareTagging(options); });
}

TEST_F(TaggingCorpus, SeveralFilesMakeOneSplit) {
  TaggingOptions options = Options();
  Add(DataSplit::kTrain, "devel.tsv", "Bob\tB-PER\n", &options);
  const TaggingSummary summary = PrepareTagging(options);
  EXPECT_EQ(summary.splits[0].sentences, 3);
  EXPECT_EQ(summary.info.sources, (std::vector<std::string>{"train.tsv", "devel.tsv"}));
}

TEST_F(TaggingCorpus, DrawnSplitsTakeWholeDocuments) {
  std::string text;
  for (int document = 0; document < 10; ++document) {
    text += "-DOCSTART- O\n\n";
    for (int sentence = 0; sentence < 3; ++sentence)
      text += "w" + std::to_string(document) + " O\nAnn B-PER\n\n";
  }
  TaggingOptions options = Options(text);
  options.draw.valid_fraction = 0.2;
  options.draw.test_fraction = 0.3;
  const TaggingSummary summary = PrepareTagging(options);
  EXPECT_EQ(summary.splits[0].sentences, 15);
  EXPECT_EQ(summary.splits[1].sentences, 6);
  EXPECT_EQ(summary.splits[2].sentences, 9);
  for (const char* split : {"train", "valid", "test"}) {
    const SplitInfo& info = summary.info.Split(split);
    for (Index i = 0; i < info.sequences; i += 3) {
      for (Index k = 1; k < 3; ++k) {
        EXPECT_EQ(Read(summary.info, split, 1, i), Read(summary.info, split, 1, i + k));
      }
    }
  }
}

TEST_F(TaggingCorpus, AnotherCorpusCanBeMadeLikeIt) {
  const CorpusInfo first = PrepareTagging(Options()).info;
  TaggingOptions options;
  TakeOver(first, "corpus", &options);
  Add(DataSplit::kTest, "test.tsv", "Paris\tS-LOC\nParis\tO\n", &options);
  options.out = folder_ / "other";
  const CorpusInfo other = PrepareTagging(options).info;
  EXPECT_EQ(other.schema, first.schema);
  EXPECT_EQ(other.task, first.task);
  CorpusInfo classes;
  classes.schema = TwoFieldSchema({}, {}, {}, {});
  ExpectError(ExitCode::kUsage, "--task tag", [&] { TakeOver(classes, "x", &options); });
}

TEST_F(TaggingCorpus, OptionsThatDoNotGoTogetherAreRefusedTogether) {
  TaggingOptions options = Options();
  Add(DataSplit::kValid, "valid.tsv", kTrain, &options);
  options.draw.valid_fraction = 0.1;
  options.write_as = TagScheme::kBio;
  options.read_as = TagScheme::kPlain;
  ExpectError(ExitCode::kUsage, "--valid-fraction", [&] { CheckTaggingOptions(options); });
  ExpectError(ExitCode::kUsage, "leave --scheme out", [&] { CheckTaggingOptions(options); });
  ExpectError(ExitCode::kUsage, "no file", [&] { CheckTaggingOptions({}); });
}

}  // namespace
}  // namespace lockstep
