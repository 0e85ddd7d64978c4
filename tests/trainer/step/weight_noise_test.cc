// A step with noise on the weights takes the gradient of each slot at parameters with noise of
// their own, and moves the parameters without noise by it. Expected values are computed here, slot
// by slot, from the generator alone.
#include "worker/kernels/weight_noise.h"

#include <gtest/gtest.h>

#include "tests/trainer/small_training.h"

namespace lockstep {
namespace {

constexpr Index kSlots = 3, kStep = 7;
constexpr float kDeviation = 0.2f;
constexpr double kRate = 0.5;

class WeightNoiseStep : public testing::Test {
 protected:
  WeightNoiseStep() { InitialiseParameters<float>(model_.layout(), 1, values_.span()); }

  TrainStep Step(double deviation, int threads = 1) {
    const OptimizerOptions sgd{.kind = OptimizerKind::kSgd};
    const WorkerOptions worker{
        .slots = kSlots, .threads = threads, .bounds = bounds_, .weight_noise = deviation};
    return TrainStep(comm_, model_, worker, sgd, {.mode = ClipMode::kOff}, {});
  }
  StepResult Run(TrainStep* step) {
    const StepInputs inputs{.step = kStep, .update = 1, .learning_rate = kRate};
    const StepResult result = step->Run(batch_, inputs, values_.span());
    step->FinishValues();
    return result;
  }
  // Adds the gradient of a slot at its noisy parameters; returns its sums.
  StepSums SlotAtNoise(Index slot, AlignedBuffer<float>* gradient) {
    const DropoutKey key{1, kStep, slot};
    AlignedBuffer<float> noisy(values_.size());
    AddWeightNoise(DropoutRng(key, kNoisePlace), kDeviation, 0, values_.size(), values_.data(),
                   noisy.data());
    Workspace workspace(model_.WorkspaceBytes(bounds_));
    return model_.ForwardBackward(batch_.slots[static_cast<std::size_t>(slot)], key, noisy.data(),
                                  gradient->data(), &workspace);
  }

  const Communicator comm_ = Communicator::Single();
  const SlotBounds bounds_ = TwoFieldBounds(3, 12, 26);
  SmallEncoderModel<float> model_{SmallModel()};
  AlignedBuffer<float> values_{model_.layout().size()};
  RankBatch batch_ = SmallBatch({0, kSlots}, kStep);
};

TEST_F(WeightNoiseStep, MovesTheParametersByTheGradientAtNoisyOnes) {
  AlignedBuffer<float> gradient(values_.size());
  double loss = 0;
  Index targets = 0;
  for (Index slot = 0; slot < kSlots; ++slot) {
    const StepSums sums = SlotAtNoise(slot, &gradient);
    loss += sums.loss;
    targets += sums.targets;
  }
  const std::vector<float> before(values_.data(), values_.data() + values_.size());
  TrainStep step = Step(kDeviation);
  EXPECT_NEAR(Run(&step).sums.loss, loss, 1e-9 * loss);
  for (Index i = 0; i < values_.size(); ++i) {
    const double expected =
        before[static_cast<std::size_t>(i)] - kRate * gradient[i] / static_cast<double>(targets);
    ASSERT_NEAR(values_[i], expected, 1e-6) << i;  // rounding of float sums
  }
}

TEST_F(WeightNoiseStep, HasTheSameBitsOnAnyNumberOfThreads) {
  TrainStep alone = Step(kDeviation);
  Run(&alone);
  const std::vector<float> expected(values_.data(), values_.data() + values_.size());
  InitialiseParameters<float>(model_.layout(), 1, values_.span());
  TrainStep team = Step(kDeviation, 2);
  Run(&team);
  EXPECT_EQ(std::vector<float>(values_.data(), values_.data() + values_.size()), expected);
}

TEST_F(WeightNoiseStep, EvaluatesWithoutNoise) {
  std::vector<double> losses;
  for (const double deviation : {0.0, 0.2}) {
    TrainStep step = Step(deviation);
    step.worker().Evaluate(batch_, values_.data());
    losses.push_back(step.worker().ReduceSums().loss);
  }
  EXPECT_EQ(losses[0], losses[1]);
}

TEST_F(WeightNoiseStep, CountsTheCopiesOfItsThreads) {
  const Index bytes = values_.size() * static_cast<Index>(sizeof(float));
  EXPECT_EQ(Step(0.1, 2).worker().bytes(), Step(0, 2).worker().bytes() + 2 * bytes);
}

}  // namespace
}  // namespace lockstep
