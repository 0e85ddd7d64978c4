// Walks the instruction sets of this machine within one process. Only gate kernels follow: GEMM's
// instruction set is fixed once a process (torch_parity_test.py starts one for each).
#pragma once

#include <gtest/gtest.h>
#include <hwy/targets.h>

#include "worker/kernels/isa.h"

namespace lockstep {

template <typename Body>
void ForEachIsa(const Body& body) {
  constexpr std::int64_t kTargets[] = {HWY_SSE4, HWY_AVX2, HWY_AVX3};
  const Isa best = DetectIsa();
  for (Isa isa : {Isa::kSse4, Isa::kAvx2, Isa::kAvx512}) {
    if (isa > best) break;
    SCOPED_TRACE(IsaName(isa));
    hwy::SetSupportedTargetsForTest(kTargets[static_cast<int>(isa)]);
    body(isa);
    hwy::SetSupportedTargetsForTest(0);
  }
}

}  // namespace lockstep
