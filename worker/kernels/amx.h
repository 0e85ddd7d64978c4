// Intel's Advanced Matrix Extensions (AMX): whether this process may use their products of bfloat16
// (TDPBF16PS), and what they bring. Sapphire Rapids and later Xeons have them. On other machines,
// products in the order of AMX are computed as floats, with the same bits (gemm_rounded-inl.h).
#pragma once

#include <string>

#include "worker/kernels/isa.h"

namespace lockstep {

// Whether the processor has AMX for bfloat16 and the operating system lets this process use it;
// Linux must be asked for it once per process. All threads get the same answer.
bool HasAmx();

// Whether products in the order of AMX are computed by AMX: where the instruction set in use is
// AVX-512, unless ForbidAmx says otherwise.
bool UsesAmx(Isa isa);

// How many operations AMX computes between registers in the time of one with float32; 0 if `isa`
// leaves only the way of floats. A product that has to wait for memory gains less.
double AmxGain(Isa isa);
// What a gain means, for users: "bf16-amx multiplies up to 16 times as fast as float32 here".
std::string AmxText(double gain);

// For tests and measurements: later products are computed as floats, or by AMX again.
void ForbidAmx(bool forbids);

}  // namespace lockstep
