#include "worker/kernels/gemm.h"

#include <dnnl.h>

#include "base/error.h"

namespace lockstep {
namespace {

template <typename S>
void Scale(Index m, Index n, S beta, S* c, Index ldc) {
  MatrixMap<S> map_c(c, m, n, Eigen::OuterStride<>(ldc));
  if (beta == 0) map_c.setZero();  // whatever it held, not-a-number too
  if (beta != 0 && beta != 1) map_c *= beta;
}

}  // namespace

template <>
void Gemm<float>(Op op_a, Op op_b, Index m, Index n, Index k, const float* a, Index lda,
                 const float* b, Index ldb, float beta, float* c, Index ldc) {
  if (m == 0 || n == 0) return;
  if (k == 0) return Scale(m, n, beta, c, ldc);  // oneDNN refuses the strides of empty matrices
  const auto letter = [](Op op) { return op == Op::kAsIs ? 'N' : 'T'; };
  const dnnl_status_t status =
      dnnl_sgemm(letter(op_a), letter(op_b), m, n, k, 1.0f, a, lda, b, ldb, beta, c, ldc);
  LOCKSTEP_CHECK_EQ(static_cast<int>(status), static_cast<int>(dnnl_success));
}

template <>
void Gemm<double>(Op op_a, Op op_b, Index m, Index n, Index k, const double* a, Index lda,
                  const double* b, Index ldb, double beta, double* c, Index ldc) {
  if (m == 0 || n == 0) return;
  const auto map = [](const double* p, Op op, Index rows, Index cols, Index ld) {
    if (op == Op::kTransposed) std::swap(rows, cols);
    return ConstMatrixMap<double>(p, rows, cols, Eigen::OuterStride<>(ld));
  };
  const auto map_a = map(a, op_a, m, k, lda), map_b = map(b, op_b, k, n, ldb);
  MatrixMap<double> map_c(c, m, n, Eigen::OuterStride<>(ldc));
  Scale(m, n, beta, c, ldc);
  if (op_a == Op::kAsIs && op_b == Op::kAsIs) map_c.noalias() += map_a * map_b;
  if (op_a == Op::kAsIs && op_b == Op::kTransposed) map_c.noalias() += map_a * map_b.transpose();
  if (op_a == Op::kTransposed && op_b == Op::kAsIs) map_c.noalias() += map_a.transpose() * map_b;
  if (op_a == Op::kTransposed && op_b == Op::kTransposed) {
    map_c.noalias() += map_a.transpose() * map_b.transpose();
  }
}

}  // namespace lockstep
