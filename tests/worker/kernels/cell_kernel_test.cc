// Gate kernels one step at a time, on every instruction set of the machine. Expected values are the
// C++ library's exp and tanh in double.
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "base/error.h"
#include "tests/worker/kernels/each_isa.h"
#include "tests/worker/kernels/step_arrays.h"
#include "worker/kernels/elman_cell.h"
#include "worker/kernels/gru_cell.h"
#include "worker/kernels/lstm_cell.h"
#include "worker/kernels/lstm_norm_cell.h"

namespace lockstep {
namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();

double Sigmoid(double x) { return 1 / (1 + std::exp(-x)); }

// One step of a cell from the zero state whose gates all have the pre-activations x.
template <typename S>
StepArrays<S> StepOf(void (*kernel)(const CellStep<S>&), Index gates, const std::vector<S>& x) {
  const Index hidden = static_cast<Index>(x.size());
  StepArrays<S> arrays(1, hidden, gates, 0);
  for (Index g = 0; g < gates; ++g) {
    std::copy_n(x.data(), hidden, arrays.gates() + g * hidden);
  }
  kernel(arrays.Step());
  return arrays;
}

template <typename S>
std::vector<S> Grid() {
  std::vector<S> x;
  for (int i = -20000; i <= 20000; ++i) x.push_back(static_cast<S>(i * 0.001));
  for (double large : {30.0, 100.0, 1e4, 1e30}) {
    x.push_back(static_cast<S>(large));
    x.push_back(static_cast<S>(-large));
  }
  return x;
}

template <typename S>
struct GateErrors {
  double tanh = 0;
  double sigmoid = 0;
  double beyond_one = 0;
};

template <typename S>
GateErrors<S> Measure(const std::vector<S>& x) {
  const Index hidden = static_cast<Index>(x.size());
  StepArrays<S> elman = StepOf<S>(ElmanTanhForward, 1, x);
  StepArrays<S> lstm = StepOf<S>(LstmForward, 4, x);
  GateErrors<S> worst;
  for (Index j = 0; j < hidden; ++j) {
    const double exact = static_cast<double>(x[static_cast<std::size_t>(j)]);
    const double tanh = static_cast<double>(elman.h()[j]);
    const double sigmoid = static_cast<double>(lstm.gates()[j]);
    worst.tanh = std::max(worst.tanh, std::abs(tanh - std::tanh(exact)));
    worst.sigmoid = std::max(worst.sigmoid, std::abs(sigmoid - Sigmoid(exact)));
    worst.beyond_one = std::max({worst.beyond_one, std::abs(tanh) - 1, sigmoid - 1, -sigmoid});
  }
  return worst;
}

TEST(GateFunctions, AreAccurateInFloat) {
  constexpr double kTolerance = 1e-6;  // absolute
  ForEachIsa([&](Isa isa) {
    const GateErrors<float> worst = Measure(Grid<float>());
    EXPECT_LE(worst.tanh, kTolerance);
    EXPECT_LE(worst.sigmoid, kTolerance);
    EXPECT_LE(worst.beyond_one, 0) << "slopes would turn negative";
    testing::Test::RecordProperty(
        IsaName(isa), fmt::format("tanh {:.1e} sigmoid {:.1e}", worst.tanh, worst.sigmoid));
  });
}

TEST(GateFunctions, AreAccurateInDouble) {
  constexpr double kTolerance = 1e-15;
  ForEachIsa([&](Isa) {
    const GateErrors<double> worst = Measure(Grid<double>());
    EXPECT_LE(worst.tanh, kTolerance);
    EXPECT_LE(worst.sigmoid, kTolerance);
    EXPECT_LE(worst.beyond_one, 0);
  });
}

// Evidence that ForEachIsa does switch: fused multiply-add rounds otherwise.
TEST(GateFunctions, DependOnTheInstructionSetInTheLastBits) {
#ifdef __AVX2__
  GTEST_SKIP() << "LOCKSTEP_NATIVE builds have one instruction set";
#endif
  if (DetectIsa() == Isa::kSse4) GTEST_SKIP() << "this machine has one instruction set";
  std::vector<std::vector<float>> tanh;
  ForEachIsa([&](Isa) {
    StepArrays<float> arrays = StepOf<float>(ElmanTanhForward, 1, Grid<float>());
    tanh.emplace_back(arrays.h(), arrays.h() + Grid<float>().size());
  });
  EXPECT_NE(tanh[0], tanh[1]);
}

template <typename S>
void ExpectSaturation() {
  const std::vector<S> x{-kInfinity, -1e4, 1e4, kInfinity, 0};
  StepArrays<S> tanh = StepOf<S>(ElmanTanhForward, 1, x);
  StepArrays<S> relu = StepOf<S>(ElmanReluForward, 1, x);
  StepArrays<S> gru = StepOf<S>(GruForward, 3, x);
  StepArrays<S> lstm = StepOf<S>(LstmForward, 4, x);
  const S expected_tanh[] = {-1, -1, 1, 1, 0};
  const S expected_relu[] = {0, 0, S(1e4), kInfinity, 0};
  const S expected_sigmoid[] = {0, 0, 1, 1, S(0.5)};
  for (Index j = 0; j < 5; ++j) {
    // Float's tanh is 1 to within its accuracy, not exactly.
    EXPECT_NEAR(tanh.h()[j], expected_tanh[j], 1e-6);
    EXPECT_EQ(relu.h()[j], expected_relu[j]);
    EXPECT_NEAR(gru.gates()[j], expected_sigmoid[j], 1e-6);
    EXPECT_NEAR(lstm.gates()[j], expected_sigmoid[j], 1e-6);
    // c = i g, h = o tanh(c) and h = (1 - z) n of the same saturated gates
    EXPECT_NEAR(lstm.h()[j], x[static_cast<std::size_t>(j)] > 0 ? std::tanh(1.0) : 0.0, 1e-6);
    EXPECT_NEAR(gru.h()[j], x[static_cast<std::size_t>(j)] < 0 ? -1.0 : 0.0, 1e-6);
  }
}

TEST(CellKernels, SaturateAtExtremeValues) {
  ForEachIsa([](Isa) {
    ExpectSaturation<float>();
    ExpectSaturation<double>();
  });
}

template <typename S>
void ExpectNanComesThrough() {
  // In a whole vector and in the tail, once for every lane.
  for (std::size_t where = 0; where < 19; ++where) {
    std::vector<S> x(19, S(0.25));
    x[where] = std::numeric_limits<S>::quiet_NaN();
    StepArrays<S> steps[] = {StepOf<S>(ElmanTanhForward, 1, x), StepOf<S>(ElmanReluForward, 1, x),
                             StepOf<S>(GruForward, 3, x), StepOf<S>(LstmForward, 4, x),
                             StepOf<S>(GruResetBeforeCandidate, 3, x)};
    for (StepArrays<S>& step : steps) {
      for (std::size_t j = 0; j < x.size(); ++j) EXPECT_EQ(std::isnan(step.h()[j]), j == where);
    }
  }
}

TEST(CellKernels, LetNotANumberThroughAndKeepItInItsColumn) {
  ForEachIsa([](Isa) {
    ExpectNanComesThrough<float>();
    ExpectNanComesThrough<double>();
  });
}

template <typename S>
struct NamedKernel {
  const char* name;
  void (*kernel)(const CellStep<S>&);
  Index gates;
};

template <typename S>
std::vector<NamedKernel<S>> AllKernels() {
  return {{"ElmanTanhForward", ElmanTanhForward, 1},
          {"ElmanTanhBackward", ElmanTanhBackward, 1},
          {"ElmanReluForward", ElmanReluForward, 1},
          {"ElmanReluBackward", ElmanReluBackward, 1},
          {"GruForward", GruForward, 3},
          {"GruBackward", GruBackward, 3},
          {"GruResetBeforeGates", GruResetBeforeGates, 3},
          {"GruResetBeforeCandidate", GruResetBeforeCandidate, 3},
          {"GruResetBeforeCandidateBackward", GruResetBeforeCandidateBackward, 3},
          {"LstmForward", LstmForward, 4},
          {"LstmBackward", LstmBackward, 4},
          {"LstmCellState", LstmCellState, 4},
          {"LstmNormForward", LstmNormForward, 4},
          {"LstmNormBackward", LstmNormBackward, 4}};
}

template <typename S>
void ExpectRowsDoNotDependOnTheirPlace() {
  constexpr Index kRows = 5;
  for (const NamedKernel<S>& named : AllKernels<S>()) {
    for (Index hidden : {1, 3, 8, 17, 37}) {
      StepArrays<S> many(kRows, hidden, named.gates, 0), before(kRows, hidden, named.gates, 0);
      many.Draw(3);
      before.Draw(3);
      named.kernel(many.Step());
      for (Index b = 0; b < kRows; ++b) {
        StepArrays<S> alone = before.Row(b, b + 1);
        named.kernel(alone.Step());
        EXPECT_TRUE(alone.EqualsRow(many, b)) << named.name << " H " << hidden << " row " << b;
      }
    }
  }
}

TEST(CellKernels, GiveARowTheSameBitsWhereverItLies) {
  ForEachIsa([](Isa) {
    ExpectRowsDoNotDependOnTheirPlace<float>();
    ExpectRowsDoNotDependOnTheirPlace<double>();
  });
}

// A column of the tail goes through one lane, the same column of a longer row through a vector.
TEST(CellKernels, GiveAColumnTheSameBitsInAVectorAndInTheTail) {
  ForEachIsa([](Isa) {
    const std::vector<float> x = Grid<float>();
    StepArrays<float> all = StepOf<float>(LstmForward, 4, x);
    for (std::size_t j = 0; j < x.size(); j += 97) {
      StepArrays<float> alone = StepOf<float>(LstmForward, 4, {x[j]});
      EXPECT_EQ(alone.h()[0], all.h()[j]) << "x " << x[j];
    }
  });
}

}  // namespace
}  // namespace lockstep
