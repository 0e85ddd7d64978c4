// How products with bfloat16 operands (gemm.h) are computed on this machine. In each pair of
// neighbouring k (0 and 1, 2 and 3, ...) the odd one is added first, and subnormal operands and
// sums count as zero. There are two ways, and they give the same bits:
//   pairs    VDPBF16PS adds two products of bfloat16 to a sum; needs AVX512_BF16;
//   rounded  operands are rounded to bfloat16 and kept as floats, and multiplied as floats. On SSE4
//            without fused multiply-add, too, since a product of two bfloat16 is exact in a float;
//            only sums below 2^-102 and products that overflow may have other bits then.
// Which one is faster depends on the processor: per cycle, Intel Emerald Rapids computes half as
// many operations by VDPBF16PS as by multiply-adds of floats, AMD Zen 5 twice as many. So the first
// question is answered by a measurement of about 1 ms.
#pragma once

#include <string>

#include "worker/kernels/isa.h"

namespace lockstep {

// Whether products go by pairs where the instruction set in use is AVX-512. All threads get the
// same answer; ranks may get different ones.
bool PairsAreFaster();

// How many operations with bf16 the processor computes in the time of one with float32, without any
// access to memory; 1 if `isa` leaves only the way of floats.
double Bfloat16Gain(Isa isa);
// What a gain means, for users: "bf16 computes at the speed of float32 here".
std::string Bfloat16Text(double gain);

// For tests and measurements: all later products go by pairs, or none does. True needs
// HasBfloat16().
void ForcePairs(bool pairs);

}  // namespace lockstep
