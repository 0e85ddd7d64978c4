// Work per slot on a corpus of speech. The lengths are those of CMU AN4 (948 training utterances,
// 100 frames a second): the real ones where the corpus is at hand, and everywhere a list drawn from
// their 21 quantiles (mean 268, standard deviation 121; AN4 itself: 268 and 119).
#include <gtest/gtest.h>
#include <stdio.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <memory>
#include <string>

#include "data/stream/batch_stream.h"
#include "tests/data/planned_split.h"
#include "tests/data/small_corpus.h"
#include "tests/support/temp_folder.h"

namespace lockstep {
namespace {

// Most steps of a slot / mean over the slots, which is what the others wait for.
constexpr double kMostImbalance = 1.05;

constexpr std::array<double, 21> kQuantiles = {69,  89,  109, 139, 159, 179, 199,
                                               219, 229, 239, 249, 269, 289, 299,
                                               319, 339, 369, 399, 429, 479, 639};

std::vector<Index> SpeechLengths(Index count) {
  std::vector<Index> lengths;
  for (Index i = 0; i < count; ++i) {
    const double place = (static_cast<double>(i) + 0.5) / static_cast<double>(count) * 20;
    const std::size_t below = static_cast<std::size_t>(place);
    const double part = place - static_cast<double>(below);
    const double length = kQuantiles[below] * (1 - part) + kQuantiles[below + 1] * part;
    lengths.push_back(static_cast<Index>(length + 0.5));
  }
  return lengths;
}

// Frames of each utterance: a .mfc file is a 4-byte count and 13 floats a frame.
std::vector<Index> An4Lengths(const std::string& archive) {
  constexpr Index kFrameBytes = 13 * 4;
  const std::string command = "tar --list --verbose --xz --file '" + archive + "'";
  const std::unique_ptr<FILE, int (*)(FILE*)> listing(popen(command.c_str(), "r"), pclose);
  std::vector<Index> lengths;
  std::array<char, 512> line;
  while (fgets(line.data(), line.size(), listing.get()) != nullptr) {
    long bytes = 0;
    char name[256];
    if (sscanf(line.data(), "%*s %*s %ld %*s %*s %255s", &bytes, name) != 2) continue;
    const std::string path = name;
    if (!path.ends_with(".mfc") || path.find("/an4_clstk/") == std::string::npos) continue;
    lengths.push_back((bytes - 4) / kFrameBytes);
  }
  return lengths;
}

double Imbalance(const PlannedBatch& batch) {
  Index most = 0;
  for (const std::vector<SampleRef>& slot : batch.slots) {
    Index steps = 0;
    for (const SampleRef& sample : slot) steps += sample.length;
    most = std::max(most, steps);
  }
  return static_cast<double>(most * static_cast<Index>(batch.slots.size())) /
         static_cast<double>(batch.steps);
}

struct Division {
  Index batch, slots;
};

void ExpectEqualWork(const std::vector<Index>& lengths) {
  for (const Division& division :
       {Division{64, 8}, Division{32, 4}, Division{64, 16}, Division{32, 8}, Division{128, 8}}) {
    PlannedSplit split({lengths});
    EpochPlan plan = split.Plan({1, division.batch, division.slots, 65536, true});
    double worst = 0;
    for (Index epoch = 0; epoch < 3; ++epoch) {
      for (Index step = 0; step < plan.StepsInEpoch(epoch); ++step) {
        worst = std::max(worst, Imbalance(plan.BatchAt({epoch, step})));
      }
    }
    EXPECT_LE(worst, kMostImbalance) << division.batch << " sequences, " << division.slots;
    std::printf("%ld sequences in %ld slots: at worst %.3f x the mean\n",
                static_cast<long>(division.batch), static_cast<long>(division.slots), worst);
  }
}

TEST(SlotBalance, IsWithinFivePercentOnLengthsOfSpeech) { ExpectEqualWork(SpeechLengths(948)); }

TEST(SlotBalance, IsWithinFivePercentWhateverIsLeftForTheLastBatch) {
  for (Index count : {947, 900, 845, 697}) ExpectEqualWork(SpeechLengths(count));
}

TEST(SlotBalance, IsWithinFivePercentOnAn4) {
  const std::string archive =
      std::string(LOCKSTEP_SOURCE_DIR) + "/../shared/data/speech/an4/an4-mfcc.tar.xz";
  if (!std::filesystem::exists(archive)) GTEST_SKIP() << "AN4 is not at " << archive << ".";
  const std::vector<Index> lengths = An4Lengths(archive);
  ASSERT_EQ(lengths.size(), 948u);
  ExpectEqualWork(lengths);
}

// Layers loop over the blocks of the packed layout and over nothing else.
TEST(SlotBalance, ComputesEachStepOfASequenceOnceAndNothingMore) {
  const TempFolder folder;
  const std::vector<Index> lengths = SpeechLengths(100);
  const CorpusInfo info = WriteDnaCorpus(folder.path(), lengths);
  StreamOptions options;
  options.plan = {1, 32, 4, 65536, true};
  options.last_epoch = 0;
  BatchStream stream(folder.path(), info, "train", options, {0, 4}, {});
  Index computed = 0;
  while (const auto batch = stream.Next()) {
    for (const SlotBatch& slot : batch->slots) {
      for (Index t = 0; t < slot.layout.steps(); ++t) computed += slot.layout.active(t);
    }
  }
  EXPECT_EQ(computed, std::accumulate(lengths.begin(), lengths.end(), Index{0}));
}

}  // namespace
}  // namespace lockstep
