#include "data/corpus/shard_format.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "base/hash.h"
#include "base/json_text.h"
#include "tests/data/small_corpus.h"
#include "tests/support/expect_error.h"
#include "tests/support/temp_folder.h"

namespace lockstep {
namespace {

using Json = nlohmann::json;
using testing::HasSubstr;

// A split of one shard, with a target for each step.
SplitInfo SplitOf(ShardInfo shard, Index first_sample_id, std::vector<Index> label_counts) {
  shard.fields = {{shard.steps, shard.longest}, {shard.steps, shard.longest}};
  SplitInfo split;
  split.sequences = shard.sequences;
  split.steps = shard.steps;
  split.longest = shard.longest;
  split.first_sample_id = first_sample_id;
  split.label_counts = std::move(label_counts);
  split.fields = shard.fields;
  split.shards = {std::move(shard)};
  return split;
}

CorpusInfo TwoSplits() {
  CorpusInfo info = DnaHeader();
  info.splits["train"] =
      SplitOf({.file = "train-00000.h5",
               .sequences = 2,
               .steps = 30,
               .longest = 20,
               .bytes = 999,
               .places = {.offsets = 1, .sample_ids = 2, .fields = {{5, 3, 0}, {6, 4, 0}}},
               .frame_hash = "ab"},
              0, {10, 10, 5});
  info.splits["test"] = SplitOf({.file = "test-00000.h5",
                                 .sequences = 1,
                                 .steps = 7,
                                 .longest = 7,
                                 .bytes = 99,
                                 .places = {.fields = {{}, {}}},
                                 .frame_hash = "cd"},
                                2, {7, 0, 0});
  info.provenance = R"({"source":"test"})";
  return info;
}

// The document after an edit, with a hash that fits: what only our own bug or malice can make.
std::string Forged(const std::function<void(Json&)>& edit) {
  Json document = ParseJson(CorpusToJson(TwoSplits()));
  edit(document);
  document.erase("hash");
  document["hash"] = Hash128Hex(JsonText(document));
  return JsonText(document);
}

void ExpectRefused(const std::string& text, const std::string& message) {
  ExpectError(ExitCode::kBadData, message, [&] { CorpusFromJson(text, "corpus.json"); });
}

TEST(CorpusJson, KeepsEverything) {
  const CorpusInfo info = CorpusFromJson(CorpusToJson(TwoSplits()), "corpus.json");
  EXPECT_EQ(info.kind, "dna");
  EXPECT_EQ(info.symbols(), DnaHeader().symbols());
  EXPECT_EQ(info.schema, DnaHeader().schema);
  EXPECT_EQ(info.window, 512);
  EXPECT_EQ(info.provenance, R"({"source":"test"})");
  const SplitInfo& train = info.Split("train");
  EXPECT_EQ(train.shards[0].file, "train-00000.h5");
  EXPECT_EQ(train.shards[0].frame_hash, "ab");
  EXPECT_EQ(train.shards[0].places.offsets, 1);
  EXPECT_EQ(train.shards[0].places.fields[1].values, 6);
  EXPECT_EQ(train.label_counts, (std::vector<Index>{10, 10, 5}));
  EXPECT_EQ(CorpusToJson(info), CorpusToJson(TwoSplits()));
  EXPECT_EQ(info.hash.size(), 32u);
}

TEST(CorpusJson, OfAnotherVersionIsNamedBeforeAnythingElse) {
  Json document = ParseJson(CorpusToJson(TwoSplits()));
  document["format_version"] = 5;
  ExpectRefused(
      JsonText(document),
      "corpus.json: format version 5, this program reads 1 to 4; prepare the corpus again, or "
      "use the program that made it");
}

TEST(CorpusJson, EditedByHandIsRefused) {
  std::string text = CorpusToJson(TwoSplits());
  text.replace(text.find("\"overlap\": 0"), 12, "\"overlap\": 1");
  ExpectRefused(text, "it was edited or damaged: restore it or prepare the corpus again");
}

TEST(CorpusJson, WithAnyCharacterChangedIsRefusedOrMeansTheSame) {
  const std::string text = CorpusToJson(TwoSplits());
  for (std::size_t at = 0; at < text.size(); ++at) {
    std::string damaged = text;
    damaged[at] = static_cast<char>(damaged[at] ^ 1);
    try {
      EXPECT_EQ(CorpusToJson(CorpusFromJson(damaged, "corpus.json")), text) << "at " << at;
    } catch (const InputError& error) {
      EXPECT_EQ(error.code(), ExitCode::kBadData) << error.what();
    }
  }
}

TEST(CorpusJson, CutShortIsRefused) {
  const std::string text = CorpusToJson(TwoSplits());
  for (std::size_t length = 0; length + 2 < text.size(); ++length) {
    ExpectRefused(text.substr(0, length), "corpus.json: is no JSON");
  }
  ExpectRefused("[]", "corpus.json: document has no \"format_version\"");
  ExpectRefused("{}", "corpus.json: document has no \"format_version\"");
}

TEST(CorpusJson, CountsThatDoNotAddUpAreRefused) {
  ExpectRefused(
      Forged([](Json& j) { j["splits"]["train"]["sequences"] = 3; }),
      "/splits/train claims 3 sequences, 30 steps, longest 20; its shards have 2, 30, 20");
  ExpectRefused(Forged([](Json& j) { j["splits"]["train"]["shards"][0]["steps"] = -1; }),
                "/splits/train/shards/0/steps is -1, allowed are integers 2..");
  ExpectRefused(Forged([](Json& j) { j["splits"]["train"]["steps"] = 1e300; }),
                "/splits/train/steps is 1e+300, allowed are integers");
  ExpectRefused(Forged([](Json& j) { j["window"] = ~0ull; }), "/window is 18446744073709551615");
  ExpectRefused(Forged([](Json& j) { j["splits"]["train"]["label_counts"] = {1}; }),
                "/splits/train/label_counts has 1 counts for 3 classes");
}

// A claim of steps that no file of this size holds would otherwise take memory for its batches.
TEST(CorpusJson, MoreStepsThanTheFileHoldsAreRefused) {
  ExpectRefused(Forged([](Json& j) {
                  constexpr Index kSteps = 1000000000000000;
                  Json& split = j["splits"]["train"];
                  for (Json* claim : {&split, &split["shards"][0]}) {
                    (*claim)["steps"] = kSteps;
                    (*claim)["longest"] = kSteps - 1;
                  }
                }),
                "/splits/train/shards/0 claims 1000000000000000 x 1 bytes of rows of \"inputs\" at "
                "offset 5, its file has 999 bytes; restore it or prepare the corpus again");
}

TEST(CorpusJson, TablesBehindTheEndOfTheFileAreRefused) {
  ExpectRefused(
      Forged([](Json& j) { j["splits"]["train"]["shards"][0]["places"]["sample_ids"] = 990; }),
      "claims 2 x 8 bytes of sample ids at offset 990, its file has 999 bytes");
  ExpectRefused(Forged([](Json& j) {
                  j["splits"]["train"]["shards"][0]["sequences"] = 1 << 30;
                  j["splits"]["train"]["shards"][0]["steps"] = 1 << 30;
                }),
                "claims 1073741825 x 8 bytes of step offsets");
}

TEST(CorpusJson, FilesOutsideTheFolderAreRefused) {
  for (const char* name : {"../train.h5", "/etc/passwd", "a/b.h5", "", ".hidden"}) {
    ExpectRefused(Forged([&](Json& j) { j["splits"]["train"]["shards"][0]["file"] = name; }),
                  "allowed are plain file names");
  }
}

TEST(CorpusJson, SharedSampleIdsAreRefused) {
  ExpectRefused(Forged([](Json& j) { j["splits"]["test"]["first_sample_id"] = 1; }),
                "/splits has splits that share sample ids");
}

TEST(CorpusJson, ComplementMustBeAPairing) {
  ExpectRefused(Forged([](Json& j) {
                  j["class_complement"] = {0, 2, 2};
                }),
                "vocabulary \"classes\" has the complement 2 for 1, but not the other way round");
  ExpectRefused(Forged([](Json& j) {
                  j["class_complement"] = {0, 3, 2};
                }),
                "vocabulary \"classes\" has the complement 3 for 1");
  ExpectRefused(Forged([](Json& j) { j["class_complement"] = {0}; }),
                "vocabulary \"classes\" has 1 complements for 3 names");
}

TEST(CorpusJson, KeepsAnOrderOfLabelsAndWritesNoneWhereAllIsAllowed) {
  CorpusInfo info = TwoSplits();
  EXPECT_EQ(CorpusToJson(info).find("followers"), std::string::npos);
  Vocabulary& classes = info.schema.vocabularies[1];
  classes.order = {{{0, 1, 2}, {0, 1}, {0, 2}}, {0}, {0}};
  const Json json = SchemaToJson(info.schema);
  EXPECT_EQ(json["vocabularies"][1]["followers"][1], Json({0, 1}));
  EXPECT_EQ(SchemaFromJson(json, "here"), info.schema);
  EXPECT_EQ(CorpusFromJson(CorpusToJson(info), "here").schema, info.schema);
}

TEST(CorpusJson, AnOrderMustBeTheSameOnBothStrands) {
  const auto problem = [](const LabelOrder& order) {
    Schema schema = DnaHeader().schema;
    schema.vocabularies[1].order = order;
    return FindSchemaProblem(schema).value_or("none");
  };
  EXPECT_EQ(problem({{{0, 1, 2}, {0, 1}, {0, 2}}, {0}, {0}}), "none");
  EXPECT_THAT(problem({{{0, 1, 2}, {1}, {0, 2}}, {}, {}}), HasSubstr("not both: 2 after 0, and"));
  EXPECT_THAT(problem({{}, {0, 1}, {0, 1}}), HasSubstr("begins with the id 1"));
  EXPECT_THAT(problem({{{0}, {1}}, {}, {}}), HasSubstr("followers of 2 ids for 3 names"));
  EXPECT_THAT(problem({{{0}, {1, 1}, {2}}, {}, {}}), HasSubstr("must be ascending"));
  EXPECT_THAT(problem({{}, {3}, {}}), HasSubstr("allowed are 0 to 2"));
}

TEST(CorpusJson, KeepsTheEndOfSequencesAndWritesNoneWhereThereIsNone) {
  Schema schema = DnaHeader().schema;
  EXPECT_FALSE(SchemaToJson(schema)["vocabularies"][1].contains("end"));
  schema.vocabularies[1].end = 2;
  const Json json = SchemaToJson(schema);
  EXPECT_EQ(json["vocabularies"][1]["end"], 2);
  EXPECT_EQ(SchemaFromJson(json, "here"), schema);
}

TEST(CorpusJson, TheEndOfSequencesMustBeAnIdOfTheVocabulary) {
  Schema schema = DnaHeader().schema;
  for (const int end : {-2, 3}) {
    schema.vocabularies[1].end = end;
    EXPECT_THAT(FindSchemaProblem(schema).value_or("none"),
                HasSubstr("for the end of a sequence; allowed are -1 to 2"));
  }
}

TEST(PlaceOf, FindsTheShardAndTheRecordInIt) {
  SplitInfo split;
  split.first_sample_id = 100;
  for (const Index sequences : {2, 0, 3}) {
    ShardInfo shard;
    shard.file = "shard-" + std::to_string(split.shards.size());
    shard.sequences = sequences;
    split.shards.push_back(shard);
    split.sequences += sequences;
  }
  EXPECT_EQ(PlaceOf(split, 100).file, "shard-0");
  EXPECT_EQ(PlaceOf(split, 101).record, 1);
  EXPECT_EQ(PlaceOf(split, 102).file, "shard-2");
  EXPECT_EQ(PlaceOf(split, 104).record, 2);
}

TEST(CorpusInfo, NamesItsSplitsWhenAskedForAnother) {
  ExpectError(ExitCode::kUsage, "corpus has no split \"dev\"; it has: test, train",
              [] { TwoSplits().Split("dev"); });
}

TEST(ReadCorpusInfo, SaysThatAFolderWithoutIndexIsIncomplete) {
  const TempFolder folder;
  ExpectError(ExitCode::kMissingInput, "it has no corpus.json, which is written last; run prepare",
              [&] { ReadCorpusInfo(folder.path()); });
}

}  // namespace
}  // namespace lockstep
