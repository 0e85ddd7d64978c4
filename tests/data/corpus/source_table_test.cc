#include "data/corpus/source_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "base/hash.h"
#include "base/json_text.h"
#include "data/corpus/corpus_writer.h"
#include "tests/data/small_corpus.h"
#include "tests/support/expect_error.h"
#include "tests/support/temp_folder.h"

namespace lockstep {
namespace {

using ::testing::ElementsAre;

// A corpus whose training split has 2 samples of a.fa, 1 of b.fa, and 1 of a.fa again.
CorpusInfo WriteThreeRuns(const std::string& folder) {
  CorpusInfo header = DnaHeader();
  header.sources = {"a.fa", "b.fa", "c.fa"};
  CorpusWriter writer(folder, header, {"train", "valid"});
  AddDnaSamples(writer, "train", {4, 5});
  writer.SetSource(1);
  AddDnaSamples(writer, "train", {6});
  writer.SetSource(0);
  AddDnaSamples(writer, "train", {7});
  writer.SetSource(2);
  AddDnaSamples(writer, "valid", {3, 3});
  return writer.Finish("{}");
}

// The corpus.json of a folder after a change, with the hash that fits.
std::string Changed(const std::string& folder, void (*change)(nlohmann::json*)) {
  nlohmann::json document = ParseJson(ReadCorpusText(folder));
  change(&document["sources"]);
  document.erase("hash");
  document["hash"] = Hash128Hex(JsonText(document));
  return JsonText(document);
}

TEST(SourceTable, SaysWhereEachSampleIsFrom) {
  const TempFolder folder;
  WriteThreeRuns(folder.path());
  const CorpusInfo read = ReadCorpusInfo(folder.path());
  EXPECT_THAT(SourcesOf(read), ElementsAre("a.fa", "b.fa", "c.fa"));
  const std::vector<SourceRun> runs = RunsOf(read.Split("train"));
  ASSERT_EQ(runs.size(), 3u);
  EXPECT_EQ(runs[0].sequences, 2);
  EXPECT_EQ(runs[1].source, 1);
  EXPECT_EQ(runs[2].steps, 7);
  const std::vector<SourceCounts> counts = CountSources(read, read.Split("train"));
  EXPECT_EQ(counts[0].sequences, 3);
  EXPECT_EQ(counts[0].steps, 16);
  EXPECT_EQ(counts[2].sequences, 0);
  EXPECT_EQ(CountSources(read, read.Split("valid"))[2].steps, 6);
}

TEST(SourceTable, IsLeftOutIfAllTrainingSamplesAreFromOneSource) {
  const TempFolder one, plain;
  CorpusInfo header = DnaHeader();
  header.sources = {"a.fa", "b.fa"};
  CorpusWriter writer(one.path(), header, {"train", "valid"});
  CorpusWriter without(plain.path(), DnaHeader(), {"train", "valid"});
  for (CorpusWriter* each : {&writer, &without}) AddDnaSamples(*each, "train", {4, 5});
  writer.SetSource(1);
  for (CorpusWriter* each : {&writer, &without}) AddDnaSamples(*each, "valid", {6});
  EXPECT_EQ(writer.Finish("{}").hash, without.Finish("{}").hash);
  const CorpusInfo read = ReadCorpusInfo(one.path());
  EXPECT_THAT(SourcesOf(read), ElementsAre("all"));
  EXPECT_EQ(CountSources(read, read.Split("train"))[0].sequences, 2);
}

TEST(SourceTable, NamesFilesWithoutTheirFoldersUnlessTheyAreEqual) {
  const std::vector<std::string> paths = {"x/a.fa", "y/b.fa", "z/b.fa", "data/train/", "c\xff.fa"};
  EXPECT_THAT(SourceNames(paths), ElementsAre("a.fa", "y/b.fa", "z/b.fa", "train", "c?.fa"));
  const std::vector<std::string> same = {"a.fa", "a.fa"};
  EXPECT_THAT(SourceNames(same), ElementsAre("a.fa", "a.fa (2)"));
}

TEST(UniqueNames, NumbersNamesThatAreTaken) {
  UniqueNames unique;
  for (const char* name : {"a", "a (2)", "b"}) EXPECT_EQ(unique.Take(name), name);
  EXPECT_EQ(unique.Take("a"), "a (3)");
  EXPECT_EQ(unique.Take("a (2)"), "a (2) (2)");
  EXPECT_EQ(unique.Take("a"), "a (4)");
}

TEST(UniqueNames, TakesTheTimeOfOneTurnForEachOfManyEqualNames) {
  UniqueNames unique;
  for (int i = 1; i < 20000; ++i) unique.Take("a");  // minutes if each began to count at 2
  EXPECT_EQ(unique.Take("a"), "a (20000)");
}

TEST(SourceTable, RefusesRunsThatDoNotFitTheSplit) {
  const TempFolder folder;
  WriteThreeRuns(folder.path());
  using Json = nlohmann::json;
  const auto expect = [&](const char* message, void (*change)(Json*)) {
    ExpectError(ExitCode::kBadData, message,
                [&] { CorpusFromJson(Changed(folder.path(), change), "corpus.json"); });
  };
  expect("/sources/runs/train/1/0 is 3, allowed are integers 0..2",
         [](Json* s) { (*s)["runs"]["train"][1][0] = 3; });
  expect("/sources/runs/train/0/1 is 0", [](Json* s) { (*s)["runs"]["train"][0][1] = 0; });
  expect("/sources/runs/train/2 has more sequences or steps than are left", [](Json* s) {
    (*s)["runs"]["train"][2][1] = Index{1} << 62, (*s)["runs"]["train"][2][2] = Index{1} << 62;
  });
  expect("/sources/runs/train leaves 1 sequences and 7 steps",
         [](Json* s) { (*s)["runs"]["train"].erase(2); });
  expect("/sources/runs has no \"valid\"", [](Json* s) { (*s)["runs"].erase("valid"); });
  expect("/sources/runs/train/0 is no list of source", [](Json* s) {
    (*s)["runs"]["train"][0] = Json::array({1, 2});
  });
  expect("/sources/names/1 is the name of two", [](Json* s) { (*s)["names"][1] = "a.fa"; });
  expect("/sources/names has no name", [](Json* s) { (*s)["names"] = Json::array(); });
}

}  // namespace
}  // namespace lockstep
