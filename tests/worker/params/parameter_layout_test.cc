#include "worker/params/parameter_layout.h"

#include <gtest/gtest.h>

#include <Eigen/Core>
#include <algorithm>
#include <cmath>

#include "base/aligned_buffer.h"
#include "worker/layers/recurrent_layer.h"

namespace lockstep {
namespace {

using Kind = Initialiser::Kind;

// Sizes that leave gaps.
ParameterLayout LstmLayout(Index input_size = 7, Index hidden_size = 13) {
  ParameterLayout layout;
  RecurrentLayer<float>({.cell = CellKind::kLstm,
                         .input_size = input_size,
                         .hidden_size = hidden_size,
                         .directions = 2},
                        0, &layout);
  layout.Add("embedding.weight", {9, 3}, {.kind = Kind::kNormal, .value = 0.1});
  return layout;
}

AlignedBuffer<float> Initialise(const ParameterLayout& layout, std::uint64_t seed) {
  AlignedBuffer<float> values(layout.size());
  std::fill_n(values.data(), values.size(), -7.0f);
  InitialiseParameters(layout, seed, values.span());
  return values;
}

const ParameterInfo& Named(const ParameterLayout& layout, const std::string& name) {
  return *std::find_if(layout.infos().begin(), layout.infos().end(),
                       [&](const ParameterInfo& info) { return info.name == name; });
}

// Gate g of [G*H, K], as a matrix.
Eigen::MatrixXd Gate(const ParameterInfo& info, const AlignedBuffer<float>& values, Index g) {
  using Stored = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  const Index rows = info.rows() / info.initialiser.gates;
  const float* const first = values.data() + info.offset + g * rows * info.cols();
  return Eigen::Map<const Stored>(first, rows, info.cols()).cast<double>();
}

TEST(ParameterLayout, StartsEachParameterOnA64ByteBorderInOrderWithoutOverlap) {
  const ParameterLayout layout = LstmLayout();
  Index end = 0;
  for (const ParameterInfo& info : layout.infos()) {
    EXPECT_EQ(info.offset * static_cast<Index>(sizeof(float)) % 64, 0) << info.name;
    EXPECT_GE(info.offset, end) << info.name;
    EXPECT_LT(info.offset, end + 16) << info.name;
    end = info.offset + info.count();
  }
  EXPECT_GE(layout.size(), end);
  EXPECT_EQ(layout.size() % kBlockElements, 0);
}

TEST(ParameterLayout, CountsParametersWithoutGaps) {
  // Two directions of 4 gates of 13 units: 7 inputs, 13 states, 2 biases; then the table.
  EXPECT_EQ(LstmLayout().count(), 2 * 4 * 13 * (7 + 13 + 2) + 9 * 3);
}

TEST(ParameterLayout, NamesAndShapesAreThoseOfTorch) {
  const ParameterLayout layout = LstmLayout();
  EXPECT_EQ(layout[0].name, "rnn.weight_ih_l0");
  EXPECT_EQ(layout[0].shape, (std::vector<Index>{52, 7}));
  EXPECT_EQ(layout[5].name, "rnn.weight_hh_l0_reverse");
  EXPECT_EQ(layout[5].shape, (std::vector<Index>{52, 13}));
  EXPECT_EQ(layout[3].name, "rnn.bias_hh_l0");
  EXPECT_EQ(layout[3].shape, (std::vector<Index>{52}));
}

TEST(ParameterLayout, DecaysMatricesAndNotBiases) {
  const ParameterLayout layout = LstmLayout();
  for (const ParameterInfo& info : layout.infos()) {
    EXPECT_EQ(info.decays, info.name.find("bias") == std::string::npos) << info.name;
  }
}

TEST(InitialiseParameters, LeavesGapsZero) {
  const ParameterLayout layout = LstmLayout();
  AlignedBuffer<float> values = Initialise(layout, 1);
  for (const ParameterInfo& info : layout.infos()) {
    std::fill_n(values.data() + info.offset, info.count(), 0.0f);
  }
  for (float value : values.span()) EXPECT_EQ(value, 0);
}

TEST(InitialiseParameters, DrawsEachRecurrentGateOrthogonalAndNoTwoAlike) {
  constexpr double kTolerance = 1e-6;  // values are rounded to float
  const ParameterLayout layout = LstmLayout(7, 33);
  const AlignedBuffer<float> values = Initialise(layout, 1);
  for (const char* name : {"rnn.weight_hh_l0", "rnn.weight_hh_l0_reverse"}) {
    const ParameterInfo& info = Named(layout, name);
    for (Index g = 0; g < 4; ++g) {
      const Eigen::MatrixXd q = Gate(info, values, g);
      EXPECT_LE((q * q.transpose() - Eigen::MatrixXd::Identity(33, 33)).cwiseAbs().maxCoeff(),
                kTolerance);
      const Eigen::MatrixXd other = Gate(info, values, (g + 1) % 4);
      EXPECT_GT((q - other).norm(), 1);
    }
  }
}

TEST(InitialiseParameters, DrawsOrthonormalRowsOrColumnsWhereAMatrixIsNotSquare) {
  ParameterLayout layout;
  layout.Add("tall", {9, 4}, {.kind = Kind::kOrthogonal});
  layout.Add("wide", {4, 9}, {.kind = Kind::kOrthogonal});
  const AlignedBuffer<float> values = Initialise(layout, 1);
  const Eigen::MatrixXd tall = Gate(layout[0], values, 0), wide = Gate(layout[1], values, 0);
  const Eigen::MatrixXd identity = Eigen::MatrixXd::Identity(4, 4);
  EXPECT_LE((tall.transpose() * tall - identity).cwiseAbs().maxCoeff(), 1e-6);
  EXPECT_LE((wide * wide.transpose() - identity).cwiseAbs().maxCoeff(), 1e-6);
}

TEST(InitialiseParameters, DrawsInputWeightsUniformWithinTheBoundsOfGlorot) {
  const ParameterLayout layout = LstmLayout(40, 64);
  const AlignedBuffer<float> values = Initialise(layout, 1);
  const double limit = std::sqrt(6.0 / (64 + 40));  // of one gate, not of all four
  for (Index g = 0; g < 4; ++g) {
    const Eigen::MatrixXd gate = Gate(Named(layout, "rnn.weight_ih_l0"), values, g);
    EXPECT_LE(gate.cwiseAbs().maxCoeff(), limit * (1 + 1e-7));
    EXPECT_GT(gate.cwiseAbs().maxCoeff(), 0.99 * limit);
    EXPECT_NEAR(gate.mean(), 0, 5 * limit / std::sqrt(3.0 * 64 * 40));
    EXPECT_NEAR(gate.squaredNorm() / (64 * 40), limit * limit / 3, 0.03 * limit * limit);
  }
}

TEST(InitialiseParameters, SetsTheForgetBiasOfTheInputBiasAlone) {
  const ParameterLayout layout = LstmLayout();
  const AlignedBuffer<float> values = Initialise(layout, 1);
  for (const char* name : {"rnn.bias_ih_l0", "rnn.bias_ih_l0_reverse"}) {
    for (Index i = 0; i < 52; ++i) {
      EXPECT_EQ(values[Named(layout, name).offset + i], i / 13 == 1 ? 1.0f : 0.0f);
    }
  }
  EXPECT_TRUE(Gate(Named(layout, "rnn.bias_hh_l0"), values, 1).isZero(0));
}

TEST(InitialiseParameters, DependsOnTheSeedAlone) {
  const ParameterLayout layout = LstmLayout();
  const std::string hash = HashParameters(layout, Initialise(layout, 1).span());
  EXPECT_EQ(HashParameters(layout, Initialise(layout, 1).span()), hash);
  EXPECT_NE(HashParameters(layout, Initialise(layout, 2).span()), hash);
  // What is declared behind a parameter does not matter to it.
  ParameterLayout longer = LstmLayout();
  longer.Add("head.weight", {3, 26}, {.kind = Kind::kGlorot});
  const AlignedBuffer<float> values = Initialise(layout, 1), more = Initialise(longer, 1);
  const Index end = layout.infos().back().offset + layout.infos().back().count();
  EXPECT_TRUE(std::equal(values.data(), values.data() + end, more.data()));
}

TEST(InitialiseParameters, DrawsNoTwoParametersAlike) {
  const ParameterLayout layout = LstmLayout();
  const AlignedBuffer<float> values = Initialise(layout, 1);
  for (const std::string name : {"rnn.weight_ih_l0", "rnn.weight_hh_l0"}) {
    const Eigen::MatrixXd forward = Gate(Named(layout, name), values, 0);
    const Eigen::MatrixXd reverse = Gate(Named(layout, name + "_reverse"), values, 0);
    EXPECT_GT((forward - reverse).norm(), 0.5 * forward.norm()) << name;
  }
}

TEST(InitialiseParameters, GivesDoubleAndFloatTheSameNumbers) {
  const ParameterLayout layout = LstmLayout();
  const AlignedBuffer<float> narrow = Initialise(layout, 1);
  AlignedBuffer<double> wide(layout.size());
  InitialiseParameters(layout, 1, wide.span());
  for (Index i = 0; i < wide.size(); ++i) EXPECT_EQ(narrow[i], static_cast<float>(wide[i]));
}

class ParameterHash : public testing::Test {
 protected:
  static std::string Hash(const std::string& name, const std::vector<Index>& shape,
                          float last = 1.0f) {
    ParameterLayout layout;
    layout.Add(name, shape, {});
    AlignedBuffer<float> values(layout.size());
    values[5] = last;
    return HashParameters(layout, values.span());
  }
};

TEST_F(ParameterHash, ChangesWithOneBitTheNameAndTheShape) {
  const std::string hash = Hash("w", {2, 3});
  EXPECT_EQ(Hash("w", {2, 3}), hash);
  EXPECT_NE(Hash("w", {2, 3}, std::nextafter(1.0f, 2.0f)), hash);
  EXPECT_NE(Hash("v", {2, 3}), hash);
  EXPECT_NE(Hash("w", {3, 2}), hash);
  EXPECT_NE(Hash("w", {6, 1}), Hash("w", {6}));
}

TEST_F(ParameterHash, SeesTheSignOfZero) {
  EXPECT_NE(Hash("w", {2, 3}, 0.0f), Hash("w", {2, 3}, -0.0f));
}

}  // namespace
}  // namespace lockstep
