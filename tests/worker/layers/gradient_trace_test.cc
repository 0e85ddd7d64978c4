// The size of the gradient at the states of a layer, against finite differences of the loss with
// respect to a state that is carried into the steps after it.
#include "worker/layers/gradient_trace.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "base/counter_rng.h"
#include "worker/layers/recurrent_layer.h"

namespace lockstep {
namespace {

// Central differences with steps of 1e-5 in double.
constexpr double kTolerance = 1e-8;
constexpr Index kInputs = 3, kHidden = 5;

class TraceObserver : public PassObserver {
 public:
  explicit TraceObserver(GradientTrace* trace) : trace_(trace) {}
  GradientTrace* trace() override { return trace_; }

 private:
  GradientTrace* trace_;
};

// A layer of one direction whose loss is `d_y` times the output of the last step of each sequence.
class TracedLayer {
 public:
  explicit TracedLayer(CellKind cell, Index directions = 1)
      : layer_(
            {.cell = cell, .input_size = kInputs, .hidden_size = kHidden, .directions = directions},
            0, &parameters_),
        values_(Draw(parameters_.size(), 0.6)) {}

  static std::vector<double> Draw(Index count, double bound) {
    const CounterRng rng(1, RandomPurpose::kTest, static_cast<std::uint64_t>(count));
    std::vector<double> drawn;
    for (Index i = 0; i < count; ++i) {
      drawn.push_back(bound * (2 * rng.Uniform(static_cast<std::uint64_t>(i)) - 1));
    }
    return drawn;
  }

  // Outputs [rows, D * H]; keeps what Backward needs. `x` must live until then.
  std::vector<double> Forward(const PackedLayout& rows, const std::vector<double>& x,
                              const CarriedRows<double>& carried = {}) {
    const SlotBounds bounds{rows.sequences(), rows.steps(), rows.rows(), {}, {}};
    workspace_ = Workspace(layer_.KeptBytes(bounds) + layer_.ScratchBytes(bounds));
    y_.assign(static_cast<std::size_t>(rows.rows() * layer_.output_size()), 0);
    saved_ =
        layer_.Forward(rows, values_.data(), x.data(), y_.data(), &workspace_, nullptr, carried);
    return y_;
  }
  const double* memory() const { return saved_.memory[0]; }
  void Backward(const PackedLayout& rows, const std::vector<double>& d_y, GradientTrace* trace) {
    TraceObserver observer(trace);
    std::vector<double> gradient(values_.size());
    layer_.Backward(rows, values_.data(), saved_, d_y.data(), nullptr, gradient.data(), &workspace_,
                    &observer);
  }

 private:
  ParameterLayout parameters_;
  RecurrentLayer<double> layer_;
  std::vector<double> values_;
  Workspace workspace_{0};
  typename RecurrentLayer<double>::Saved saved_;
  std::vector<double> y_;
};

std::vector<double> From(const std::vector<double>& all, Index begin) {
  return {all.begin() + begin, all.end()};
}

// |dL / d(state after step t)|^2, where the steps after it are computed anew from that state.
double Numeric(TracedLayer* layer, const std::vector<double>& x, const std::vector<double>& d_last,
               std::vector<double> h, std::vector<double> c, bool by_memory) {
  const PackedLayout rest({static_cast<Index>(x.size()) / kInputs});
  const auto loss = [&] {
    const std::vector<double> y = layer->Forward(rest, x, {h.data(), c.data(), nullptr, nullptr});
    double sum = 0;
    for (std::size_t i = 0; i < d_last.size(); ++i)
      sum += d_last[i] * y[y.size() - d_last.size() + i];
    return sum;
  };
  double squares = 0;
  for (double& value : by_memory ? c : h) {
    constexpr double kStep = 1e-5;
    const double before = value;
    value = before + kStep;
    const double up = loss();
    value = before - kStep;
    const double slope = (up - loss()) / (2 * kStep);
    value = before;
    squares += slope * slope;
  }
  return squares;
}

class GradientTraceOf : public testing::TestWithParam<CellKind> {};
INSTANTIATE_TEST_SUITE_P(Cells, GradientTraceOf,
                         testing::Values(CellKind::kRnnTanh, CellKind::kGru,
                                         CellKind::kGruResetBefore, CellKind::kLstm),
                         [](const auto& cell) { return CellName(cell.param); });

TEST_P(GradientTraceOf, IsThatOfFiniteDifferencesAtEachDistance) {
  constexpr Index kSteps = 6;
  const bool has_memory = GetParam() == CellKind::kLstm;
  const PackedLayout rows({kSteps});
  const std::vector<double> x = TracedLayer::Draw(kSteps * kInputs, 1);
  const std::vector<double> d_last = TracedLayer::Draw(kHidden, 1);
  std::vector<double> d_y((kSteps - 1) * kHidden, 0.0);
  d_y.insert(d_y.end(), d_last.begin(), d_last.end());

  TracedLayer layer(GetParam());
  const std::vector<double> y = layer.Forward(rows, x);
  const std::vector<double> memory(layer.memory(), layer.memory() + kSteps * kHidden);
  const TimeDistances distances(kSteps);
  GradientTrace trace(1, 1, has_memory, &distances);
  trace.Begin(rows);
  layer.Backward(rows, d_y, &trace);

  double last = 0;
  for (const double d : d_last) last += d * d;
  EXPECT_NEAR(trace.sums()[0], last, kTolerance);
  for (Index t = 0; t + 1 < kSteps; ++t) {
    const auto at = [&](const std::vector<double>& all) {
      return std::vector<double>(all.begin() + t * kHidden, all.begin() + (t + 1) * kHidden);
    };
    const auto expect = [&](Index series, bool by_memory) {
      const std::size_t place = static_cast<std::size_t>(series * kSteps + kSteps - 1 - t);
      const double numeric =
          Numeric(&layer, From(x, (t + 1) * kInputs), d_last, at(y), at(memory), by_memory);
      EXPECT_NEAR(trace.sums()[place], numeric, kTolerance) << "step " << t;
      EXPECT_GT(numeric, 0);
    };
    expect(0, false);
    if (has_memory) expect(1, true);
  }
}

// In the reverse direction, distances are steps from the first one: the same sequence turned round.
TEST(GradientTrace, CountsTheReverseDirectionFromTheFirstStep) {
  constexpr Index kSteps = 4, kWidth = 2 * kHidden;
  const PackedLayout rows({kSteps});
  TracedLayer layer(CellKind::kRnnTanh, 2);
  const std::vector<double> x = TracedLayer::Draw(kSteps * kInputs, 1);
  layer.Forward(rows, x);
  std::vector<double> d_y(kSteps * kWidth, 0.0);
  std::fill_n(d_y.begin() + kHidden, kHidden, 1.0);  // the reverse output of the first step
  const TimeDistances distances(kSteps);
  GradientTrace trace(1, 2, false, &distances);
  trace.Begin(rows);
  layer.Backward(rows, d_y, &trace);
  for (std::size_t d = 0; d < kSteps; ++d) {
    EXPECT_EQ(trace.sums()[d], 0) << "forward";
    EXPECT_GT(trace.sums()[kSteps + d], 0) << "reverse, distance " << d;
  }
  EXPECT_DOUBLE_EQ(trace.sums()[kSteps], kHidden);
}

TEST(GradientTrace, KeepsTheLastTargetThatHasAGradient) {
  // Sequence 0 has four steps, and no target in the last one; sequence 1 has two steps.
  const PackedLayout rows({4, 2});
  std::vector<double> d_y = {1, 2, 3, 4, 5, 0};
  const TimeDistances distances(4);
  GradientTrace trace(1, 1, false, &distances);
  trace.Begin(rows);
  trace.KeepLastTarget(rows, 1, d_y.data());
  EXPECT_THAT(d_y, testing::ElementsAre(0, 0, 0, 4, 5, 0));
  EXPECT_TRUE(trace.forward_only());
  // Two sequences have distances 0 and 1, one has 2, none has 3.
  EXPECT_THAT(From(trace.sums(), 4), testing::ElementsAre(2, 2, 1, 0));
  const std::vector<double> d_h = {0, 0};
  trace.EnterLayer(0);
  trace.EnterDirection(0);
  for (Index t = 3; t >= 0; --t) trace.AddStep(rows, t, 1, d_y.data(), 1, d_h.data(), d_h.data());
  EXPECT_THAT(trace.sums(), testing::ElementsAre(16 + 25, 0, 0, 0, 2, 2, 1, 0));
}

TEST(GradientTrace, OfASequenceWithoutTargetsIsEmpty) {
  const PackedLayout rows({3});
  std::vector<double> d_y = {0, 0, 0};
  const TimeDistances distances(3);
  GradientTrace trace(1, 1, false, &distances);
  trace.Begin(rows);
  trace.KeepLastTarget(rows, 1, d_y.data());
  for (Index t = 2; t >= 0; --t) trace.AddStep(rows, t, 1, d_y.data(), 1, d_y.data(), d_y.data());
  EXPECT_THAT(trace.sums(), testing::Each(0));
}

TEST(TimeDistances, AreAllBelow64AndThen32PerDoubling) {
  const TimeDistances distances(1000);
  EXPECT_EQ(distances.all().size(), 64 + 32 + 32 + 32 + 31);  // to 128, 256, 512 and 1000
  for (std::size_t i = 0; i < distances.all().size(); ++i) {
    EXPECT_EQ(distances.PlaceOf(distances.all()[i]), static_cast<Index>(i));
  }
  EXPECT_EQ(distances.PlaceOf(63), 63);
  EXPECT_EQ(distances.PlaceOf(65), -1);
  EXPECT_EQ(distances.PlaceOf(1000), -1);
  EXPECT_EQ(TimeDistances(1).all(), std::vector<Index>{0});
}

}  // namespace
}  // namespace lockstep
