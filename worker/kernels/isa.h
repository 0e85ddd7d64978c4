// The instruction set that the kernels use. It is chosen at run time. All ranks must use one that
// gives the same bits: results differ with and without fused multiply-add.
#pragma once

#include <string>

namespace lockstep {

enum class Isa { kSse4 = 0, kAvx2 = 1, kAvx512 = 2 };

std::string IsaName(Isa isa);
// UsageError for an unknown name.
Isa IsaFromName(const std::string& name);

// True if both give the same bits; all sets with fused multiply-add do.
bool SameBits(Isa a, Isa b);

// The best instruction set of this machine that the kernels support.
Isa DetectIsa();

// Makes all kernels use `isa`. May be called once per process, before the first kernel runs.
void SelectIsa(Isa isa);

// Whether the processor has AVX512_BF16, which products may use (bfloat16_route.h).
bool HasBfloat16();

}  // namespace lockstep
