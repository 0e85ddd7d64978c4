// The one seam through which matrices are multiplied. float goes to oneDNN's sgemm, which picks its
// instruction set at run time; double, for gradient checks, goes to Eigen.
#pragma once

#include "base/types.h"

namespace lockstep {

enum class Op { kAsIs, kTransposed };

// C = op(A) op(B) + beta C; op(A) is [m, k], op(B) is [k, n], C is [m, n]. Row-major; `lda` and the
// others are elements from one row as stored to the next. beta 0 sets C, whatever it held. The bits
// depend on the sizes alone (one thread, see PrepareKernelThread). C may not overlap A or B.
template <typename S>
void Gemm(Op op_a, Op op_b, Index m, Index n, Index k, const S* a, Index lda, const S* b, Index ldb,
          S beta, S* c, Index ldc);

}  // namespace lockstep
