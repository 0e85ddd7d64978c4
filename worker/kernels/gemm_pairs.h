// The products of gemm.h with operands rounded to bfloat16, by VDPBF16PS (bfloat16_route.h).
// Internal to gemm.cc. May only be called if HasBfloat16() (isa.h) is true; on other processors
// they end the process.
#pragma once

#include "base/workspace.h"
#include "worker/kernels/gemm.h"

namespace lockstep {

const std::uint32_t* PackPairs(Op op, Index k, Index n, const float* b, Index ldb,
                               Workspace* workspace);
void MultiplyPairs(Index m, Index n, Index k, const float* a, Index lda,
                   const std::uint32_t* packed, bool adds, float* c, Index ldc,
                   Workspace* workspace);
void AddTransposedPairs(Index m, Index n, Index k, const float* a, Index lda, const float* b,
                        Index ldb, float* c, Index ldc, Workspace* workspace);

}  // namespace lockstep
