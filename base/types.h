// Names for the arrays that everybody passes around. Matrices are row-major; time-major where they
// have a time axis. Eigen is met through these aliases and nowhere else under another name.
#pragma once

#include <Eigen/Core>
#include <cstdint>
#include <span>

namespace lockstep {

using Index = std::int64_t;

// Elements [begin, end) of an array.
struct ElementRange {
  Index begin = 0;
  Index end = 0;
  Index count() const { return end - begin; }
  bool operator==(const ElementRange&) const = default;
};

template <typename Scalar>
using Matrix = Eigen::Matrix<Scalar, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
template <typename Scalar>
using MatrixMap = Eigen::Map<Matrix<Scalar>, 0, Eigen::OuterStride<>>;
template <typename Scalar>
using ConstMatrixMap = Eigen::Map<const Matrix<Scalar>, 0, Eigen::OuterStride<>>;

}  // namespace lockstep
