// The instruction set that kernels run on. It is picked at run time, and all ranks run on the same
// one: fused multiply-add is part of the bits.
#pragma once

#include <string>

namespace lockstep {

enum class Isa { kSse4 = 0, kAvx2 = 1, kAvx512 = 2 };

std::string IsaName(Isa isa);
// Throws UsageError on an unknown name.
Isa IsaFromName(const std::string& name);

// Whether both give the same bits: all that have fused multiply-add do.
bool SameBits(Isa a, Isa b);

// The best one of this machine that kernels know.
Isa DetectIsa();

// Caps all kernels at `isa`. Once a process, before the first kernel runs.
void SelectIsa(Isa isa);

// Whether products with bfloat16 operands (gemm.h) can run here: AVX512_BF16.
bool HasBfloat16();

}  // namespace lockstep
