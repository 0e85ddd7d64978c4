// A run that an older program began, whose checkpoint does not know today's keys, goes on with
// their defaults and with nothing else.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/durable_file.h"
#include "base/phase_timer.h"
#include "data/stream/batch_stream.h"
#include "tests/data/small_corpus.h"
#include "tests/support/expect_error.h"
#include "tests/support/temp_folder.h"
#include "trainer/trainer.h"

namespace lockstep {
namespace {

using Keys = std::map<std::string, std::string>;

class Resume : public testing::Test {
 protected:
  void SetUp() override { MakeFolder(folder_ / "run/checkpoints"); }

  // Trains until `steps` with a configuration of these keys; gives the state that is left.
  TrainingState Train(Index steps, const Keys& config, const Keys& defaults = {}) {
    TrainerOptions options;
    options.steps = steps;
    options.model.encoder.hidden_size = 4;
    options.stream.plan.batch_sequences = 4;
    RunIdentity identity{folder_ / "corpus", folder_ / "run", config, {}, defaults, "test", "avx2"};
    const Communicator comm = Communicator::Single();
    Trainer trainer(comm, options, corpus_, identity);
    EXPECT_EQ(trainer.Run(), TrainOutcome::kDone);
    return trainer.state();
  }

  TempFolder folder_;
  CorpusInfo corpus_ = WriteDnaCorpus(folder_ / "corpus", MixedLengths(12, 20));
};

TEST_F(Resume, CountsDefaultsOfKeysThatTheRunDoesNotKnow) {
  Train(2, {{"model.layers", "1"}});
  const Keys today = {{"model.layers", "1"}, {"data.stride", "1"}};
  EXPECT_EQ(Train(5, today, {{"data.stride", "1"}}).step, 5);
  // From then on the run knows the key.
  EXPECT_EQ(Train(6, today).step, 6);
}

TEST_F(Resume, RefusesAnythingElseThanTheDefault) {
  Train(2, {{"model.layers", "1"}});
  ExpectError(ExitCode::kUsage, "data.stride is 1 in the run, 2 now", [&] {
    Train(5, {{"model.layers", "1"}, {"data.stride", "2"}}, {{"data.stride", "1"}});
  });
}

TEST_F(Resume, RefusesAKeyWithoutADefault) {
  Train(2, {});
  ExpectError(ExitCode::kUsage, "data.stride is not set in the run, 2 now", [&] {
    Train(5, {{"data.stride", "2"}});
  });
}

TEST_F(Resume, ComparesWeightsAsNumbers) {
  Train(2, {{"data.source_weights", "a=0.50,1.0=2"}, {"train.seed", "1"}});
  EXPECT_EQ(Train(3, {{"data.source_weights", "a=0.5, 1.0=2.00"}, {"train.seed", "1"}}).step, 3);
  for (const char* other :
       {"a=0.51,1.0=2", "b=0.5,1.0=2", "a=0.5", "a=0.5,1.00=2", "a=0.5,1.0=2,"}) {
    ExpectError(ExitCode::kUsage, "data.source_weights is", [&] {
      Train(4, {{"data.source_weights", other}, {"train.seed", "1"}});
    });
  }
}

// Arithmetic, not replay: the first batch of a late position comes as fast as that of a fresh
// start, in a small share of the time of one epoch, of which seven lie before.
TEST_F(Resume, StartsAtALatePositionAsFastAsAtTheBeginning) {
  constexpr Index kSamples = 100000, kShardBytes = 1 << 18;
  const CorpusInfo corpus =
      WriteDnaCorpus(folder_ / "large", MixedLengths(kSamples, 40), kShardBytes);
  StreamOptions options;
  options.plan.batch_sequences = 32;
  options.plan.window_sequences = 4096;
  const auto open = [&](Cursor start) {
    return BatchStream(folder_ / "large", corpus, "train", options, {0, options.plan.slots}, start);
  };
  const auto seconds_to_first = [&](Cursor start) {
    double least = 1e9;
    for (int i = 0; i < 5; ++i) {
      const double begin = Seconds();
      open(start).Next();
      least = std::min(least, Seconds() - begin);
    }
    return least;
  };
  BatchStream stream = open({});
  const Index steps = stream.StepsInEpoch(0);
  const double begin = Seconds();
  std::unique_ptr<RankBatch> batch;
  for (Index step = 0; step < steps; ++step) batch = stream.Next(std::move(batch));
  const double epoch = Seconds() - begin;
  const double fresh = seconds_to_first({}), late = seconds_to_first({7, steps - 1});
  RecordProperty("fresh_us", static_cast<int>(fresh * 1e6));
  RecordProperty("late_us", static_cast<int>(late * 1e6));
  RecordProperty("epoch_us", static_cast<int>(epoch * 1e6));
  EXPECT_LT(late, fresh + epoch / 5) << "an epoch takes " << epoch << " s";
}

}  // namespace
}  // namespace lockstep
