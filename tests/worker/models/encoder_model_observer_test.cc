// What the model tells an observer must be true: that it reads no parameter it has not asked for,
// and that what it calls done does not change any more.
#include <gtest/gtest.h>

#include <limits>
#include <vector>

#include "base/counter_rng.h"
#include "tests/support/small_model.h"
#include "worker/kernels/isa.h"

namespace lockstep {
namespace {

constexpr std::uint64_t kSeed = 5;

SmallModelOptions SmallModel(CellKind cell) {
  SmallModelOptions options;
  options.symbols = 5;
  options.classes = 3;
  options.cell = cell;
  options.layers = 3;
  options.hidden_size = 4;
  options.embedding_size = 6;
  options.dropout = 0.3;
  return options;
}

SlotBatch SmallSlot() {
  SlotBatch slot;
  slot.fields.resize(2);
  slot.layout = PackedLayout(std::vector<Index>{7, 5, 2});
  for (Index row = 0; row < slot.layout.rows(); ++row) {
    slot.fields[0].ids.push_back(static_cast<std::int32_t>(row * 3 % 5));
    slot.fields[1].ids.push_back(static_cast<std::int32_t>(row % 3));
  }
  return slot;
}

// Gives out parameters only when asked, and takes gradients as soon as they are said to be done.
class Witness : public PassObserver {
 public:
  Witness(std::span<const float> all, std::span<float> given, std::span<const float> gradient)
      : all_(all), given_(given), gradient_(gradient), taken_(gradient.size(), 0.0f) {}
  void NeedValues(Index end) override { std::copy_n(all_.begin(), end, given_.begin()); }
  void BetweenSteps() override { ++steps_; }
  void GradientDone(Index begin, Index end) override {
    std::copy(gradient_.begin() + begin, gradient_.begin() + end, taken_.begin() + begin);
    stages_.push_back({begin, end});
  }
  const std::vector<float>& taken() const { return taken_; }
  Index steps() const { return steps_; }
  const std::vector<ElementRange>& stages() const { return stages_; }

 private:
  std::span<const float> all_;
  std::span<float> given_;
  std::span<const float> gradient_;
  std::vector<float> taken_;
  Index steps_ = 0;
  std::vector<ElementRange> stages_;
};

class EncoderModelObserver : public testing::TestWithParam<CellKind> {};

TEST_P(EncoderModelObserver, IsAskedBeforeValuesAreReadAndToldWhenGradientsAreFinal) {
  const SmallEncoderModel<float> model(SmallModel(GetParam()));
  const SlotBatch slot = SmallSlot();
  Workspace workspace(model.WorkspaceBytes(TwoFieldBounds(3, 7, slot.layout.rows())));
  const Index count = model.layout().size();
  AlignedBuffer<float> values(count), given(count), plain(count), gradient(count);
  InitialiseParameters<float>(model.layout(), kSeed, values.span());
  const StepSums expected =
      model.ForwardBackward(slot, {kSeed, 1, 2}, values.data(), plain.data(), &workspace);
  std::fill_n(given.data(), count, std::numeric_limits<float>::quiet_NaN());
  Witness witness(values.span(), given.span(), gradient.span());
  const StepSums found = model.ForwardBackward(slot, {kSeed, 1, 2}, given.data(), gradient.data(),
                                               &workspace, &witness);
  EXPECT_EQ(found.loss, expected.loss);
  for (Index i = 0; i < count; ++i) {
    ASSERT_EQ(witness.taken()[static_cast<std::size_t>(i)], plain[i]) << "element " << i;
  }
  EXPECT_EQ(witness.stages(), model.GradientStages());
  EXPECT_GE(witness.steps(), 2 * 2 * 3 * 7);  // passes, directions, layers, steps
}

INSTANTIATE_TEST_SUITE_P(Cells, EncoderModelObserver,
                         testing::Values(CellKind::kRnnTanh, CellKind::kGru,
                                         CellKind::kGruResetBefore, CellKind::kLstm,
                                         CellKind::kGruLn, CellKind::kLstmLn));

}  // namespace
}  // namespace lockstep
