#include "trainer/save/training_state.h"

#include <gtest/gtest.h>

#include "tests/support/expect_error.h"

namespace lockstep {
namespace {

TrainingState SomeState() {
  TrainingState state;
  state.step = 137;
  state.updates = 136;
  state.skipped = 1;
  state.cursor = {2, 5};
  state.plateau = {0.1, true, 1, 2};
  state.clip_history = {0.1, 1.0 / 3, 1e-300, 3.0000000000000004};
  state.has_best = true;
  state.best_loss = 0.12345678901234567;
  state.best_step = 100;
  state.validation_due = true;
  state.metrics_bytes = 4711;
  state.config = {{"model.cell", "gru"}};
  state.corpus_hash = "abc";
  state.isa = "avx2";
  return state;
}

TEST(TrainingState, ComesBackAsItWas) {
  const TrainingState state = SomeState();
  const TrainingState back = StateFromJson(StateToJson(state), "file");
  EXPECT_EQ(back.step, state.step);
  EXPECT_EQ(back.updates, state.updates);
  EXPECT_EQ(back.cursor, state.cursor);
  EXPECT_EQ(back.clip_history, state.clip_history);
  EXPECT_EQ(back.best_loss, state.best_loss);
  EXPECT_EQ(back.plateau.best_loss, state.plateau.best_loss);
  EXPECT_EQ(back.validation_due, state.validation_due);
  EXPECT_EQ(back.config, state.config);
  EXPECT_EQ(StateToJson(back), StateToJson(state));
}

// What people read in a checkpoint begins with how far the run came.
TEST(TrainingState, HasItsKeysInTheOrderInWhichTheyAreWritten) {
  const std::string text = StateToJson(SomeState());
  std::size_t last = 0;
  for (const char* key : {"step", "updates", "skipped", "epoch", "best_loss", "finished", "isa"}) {
    const std::size_t place = text.find('"' + std::string(key) + "\":");
    ASSERT_NE(place, std::string::npos) << key;
    EXPECT_GE(place, last) << key;
    last = place;
  }
}

TEST(TrainingState, KeepsWhenTheAverageBeginsAndWhatItWaitsFor) {
  TrainingState state = SomeState();
  EXPECT_EQ(StateToJson(state).find("average"), std::string::npos);
  state.average = {-1, {0.5, 0.25}};
  state.averaged_by = "ema";
  const TrainingState back = StateFromJson(StateToJson(state), "file");
  EXPECT_EQ(back.average.from, -1);
  EXPECT_EQ(back.average.figures, state.average.figures);
  EXPECT_EQ(back.averaged_by, "ema");
  ExpectError(ExitCode::kBadData, "the training state cannot be read", [&] {
    std::string text = StateToJson(state);
    text.replace(text.find("0.5"), 3, "\"a\"");
    StateFromJson(text, "file");
  });
}

TEST(TrainingState, OfAnOlderProgramHasNoValidationDue) {
  std::string text = StateToJson(TrainingState{});
  const std::string line = "\n \"validation_due\": false,";
  ASSERT_NE(text.find(line), std::string::npos);
  text.erase(text.find(line), line.size());
  EXPECT_FALSE(StateFromJson(text, "file").validation_due);
}

TEST(TrainingState, GarbageIsRefusedWithTheFileNamed) {
  ExpectError(ExitCode::kBadData, "step-1.h5: the training state cannot be read",
              [] { StateFromJson("{", "step-1.h5"); });
  ExpectError(ExitCode::kBadData, "step-1.h5: the training state cannot be read",
              [] { StateFromJson("{\"step\": \"one\"}", "step-1.h5"); });
}

// The JSON library would convert any of these to an integer, some with undefined behaviour.
TEST(TrainingState, CountersThatAreNoCountsAreRefused) {
  TrainingState state;
  state.average.from = 3;
  state.averaged_steps = {1};
  const std::string text = StateToJson(state);
  for (const char* const key :
       {"\"step\"", "\"epoch_part\"", "\"worse\"", "\"from\"", "\"metrics_bytes\""}) {
    for (const char* const value :
         {"-1e300", "1.5", "18446744073709551615", "-2", "null", "\"\xff\""}) {
      std::string forged = text;
      const std::size_t at = forged.find(':', forged.find(key)) + 1;
      forged.replace(at, forged.find_first_of(",\n", at) - at, value);
      ExpectError(ExitCode::kBadData, "file: the training state cannot be read",
                  [&] { StateFromJson(forged, "file"); });
    }
  }
}

// The names of checkpoints have room for twelve digits.
TEST(TrainingState, AStepThatNoCheckpointCanHaveIsRefused) {
  TrainingState state;
  state.step = 999'999'999'999;
  EXPECT_EQ(StateFromJson(StateToJson(state), "file").step, state.step);
  state.step += 1;
  ExpectError(ExitCode::kBadData, "file: the training state cannot be read",
              [&] { StateFromJson(StateToJson(state), "file"); });
}

}  // namespace
}  // namespace lockstep
