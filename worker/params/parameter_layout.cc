#include "worker/params/parameter_layout.h"

#include <Eigen/QR>
#include <algorithm>
#include <cmath>

#include "base/aligned_buffer.h"
#include "base/counter_rng.h"
#include "base/error.h"
#include "base/hash.h"

namespace lockstep {
namespace {

constexpr Index kAlignmentElements = kAlignmentBytes / static_cast<Index>(sizeof(float));

// One gate of a parameter: `count` values beginning at index `first`.
struct Gate {
  Index index;
  Index rows;
  Index cols;
  Index first() const { return index * rows * cols; }
};

template <typename S>
void FillNormal(const CounterRng& rng, const Gate& gate, double deviation, S* values) {
  for (Index i = gate.first(); i < gate.first() + gate.rows * gate.cols; ++i) {
    values[i] = static_cast<S>(deviation * rng.Normal(static_cast<std::uint64_t>(i)));
  }
}

template <typename S>
void FillGlorot(const CounterRng& rng, const Gate& gate, S* values) {
  const double limit = std::sqrt(6.0 / static_cast<double>(gate.rows + gate.cols));
  for (Index i = gate.first(); i < gate.first() + gate.rows * gate.cols; ++i) {
    values[i] = static_cast<S>(limit * (2 * rng.Uniform(static_cast<std::uint64_t>(i)) - 1));
  }
}

// Fills a gate with a random orthogonal matrix, uniform over all of them: the Q of the QR
// decomposition of a matrix of normal values, with columns multiplied by the signs of R's diagonal.
// A matrix that is not square gets orthonormal rows or columns, whichever are fewer.
template <typename S>
void FillOrthogonal(const CounterRng& rng, const Gate& gate, S* values) {
  const Index tall = std::max(gate.rows, gate.cols), thin = std::min(gate.rows, gate.cols);
  Eigen::MatrixXd normal(tall, thin);
  for (Index i = 0; i < tall * thin; ++i) {
    normal(i / thin, i % thin) = rng.Normal(static_cast<std::uint64_t>(gate.first() + i));
  }
  const Eigen::HouseholderQR<Eigen::MatrixXd> qr(normal);
  Eigen::MatrixXd q = qr.householderQ() * Eigen::MatrixXd::Identity(tall, thin);
  for (Index c = 0; c < thin; ++c) {
    if (qr.matrixQR()(c, c) < 0) q.col(c) *= -1;
  }
  for (Index r = 0; r < gate.rows; ++r) {
    for (Index c = 0; c < gate.cols; ++c) {
      values[gate.first() + r * gate.cols + c] =
          static_cast<S>(gate.rows >= gate.cols ? q(r, c) : q(c, r));
    }
  }
}

template <typename S>
void FillGate(const Initialiser& how, const CounterRng& rng, const Gate& gate, S* values) {
  switch (how.kind) {
    case Initialiser::Kind::kZero:
      return;
    case Initialiser::Kind::kNormal:
      return FillNormal(rng, gate, how.value, values);
    case Initialiser::Kind::kGlorot:
      return FillGlorot(rng, gate, values);
    case Initialiser::Kind::kOrthogonal:
      return FillOrthogonal(rng, gate, values);
    case Initialiser::Kind::kBlockConstant:
      if (gate.index == how.block) {
        std::fill_n(values + gate.first(), gate.rows * gate.cols, static_cast<S>(how.value));
      }
      return;
  }
}

}  // namespace

ParameterId ParameterLayout::Add(const std::string& name, const std::vector<Index>& shape,
                                 const Initialiser& initialiser) {
  LOCKSTEP_CHECK(shape.size() == 1 || shape.size() == 2);
  LOCKSTEP_CHECK_EQ(shape[0] % initialiser.gates, 0);
  infos_.push_back({name, shape, end_, initialiser, shape.size() == 2});
  end_ = RoundUp(end_ + infos_.back().count(), kAlignmentElements);
  return infos_.size() - 1;
}

Index ParameterLayout::size() const { return RoundUp(end_, kBlockElements); }

Index ParameterLayout::count() const {
  Index count = 0;
  for (const ParameterInfo& info : infos_) count += info.count();
  return count;
}

template <typename S>
void InitialiseParameters(const ParameterLayout& layout, std::uint64_t seed, std::span<S> values) {
  std::fill(values.begin(), values.end(), S{0});
  for (std::size_t id = 0; id < layout.infos().size(); ++id) {
    const ParameterInfo& info = layout[id];
    const CounterRng rng(seed, RandomPurpose::kInitialise, id);
    const Index gates = info.initialiser.gates;
    for (Index g = 0; g < gates; ++g) {
      FillGate(info.initialiser, rng, {g, info.rows() / gates, info.cols()},
               values.data() + info.offset);
    }
  }
}
template void InitialiseParameters<float>(const ParameterLayout&, std::uint64_t, std::span<float>);
template void InitialiseParameters<double>(const ParameterLayout&, std::uint64_t,
                                           std::span<double>);

std::string HashParameters(const ParameterLayout& layout, std::span<const float> values) {
  StreamHash hash;
  for (const ParameterInfo& info : layout.infos()) {
    hash.Add(fmt::format("{} {}\n", info.name, fmt::join(info.shape, " ")));
    hash.Add(std::as_bytes(values.subspan(static_cast<std::size_t>(info.offset),
                                          static_cast<std::size_t>(info.count()))));
  }
  return hash.Hex();
}

}  // namespace lockstep
