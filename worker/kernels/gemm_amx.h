// The products of gemm.h with operands rounded to bfloat16, in the order and by the instructions of
// AMX (amx.h). Internal to gemm.cc. May only be called if HasAmx() is true; on other processors
// they end the process.
#pragma once

#include "base/workspace.h"
#include "worker/kernels/gemm.h"

namespace lockstep {

const std::uint32_t* PackAmx(Op op, Index k, Index n, const float* b, Index ldb,
                             Workspace* workspace);
void MultiplyAmx(Index m, Index n, Index k, const float* a, Index lda, const std::uint32_t* packed,
                 bool adds, float* c, Index ldc, Workspace* workspace, PanelOrder order);
void AddTransposedAmx(Index m, Index n, Index k, const float* a, Index lda, const float* b,
                      Index ldb, float* c, Index ldc, Workspace* workspace);

// Bounds of what these take from the workspace, in units of 4 bytes.
Index MultiplyAmxUnits(Index k);
Index AddTransposedAmxUnits(Index m, Index n);

}  // namespace lockstep
