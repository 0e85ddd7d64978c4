#include "launch/run/label_set_report.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <map>
#include <nlohmann/json.hpp>

#include "data/music/music_corpus.h"
#include "data/music/roll_files.h"
#include "tests/support/temp_folder.h"

namespace lockstep {
namespace {

CorpusInfo Prepare(const TempFolder& folder, const std::string& rolls) {
  MusicCorpusOptions options;
  options.out = folder / "corpus";
  options.rolls = {rolls};
  return PrepareMusic(options).info;
}

// Four steps: note 21 sounds in three of them, note 22 in one. The test has one step with both.
TEST(LabelSetReport, FrequenciesGiveALossByHand) {
  const TempFolder folder;
  Spill(folder / "a.json", R"({"train": [[[21], [21, 22]], [[21], []]], "test": [[[21, 22]]]})");
  const CorpusInfo info = Prepare(folder, folder / "a.json");
  const double never = -86 * std::log(1 - 0.5 / 5);
  EXPECT_NEAR(FrequencyLoss(info, "test"), -std::log(3.5 / 5) - std::log(1.5 / 5) + never, 1e-12);
  EXPECT_NEAR(
      FrequencyLoss(info, "train"),
      (-3 * std::log(3.5 / 5) - std::log(1.5 / 5) - std::log(1.5 / 5) - 3 * std::log(3.5 / 5)) / 4 +
          never,
      1e-12);
}

// The same music as JSON, without the first step of each piece.
std::string WithoutFirstSteps(const std::string& path) {
  std::map<DataSplit, std::string> pieces;
  ReadRollFile(path, [&](DataSplit split, const PianoRoll& roll) {
    std::string steps;
    for (auto step = roll.steps.begin() + 1; step != roll.steps.end(); ++step) {
      std::string notes;
      for (std::size_t key = 0; key < kKeys; ++key) {
        if ((*step)[key])
          notes += (notes.empty() ? "" : ",") + std::to_string(static_cast<int>(key) + kLowestNote);
      }
      steps += (steps.empty() ? "[" : ",[") + notes + "]";
    }
    pieces[split] += (pieces[split].empty() ? "[" : ",[") + steps + "]";
  });
  std::string json;
  for (const auto& [split, text] : pieces)
    json += fmt::format("{}\"{}\":[{}]", json.empty() ? "{" : ",", DataSplitName(split), text);
  return json + "}";
}

// The chorales and tunes of Boulanger-Lewandowski et al. 2012. Counting the keys in Python
// gives 11.06 and 10.25 nats, and without the first step of each piece 11.09 and 10.26.
TEST(LabelSetReport, FrequenciesGiveTheKnownFiguresOfTheChorales) {
  const char* const data = std::getenv("LOCKSTEP_MUSIC_DATA");
  if (data == nullptr) GTEST_SKIP() << "LOCKSTEP_MUSIC_DATA does not name a folder with jsb.json";
  struct Known {
    const char* file;
    double loss, without_first;
  };
  for (const auto& [file, loss, without_first] : {Known{"JSB_Chorales.mat", 11.060, 11.091},
                                                  {"jsb.json", 11.060, 11.091},
                                                  {"Nottingham.mat", 10.252, 10.261},
                                                  {"nottingham.json", 10.252, 10.261}}) {
    const TempFolder folder, other;
    const std::string path = std::string(data) + "/" + file;
    EXPECT_NEAR(FrequencyLoss(Prepare(folder, path), "test"), loss, 0.0005) << file;
    Spill(other / "cut.json", WithoutFirstSteps(path));
    EXPECT_NEAR(FrequencyLoss(Prepare(other, other / "cut.json"), "test"), without_first, 0.0005)
        << file;
  }
}

TEST(LabelSetReport, LabelsThatNeitherOccurNorAreFoundAreLeftOut) {
  ClassTally tally(3);
  tally.AddLabel(1, true, true);
  tally.AddLabel(2, false, false);
  const auto json = LabelSetReport({"a", "b", "c"}).ToJson(tally);
  ASSERT_EQ(json["labels_by_name"].size(), 1U);
  EXPECT_EQ(json["labels_by_name"][0]["name"], "b");
  EXPECT_EQ(json["labels_by_name"][0]["f1"], 1);
}

}  // namespace
}  // namespace lockstep
