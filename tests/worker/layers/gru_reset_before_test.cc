// The GRU with reset before the product against the equations of worker/kernels/gru_cell.h written
// as plain scalar loops: torch.nn has no such cell to compare with.
#include <gtest/gtest.h>

#include "tests/worker/layers/layer_harness.h"

namespace lockstep {
namespace {

constexpr double kDoubleTolerance = 1e-13;
constexpr double kFloatTolerance = 2e-6;  // some roundings of states below 1

double Sigmoid(double x) { return 1 / (1 + std::exp(-x)); }

// One direction of one sequence.
class ScalarGru {
 public:
  template <typename S>
  ScalarGru(const LayerHarness<S>& harness, const std::string& suffix)
      : I_(harness.layer.shape().input_size), H_(harness.layer.shape().hidden_size), h_(H_, 0.0) {
    const auto copy = [&](const std::string& name) {
      const auto values = harness.Value(name + "_l0" + suffix);
      return std::vector<double>(values.begin(), values.end());
    };
    w_ = copy("weight_ih");
    u_ = copy("weight_hh");
    b_ih_ = copy("bias_ih");
    b_hh_ = copy("bias_hh");
  }

  // The state after one more input.
  template <typename S>
  const std::vector<double>& Step(const S* x) {
    std::vector<double> r(H_), z(H_), reset_h(H_), next(H_);
    for (std::size_t j = 0; j < H_; ++j) {
      r[j] = Sigmoid(Sum(0, j, x, h_));
      z[j] = Sigmoid(Sum(1, j, x, h_));
      reset_h[j] = r[j] * h_[j];
    }
    for (std::size_t j = 0; j < H_; ++j) {
      next[j] = (1 - z[j]) * std::tanh(Sum(2, j, x, reset_h)) + z[j] * h_[j];
    }
    return h_ = next;
  }

 private:
  template <typename S>
  double Sum(std::size_t gate, std::size_t j, const S* x, const std::vector<double>& h) const {
    const std::size_t row = gate * H_ + j;
    double sum = b_ih_[row] + b_hh_[row];
    for (std::size_t i = 0; i < I_; ++i) sum += w_[row * I_ + i] * static_cast<double>(x[i]);
    for (std::size_t k = 0; k < H_; ++k) sum += u_[row * H_ + k] * h[k];
    return sum;
  }

  std::size_t I_, H_;
  std::vector<double> w_, u_, b_ih_, b_hh_, h_;
};

template <typename S>
void ExpectTheScalarLoop(double tolerance) {
  const RecurrentShape shape{
      .cell = CellKind::kGruResetBefore, .input_size = 6, .hidden_size = 19, .directions = 2};
  LayerHarness<S> harness(shape, {9, 4, 4, 1});
  harness.Forward();
  for (Index b = 0; b < harness.rows.sequences(); ++b) {
    ScalarGru forward(harness, ""), reverse(harness, "_reverse");
    const Index T = harness.rows.Length(b);
    const auto expect_step = [&](ScalarGru* gru, Index t, Index column) {
      const Index row = harness.rows.Row(t, b);
      const std::vector<double>& h = gru->Step(harness.x.data() + row * 6);
      for (Index j = 0; j < 19; ++j) {
        EXPECT_NEAR(harness.y[row * 38 + column + j], h[static_cast<std::size_t>(j)], tolerance);
      }
    };
    for (Index t = 0; t < T; ++t) expect_step(&forward, t, 0);
    for (Index t = T - 1; t >= 0; --t) expect_step(&reverse, t, 19);
  }
}

TEST(GruResetBefore, EqualsTheScalarLoopInDouble) { ExpectTheScalarLoop<double>(kDoubleTolerance); }
TEST(GruResetBefore, EqualsTheScalarLoopInFloat) { ExpectTheScalarLoop<float>(kFloatTolerance); }

}  // namespace
}  // namespace lockstep
