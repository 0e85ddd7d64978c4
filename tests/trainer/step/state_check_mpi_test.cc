// Bits that change in the memory of one rank are found, on any number of ranks, and the rank is
// named. Each test flips bits of its own memory.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "tests/trainer/small_training.h"
#include "worker/comm/together.h"

namespace lockstep {
namespace {

using testing::HasSubstr;

constexpr int kLowBit = 3, kHighBit = 22;  // of the fraction: the value stays finite

std::string Named(int rank) { return "rank " + std::to_string(rank) + " ("; }

class StateCheckTest : public testing::Test {
 protected:
  bool IsMe(int rank) const { return comm_.rank() == rank; }
  // Another rank that owns parameters.
  int Other(int rank) const { return (rank + 1) % comm_.size(); }

  // The message on rank 0 of the error that `work` must end with on every rank.
  template <typename Work>
  std::string ErrorOf(const Work& work) {
    try {
      work();
    } catch (const AgreedError& error) {
      EXPECT_EQ(error.code(), ExitCode::kPeerLost);
      EXPECT_EQ(error.speaks(), comm_.rank() == 0);
      return error.what();
    }
    ADD_FAILURE() << "nothing was found on rank " << comm_.rank();
    return "";
  }
  void ExpectNamed(const std::string& message, const std::vector<int>& ranks) {
    if (comm_.rank() != 0) return;
    for (int rank = 0; rank < comm_.size(); ++rank) {
      const bool named = std::count(ranks.begin(), ranks.end(), rank) > 0;
      EXPECT_EQ(message.find(Named(rank)) != std::string::npos, named) << message;
    }
  }

  const Communicator comm_ = Communicator::World();
};

TEST_F(StateCheckTest, UndisturbedStepsFindNothingAndHaveTheBitsOfUncheckedOnes) {
  for (double share : {0.0, 0.4}) {
    for (int threads : {1, 2}) {
      const TrafficOptions traffic{.overlap = true, .replicated_share = share};
      SmallTraining unchecked(comm_, 0, 1, {}, traffic);
      unchecked.Steps(30);
      for (Index period : {Index{1}, Index{7}, StateCheck::kLearnPeriod}) {
        SmallTraining training(comm_, period, threads, {}, traffic);
        training.Steps(15);
        training.CheckState();
        training.Steps(15);
        EXPECT_TRUE(std::equal(training.values().begin(), training.values().end(),
                               unchecked.values().begin()));
      }
    }
  }
}

TEST_F(StateCheckTest, AChangedCopyOfAParameterIsFoundInTheStepThatUsesIt) {
  for (int rank = 0; rank < comm_.size(); ++rank) {
    for (int owner = 0; owner < comm_.size(); ++owner) {
      if (comm_.size() == 1) continue;
      SmallTraining training(comm_, 1);
      training.Steps(3);
      if (IsMe(rank)) FlipBit(&training.values()[training.OwnedBy(owner) + 5], kLowBit);
      ExpectNamed(ErrorOf([&] { training.Step(); }), {rank});
    }
  }
}

TEST_F(StateCheckTest, AChangedParameterOfASingleRankIsFoundInTheNextStep) {
  if (comm_.size() > 1) return;
  SmallTraining training(comm_, 1);
  training.Steps(3);
  FlipBit(&training.values()[77], kLowBit);
  training.Step();
  ExpectNamed(ErrorOf([&] { training.Step(); }), {0});
}

TEST_F(StateCheckTest, AChangedMomentIsFoundInTheNextStepAndBeforeSaving) {
  for (int rank = 0; rank < comm_.size(); ++rank) {
    for (std::size_t moment : {0, 1}) {
      for (bool saving : {false, true}) {
        SmallTraining training(comm_, 1);
        training.Steps(3);
        Optimizer& optimizer = training.train_step().optimizer();
        if (IsMe(rank)) FlipBit(&optimizer.MomentOf(moment, 0)[9], kLowBit);
        if (!saving) training.Step();
        const std::string message = ErrorOf([&] {
          if (saving) training.CheckState();
          training.Step();
        });
        ExpectNamed(message, {rank});
        if (!IsMe(0)) continue;
        EXPECT_THAT(message, HasSubstr(moment == 0 ? "first_moment" : "second_moment"));
      }
    }
  }
}

TEST_F(StateCheckTest, EveryBitOfAValueCounts) {
  for (int bit = 0; bit < 32; ++bit) {
    SmallTraining training(comm_, 1);
    training.Steps(2);
    const int rank = bit % comm_.size();
    const std::size_t last = training.values().size() - 1;
    if (IsMe(rank)) FlipBit(&training.values()[bit % 2 == 0 ? last : 0], bit);
    ExpectNamed(ErrorOf([&] { training.CheckState(); }), {rank});
  }
}

// A bit that always reads as one: set again after each step.
TEST_F(StateCheckTest, AStuckBitIsFoundWithinThePeriod) {
  constexpr Index kPeriod = 6;
  for (int rank = 0; rank < comm_.size(); ++rank) {
    SmallTraining training(comm_, kPeriod);
    training.Steps(4);
    Index steps = 0;
    const std::string message = ErrorOf([&] {
      for (; steps < 2 * kPeriod; ++steps) {
        float* const value = &training.values()[training.OwnedBy(Other(rank)) + 2000];
        const std::uint32_t bits = std::bit_cast<std::uint32_t>(*value);
        if (IsMe(rank)) *value = std::bit_cast<float>(bits ^ (1U << kHighBit));
        training.Step();
        training.train_step().FinishValues();
      }
    });
    EXPECT_LE(steps, kPeriod + 1);
    ExpectNamed(message, {rank});
  }
}

TEST_F(StateCheckTest, ParametersThatDifferAreNotSaved) {
  if (comm_.size() == 1) return;
  for (int rank = 0; rank < comm_.size(); ++rank) {
    SmallTraining training(comm_, 50);  // so few blocks are looked at in a step
    training.Steps(3);
    if (IsMe(rank)) FlipBit(&training.values()[training.OwnedBy(Other(rank)) + 2100], kLowBit);
    // Two cannot know who is right.
    ExpectNamed(ErrorOf([&] { training.CheckState(); }),
                comm_.size() == 2 ? std::vector<int>{0, 1} : std::vector<int>{rank});
  }
}

TEST_F(StateCheckTest, ACopyThatBecameNoNumberIsFoundInTheStepThatItSpoils) {
  if (comm_.size() < 3) return;
  SmallTraining training(comm_, 50);
  training.Steps(3);
  const int rank = comm_.size() - 1;
  const float nan = std::numeric_limits<float>::quiet_NaN();
  if (IsMe(rank)) training.values()[training.OwnedBy(0) + 2300] = nan;
  ExpectNamed(ErrorOf([&] { training.Step(); }), {rank});
}

TEST_F(StateCheckTest, AnUpdateToInfinityIsToldInTheNextStep) {
  const OptimizerOptions sgd{.kind = OptimizerKind::kSgd};
  SmallTraining training(comm_, 1, 1, sgd);
  training.Step(1e45);
  training.CheckState();  // equal on all ranks
  const StepResult result = training.Step();
  EXPECT_TRUE(result.skipped);
  EXPECT_THAT(result.not_finite, HasSubstr("values of "));
}

TEST_F(StateCheckTest, APeriodIsLearnedThatAllRanksShare) {
  SmallTraining training(comm_, StateCheck::kLearnPeriod);
  training.Steps(20);
  const Index period = training.train_step().check_period();
  EXPECT_GE(period, 1);
  EXPECT_LE(period, StateCheck::kMostPeriod);
  EXPECT_EQ(comm_.Min(period), comm_.Max(period));
}

}  // namespace
}  // namespace lockstep
