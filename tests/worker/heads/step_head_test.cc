// The head of one target per step with so many classes that its rows are computed in blocks.
#include "worker/heads/step_head.h"

#include <gtest/gtest.h>

#include "base/counter_rng.h"
#include "tests/support/gradient_check.h"
#include "tests/support/small_model.h"
#include "worker/losses/cross_entropy.h"

namespace lockstep {
namespace {

constexpr double kGradientTolerance =
    1e-7;  // what central differences of a smooth loss in double leave
constexpr std::uint64_t kSeed = 5;
// 11,000 classes have blocks of 384 rows, so these sequences have two of them, the last of which is
// not a multiple of the rows that any kernel takes at once.
constexpr Index kClasses = 11000;
const std::vector<Index> kLengths = {80, 80, 80, 80, 77};
constexpr Index kRows = 397;

template <typename S>
AlignedBuffer<S> Normal(Index count, std::uint64_t stream) {
  const CounterRng rng(kSeed, RandomPurpose::kTest, stream);
  AlignedBuffer<S> values(count);
  for (Index i = 0; i < count; ++i)
    values[i] = static_cast<S>(rng.Normal(static_cast<std::uint64_t>(i)));
  return values;
}

std::vector<std::int32_t> Targets() {
  const CounterRng rng(kSeed, RandomPurpose::kTest, 7);
  std::vector<std::int32_t> targets;
  for (Index row = 0; row < kRows; ++row) {
    const auto drawn = rng.Below(static_cast<std::uint64_t>(row), kClasses);
    targets.push_back(row % 50 == 3 ? kIgnoredTarget : static_cast<std::int32_t>(drawn));
  }
  return targets;
}

// The output layers with a softmax on top, and everything that a pass computes.
template <typename S>
struct Outputs {
  explicit Outputs(const DenseShape& shape)
      : layers(shape, kClasses, &layout),
        values(layout.size()),
        x(Normal<S>(kRows * shape.input_size, 1)) {
    InitialiseParameters<S>(layout, kSeed, values.span());
  }
  struct Result {
    StepSums sums;
    std::vector<S> d_x, gradient;
    Index finished_calls = 0;
  };
  Result AllAtOnce() {
    Result result = Empty();
    Workspace workspace(layers.WorkspaceBytes(kRows));
    const auto saved = layers.Forward(kRows, x.data(), values.data(), &key, &workspace);
    result.sums = CrossEntropy<S>(targets, kClasses, saved.outputs);
    layers.Backward(kRows, saved, values.data(), &key, result.d_x.data(), result.gradient.data(),
                    &workspace, [&] { ++result.finished_calls; });
    return result;
  }
  Result ByBlocks() {
    Result result = Empty();
    Workspace workspace(layers.BlockBytes(kRows));
    const auto loss = [&](const RowBlock& block, S* outputs) {
      result.sums = CrossEntropy<S>(Of(block), kClasses, outputs, {}, 0, result.sums);
    };
    layers.ForwardBackwardByBlocks(kRows, x.data(), values.data(), &key, result.d_x.data(),
                                   result.gradient.data(), &workspace, loss,
                                   [&] { ++result.finished_calls; });
    return result;
  }
  StepSums LossByBlocks() {
    StepSums sums;
    Workspace workspace(layers.BlockBytes(kRows));
    layers.ForwardByBlocks(
        kRows, x.data(), values.data(), &workspace, [&](const RowBlock& block, const S* outputs) {
          sums = CrossEntropyLoss<S>(Of(block), kClasses, outputs, {}, nullptr, sums);
        });
    return sums;
  }
  Result Empty() const {
    return {{},
            std::vector<S>(static_cast<std::size_t>(x.size())),
            std::vector<S>(static_cast<std::size_t>(layout.size()))};
  }
  std::span<const std::int32_t> Of(const RowBlock& block) const {
    return std::span(targets).subspan(static_cast<std::size_t>(block.first),
                                      static_cast<std::size_t>(block.count));
  }

  ParameterLayout layout;
  OutputLayers<S> layers;
  AlignedBuffer<S> values, x;
  std::vector<std::int32_t> targets = Targets();
  DropoutKey key{kSeed, 1, 2};
};

template <typename S>
void ExpectBlocksChangeNothing(const DenseShape& shape) {
  Outputs<S> outputs(shape);
  const auto whole = outputs.AllAtOnce(), blocks = outputs.ByBlocks();
  EXPECT_EQ(outputs.layers.BlockRows(), 384);
  EXPECT_EQ(blocks.sums.loss, whole.sums.loss);
  EXPECT_EQ(blocks.sums.targets, whole.sums.targets);
  EXPECT_EQ(blocks.sums.counts, whole.sums.counts);
  EXPECT_TRUE(blocks.d_x == whole.d_x);
  EXPECT_TRUE(blocks.gradient == whole.gradient);
  EXPECT_EQ(blocks.finished_calls, 1);
  if (shape.dropout == 0) {
    EXPECT_EQ(outputs.LossByBlocks().loss, whole.sums.loss);
  }
}

TEST(OutputLayers, BlocksOfRowsHaveTheBitsOfAllRowsAtOnce) {
  ExpectBlocksChangeNothing<float>({.input_size = 37});
  ExpectBlocksChangeNothing<double>({.input_size = 8});
  ExpectBlocksChangeNothing<float>({.input_size = 6, .layers = 2, .size = 9, .dropout = 0.3});
}

TEST(OutputLayers, BlocksOfRowsHaveTheBitsOfAllRowsAtOnceInBfloat16) {
  ExpectBlocksChangeNothing<float>({.input_size = 37, .precision = Precision::kBfloat16});
}

TEST(OutputLayers, BlocksNeedNoMoreMemoryForMoreRows) {
  ParameterLayout layout;
  const OutputLayers<float> layers({.input_size = 650}, 33000, &layout);
  // Beside the gradient of the inputs: 384 rows of outputs, and packed weights.
  const Index inputs = Workspace::BytesFor<float>(100000 * 650);
  EXPECT_LT(layers.BlockBytes(100000) - inputs, Index{64} << 20);
  EXPECT_GT(layers.WorkspaceBytes(100000), Index{12} << 30);
}

TEST(OutputLayers, FewClassesAreASingleBlock) {
  ParameterLayout layout;
  const OutputLayers<float> layers({.input_size = 64}, 32, &layout);
  EXPECT_EQ(layers.BlockBytes(100000), layers.WorkspaceBytes(100000));
}

// --- a whole model

SmallModelOptions WordModel() {
  SmallModelOptions options;
  options.symbols = 6;
  options.classes = kClasses;
  options.hidden_size = 2;
  options.embedding_size = 2;
  options.bidirectional = false;
  return options;
}

struct WordHarness {
  explicit WordHarness(const SmallModelOptions& options = WordModel())
      : model(options),
        workspace(model.WorkspaceBytes(TwoFieldBounds(std::ssize(kLengths), 80, kRows))),
        values(model.layout().size()),
        gradient(model.layout().size()) {
    InitialiseParameters<double>(model.layout(), kSeed, values.span());
    slot.layout = PackedLayout(kLengths);
    slot.fields.resize(2);
    slot.fields[1].ids = Targets();
    for (Index row = 0; row < kRows; ++row)
      slot.fields[0].ids.push_back(static_cast<std::int32_t>(row * row % 6));
  }
  double Loss() { return model.Evaluate(slot, values.data(), &workspace).loss; }
  StepSums Run() {
    std::fill_n(gradient.data(), gradient.size(), 0.0);
    return model.ForwardBackward(slot, {kSeed, 1, 2}, values.data(), gradient.data(), &workspace);
  }

  SmallEncoderModel<double> model;
  SlotBatch slot;
  Workspace workspace;
  AlignedBuffer<double> values, gradient;
};

// The embedding and the first weights of the cell are below all blocks, weights of the head in
// them.
TEST(StepHead, GradientsOfManyClassesAgreeWithFiniteDifferences) {
  WordHarness harness;
  const double loss = harness.Run().loss;
  EXPECT_EQ(loss, harness.Loss());
  const Index head = harness.model.layout().infos()[5].offset;
  ASSERT_EQ(harness.model.layout().infos()[5].name, "head.weight");
  for (const Index first : {Index{0}, head + 2 * harness.slot.fields[1].ids[390]}) {
    const std::size_t at = static_cast<std::size_t>(first), count = first == 0 ? 3 : 2;
    const GradientCheck check =
        CheckGradient([&] { return harness.Loss(); }, harness.values.span().subspan(at, count),
                      std::span<const double>(harness.gradient.span()).subspan(at, count));
    EXPECT_LE(check.worst_error, kGradientTolerance) << first << " " << check;
  }
}

TEST(StepHead, TrainsInTheMemoryOfABlockAndScoresInThatOfAllRows) {
  const SmallEncoderModel<float> model(WordModel());
  const SlotBounds bounds = TwoFieldBounds(5, 80, kRows), more = TwoFieldBounds(20, 80, 1600);
  const Index logits_of_more = Workspace::BytesFor<float>(1600 * kClasses);
  EXPECT_LT(model.WorkspaceBytes(more), logits_of_more / 3);
  EXPECT_GT(model.ScoreBytes(more), logits_of_more);
  AlignedBuffer<float> values(model.layout().size());
  InitialiseParameters<float>(model.layout(), kSeed, values.span());
  const WordHarness harness;
  Workspace workspace(model.ScoreBytes(bounds));
  EXPECT_EQ(model.Score(harness.slot, values.data(), &workspace).rows, kRows);
}

}  // namespace
}  // namespace lockstep
