#include "data/text/text_corpus.h"

#include <cstring>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "base/json_text.h"
#include "data/corpus/shard_reader.h"
#include "tests/support/expect_error.h"
#include "tests/support/temp_folder.h"

namespace lockstep {
namespace {

using testing::ElementsAre;

class TextCorpusTest : public testing::Test {
 protected:
  TextCorpusTest() { options_.out = folder_ / "corpus"; }

  void AddFile(DataSplit split, const std::string& name, const std::string& bytes) {
    Spill(folder_ / name, bytes);
    options_.files.push_back({split, {.path = folder_ / name}});
  }
  static std::vector<std::int32_t> Ids(std::span<const std::byte> bytes, ElementType type) {
    std::vector<std::int32_t> ids;
    if (type == ElementType::kUint8) {
      for (const std::byte b : bytes) ids.push_back(std::to_integer<std::int32_t>(b));
    } else {
      ids.resize(bytes.size() / sizeof(std::int32_t));
      std::memcpy(ids.data(), bytes.data(), bytes.size());
    }
    return ids;
  }
  // "name class: words" of each sample of a split, from the files that were written.
  std::vector<std::string> Samples(const std::string& split) {
    const CorpusInfo info = ReadCorpusInfo(options_.out);
    const auto& [inputs, targets] = std::tie(info.schema.fields[0], info.schema.fields[1]);
    std::vector<std::string> samples;
    for (const ShardInfo& shard : info.Split(split).shards) {
      ShardReader reader(options_.out, info, shard);
      for (Index r = 0; r < reader.sequences(); ++r) {
        const auto target = Ids(reader.Read(1, r), targets.type);
        EXPECT_EQ(target.size(), 1u);
        const auto& classes = info.schema.VocabularyOf(targets).names;
        std::string sample =
            reader.Name(r) + " " + classes[static_cast<std::size_t>(target[0])] + ":";
        for (const std::int32_t id : Ids(reader.Read(0, r), inputs.type)) {
          sample += " " + info.schema.VocabularyOf(inputs).names[static_cast<std::size_t>(id)];
        }
        samples.push_back(sample);
      }
    }
    return samples;
  }

  TempFolder folder_;
  TextCorpusOptions options_;
};

TEST_F(TextCorpusTest, SamplesAreTextsAndTheirClasses) {
  AddFile(DataSplit::kTrain, "train.tsv", "label\ttext\ngood\tfine fine film\nbad\ta film\n");
  AddFile(DataSplit::kTest, "test.tsv", "text\tlabel\nno film\tbad\n");
  PrepareLabelledText(options_);
  EXPECT_THAT(Samples("train"),
              ElementsAre("train.tsv:2 good: fine fine film", "train.tsv:3 bad: <unk> film"));
  EXPECT_THAT(Samples("test"), ElementsAre("test.tsv:2 bad: <unk> film"));
}

TEST_F(TextCorpusTest, TheSchemaIsThatOfClassification) {
  AddFile(DataSplit::kTrain, "train", "1 a a\n0 b b\n");
  const CorpusInfo info = PrepareLabelledText(options_).info;
  EXPECT_EQ(FindSchemaProblem(info.schema), std::nullopt);
  EXPECT_EQ(info.kind, "text");
  EXPECT_EQ(info.schema.unit, "tokens");
  EXPECT_EQ(info.schema.fields[1].alignment, Alignment::kSequence);
  EXPECT_EQ(info.schema.Target(), 1u);
  EXPECT_EQ(info.schema.vocabularies[0].name, "words");
  EXPECT_EQ(info.schema.vocabularies[0].unknown, 0);
  EXPECT_THAT(info.schema.vocabularies[1].names, ElementsAre("0", "1"));
  EXPECT_THAT(info.Split("train").label_counts, ElementsAre(1, 1));
  EXPECT_FALSE(info.splits.contains("test"));
}

TEST_F(TextCorpusTest, PredictMakesTheSameIdsFromTheCorpusAlone) {
  AddFile(DataSplit::kTrain, "train", "1 Fine, fine film!\n0 A film, a FILM!\n");
  options_.rules.lower_case = true;
  options_.tokens.split_punctuation = true;
  PrepareLabelledText(options_);
  const CorpusInfo info = ReadCorpusInfo(options_.out);
  const TextEncoder encoder =
      TextEncoder::FromTask(info.task, info.schema.vocabularies[0], "corpus.json");
  std::string words;
  for (const std::int32_t id : encoder.Encode("A film, fine?")) {
    words += info.schema.vocabularies[0].names[static_cast<std::size_t>(id)] + " ";
  }
  EXPECT_EQ(words, "a film , fine <unk> ");
}

TEST_F(TextCorpusTest, ManyWordsNeedWiderIds) {
  std::string text;
  for (int i = 0; i < 300; ++i) text += fmt::format("{} w{} w{}\n", i % 2, i, i);
  AddFile(DataSplit::kTrain, "train", text);
  const CorpusInfo info = PrepareLabelledText(options_).info;
  EXPECT_EQ(info.schema.fields[0].type, ElementType::kInt32);
  EXPECT_EQ(info.schema.fields[1].type, ElementType::kUint8);
  EXPECT_EQ(Samples("train")[299], "train:300 1: w299 w299");
}

TEST_F(TextCorpusTest, TheSameFilesGiveTheSameCorpusInAnyFolder) {
  AddFile(DataSplit::kTrain, "train", "1 a a\n0 b b\n1 c\n0 d\n");
  options_.vocabulary.min_count = 1;
  options_.draw.valid_fraction = 0.5;
  const std::string hash = PrepareLabelledText(options_).info.hash;
  TempFolder other;
  std::filesystem::copy(folder_ / "train", other / "train");
  options_.files[0].file.path = other / "train";
  options_.out = other / "corpus";
  EXPECT_EQ(PrepareLabelledText(options_).info.hash, hash);
}

TEST_F(TextCorpusTest, BadRowsLeaveNoCorpus) {
  AddFile(DataSplit::kTrain, "train", "1 a a\n0 \n0 b\n");
  ExpectError(ExitCode::kBadData, "train:2: the row has no text",
              [&] { PrepareLabelledText(options_); });
  EXPECT_FALSE(std::filesystem::exists(options_.out));
  options_.skip_empty = true;
  EXPECT_EQ(PrepareLabelledText(options_).texts.empty, 1);
  ExpectError(ExitCode::kCannotCreate, "corpus", [&] { PrepareLabelledText(options_); });
}

TEST_F(TextCorpusTest, ProvenanceNamesTheSources) {
  AddFile(DataSplit::kTrain, "train", "1 a a\n0 b b\n");
  const auto provenance = ParseJson(PrepareLabelledText(options_).info.provenance);
  EXPECT_EQ(provenance["sources"][0]["file"], "train");
  EXPECT_EQ(provenance["sources"][0]["read_as"], "label-first, a blank after the label");
  EXPECT_EQ(provenance["options"]["tokens"], "words");
}

}  // namespace
}  // namespace lockstep
