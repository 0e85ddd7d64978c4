// An output layer that shares its weight with the embedding of the inputs (model.tie_embeddings).
#include <gtest/gtest.h>

#include "base/counter_rng.h"
#include "tests/support/expect_error.h"
#include "tests/support/gradient_check.h"
#include "tests/support/small_model.h"

namespace lockstep {
namespace {

constexpr double kGradientTolerance =
    1e-7;  // what central differences of a smooth loss in double leave
constexpr std::uint64_t kSeed = 5;
constexpr Index kWords = 6;
const std::vector<Index> kLengths = {7, 7, 4, 1};
constexpr Index kRows = 19;

SmallModelOptions TiedModel() {
  SmallModelOptions options;
  options.symbols = kWords;
  options.classes = kWords;
  options.layers = 2;
  options.hidden_size = 3;
  options.embedding_size = 3;
  options.bidirectional = false;
  options.head.tie_embeddings = true;
  return options;
}

// The words of a text, and after each of them the next one; every seventh is not counted.
SlotBatch Text() {
  const CounterRng rng(kSeed, RandomPurpose::kTest);
  SlotBatch slot;
  slot.layout = PackedLayout(kLengths);
  slot.fields.resize(2);
  for (Index row = 0; row < kRows; ++row) {
    const auto draw = [&](std::uint64_t i) {
      return static_cast<std::int32_t>(rng.Below(static_cast<std::uint64_t>(2 * row) + i, kWords));
    };
    slot.fields[0].ids.push_back(draw(0));
    slot.fields[1].ids.push_back(row % 7 == 3 ? kIgnoredTarget : draw(1));
  }
  return slot;
}

template <typename S>
struct Harness {
  explicit Harness(const SmallModelOptions& options)
      : model(options),
        slot(Text()),
        workspace(model.WorkspaceBytes(TwoFieldBounds(4, 7, kRows))),
        values(model.layout().size()),
        gradient(model.layout().size()) {
    InitialiseParameters<S>(model.layout(), kSeed, values.span());
  }
  StepSums Run(PassObserver* observer = nullptr) {
    std::fill_n(gradient.data(), gradient.size(), S{0});
    return model.ForwardBackward(slot, {kSeed, 1, 2}, values.data(), gradient.data(), &workspace,
                                 observer);
  }
  const ParameterInfo& Parameter(const std::string& name) const {
    for (const ParameterInfo& info : model.layout().infos())
      if (info.name == name) return info;
    throw std::out_of_range(name);
  }

  SmallEncoderModel<S> model;
  SlotBatch slot;
  Workspace workspace;
  AlignedBuffer<S> values, gradient;
};

GradientCheck Check(Harness<double>* harness) {
  harness->Run();
  AlignedBuffer<double> analytic(harness->gradient.size());
  std::copy_n(harness->gradient.data(), harness->gradient.size(), analytic.data());
  return CheckGradient([&] { return harness->Run().loss; }, harness->values.span(),
                       analytic.span());
}

TEST(TiedEmbedding, GradientsAgreeWithFiniteDifferences) {
  for (const CellKind cell : {CellKind::kRnnTanh, CellKind::kGru, CellKind::kLstm}) {
    SmallModelOptions options = TiedModel();
    options.cell = cell;
    Harness<double> harness(options);
    const GradientCheck check = Check(&harness);
    EXPECT_LE(check.worst_error, kGradientTolerance) << CellName(cell) << " " << check;
  }
}

TEST(TiedEmbedding, GradientsAgreeWithEveryDropoutAndResidualConnections) {
  SmallModelOptions options = TiedModel();
  options.residual = true;
  options.dropout = options.symbol_dropout = options.input_dropout = options.output_dropout = 0.3;
  Harness<double> harness(options);
  const GradientCheck check = Check(&harness);
  EXPECT_LE(check.worst_error, kGradientTolerance) << check;
}

TEST(TiedEmbedding, GradientsAgreeBehindDenseLayersOfTheWidthOfTheEmbedding) {
  SmallModelOptions options = TiedModel();
  options.hidden_size = 5;
  options.head.dense_layers = 1;
  options.head.dense_size = 3;
  Harness<double> harness(options);
  const ParameterInfo& bias = harness.Parameter("dense.0.bias");
  std::fill_n(harness.values.data() + bias.offset, 3, 5.0);  // keeps off the kink of the ReLU
  const GradientCheck check = Check(&harness);
  EXPECT_LE(check.worst_error, kGradientTolerance) << check;
}

TEST(TiedEmbedding, HasNoWeightOfTheHead) {
  const Harness<float> harness(TiedModel());
  EXPECT_THROW(harness.Parameter("head.weight"), std::out_of_range);
  EXPECT_EQ(harness.Parameter("head.bias").shape, (std::vector<Index>{kWords}));
}

// The same model with a weight of its own that holds the same values has the two parts of the
// gradient apart.
TEST(TiedEmbedding, GetsTheGradientsOfBothUses) {
  SmallModelOptions apart = TiedModel();
  apart.head.tie_embeddings = false;
  Harness<double> tied(TiedModel()), untied(apart);
  for (const ParameterInfo& info : tied.model.layout().infos()) {
    std::copy_n(tied.values.data() + info.offset, info.count(),
                untied.values.data() + untied.Parameter(info.name).offset);
  }
  const ParameterInfo& embedding = untied.Parameter("embedding.weight");
  const ParameterInfo& weight = untied.Parameter("head.weight");
  std::copy_n(untied.values.data() + embedding.offset, embedding.count(),
              untied.values.data() + weight.offset);
  EXPECT_EQ(tied.Run().loss, untied.Run().loss);
  for (Index i = 0; i < embedding.count(); ++i) {
    EXPECT_NEAR(tied.gradient[i],
                untied.gradient[embedding.offset + i] + untied.gradient[weight.offset + i], 1e-14);
  }
}

// Takes gradients as soon as they are said to be done.
class Taker : public PassObserver {
 public:
  explicit Taker(std::span<const float> gradient) : gradient_(gradient), taken_(gradient.size()) {}
  void GradientDone(Index begin, Index end) override {
    std::copy(gradient_.begin() + begin, gradient_.begin() + end, taken_.begin() + begin);
    stages_.push_back({begin, end});
  }
  const std::vector<float>& taken() const { return taken_; }
  const std::vector<ElementRange>& stages() const { return stages_; }

 private:
  std::span<const float> gradient_;
  std::vector<float> taken_;
  std::vector<ElementRange> stages_;
};

TEST(TiedEmbedding, IsFinishedLast) {
  Harness<float> harness(TiedModel());
  Taker taker(harness.gradient.span());
  harness.Run(&taker);
  const std::vector<ElementRange> stages = harness.model.GradientStages();
  EXPECT_EQ(taker.stages(), stages);
  const ParameterInfo& bias = harness.Parameter("head.bias");
  EXPECT_EQ(stages.front(), (ElementRange{bias.offset, bias.offset + bias.count()}));
  EXPECT_EQ(stages.back(), (ElementRange{0, kWords * 3}));
  for (Index i = 0; i < harness.gradient.size(); ++i) {
    ASSERT_EQ(taker.taken()[static_cast<std::size_t>(i)], harness.gradient[i]) << "element " << i;
  }
}

TEST(TiedEmbedding, IsRefusedWhereShapesDiffer) {
  const auto make = [](const SmallModelOptions& options) {
    SmallEncoderModel<float> model(options);
  };
  SmallModelOptions options = TiedModel();
  options.classes = kWords + 1;
  ExpectError(ExitCode::kUsage, "has 6 input symbols and 7 target classes", [&] { make(options); });
  options = TiedModel();
  options.embedding_size = 4;
  ExpectError(ExitCode::kUsage, "set model.embedding_size = 3", [&] { make(options); });
  options = TiedModel();
  options.bidirectional = true;
  ExpectError(ExitCode::kUsage, "have 6 values and those of the embedding 3",
              [&] { make(options); });
  options = TiedModel();
  options.symbols = 0;
  options.feature_width = 3;
  ExpectError(ExitCode::kUsage, "which have no embedding", [&] { make(options); });
}

TEST(TiedEmbedding, IsRefusedByHeadsThatAreNoSoftmaxPerStep) {
  SmallModelOptions options = TiedModel();
  options.head.head = "crf";
  ExpectError(ExitCode::kUsage, "model.tie_embeddings is true; it is for one target class per step",
              [&] { SmallEncoderModel<float> model(options); });
  options = TiedModel();
  options.target = Alignment::kList;
  ExpectError(ExitCode::kUsage, "model.tie_embeddings is true; it is for one target class per step",
              [&] { SmallEncoderModel<float> model(options); });
}

}  // namespace
}  // namespace lockstep
