// Subnormal floats as zero, for a time. VDPBF16PS takes subnormal operands and sums as zero,
// whatever the settings of the processor are; other instructions do so only if they are told to.
#pragma once

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace lockstep {

// While an object lives, floating-point instructions of its thread take subnormal operands as zero
// and give zero for subnormal results (DAZ and FTZ of MXCSR). The former settings come back at its
// end. The compiler does not know that arithmetic depends on MXCSR, but it moves no access to
// memory over the borders that are set here; so what is loaded and stored between them is computed
// between them. Without effect on processors other than x86-64.
class SubnormalsAreZero {
 public:
#if defined(__x86_64__)
  SubnormalsAreZero() : former_(_mm_getcsr()) { Set(former_ | kFlags); }
  ~SubnormalsAreZero() { Set(former_); }
#else
  SubnormalsAreZero() {}
  ~SubnormalsAreZero() {}
#endif
  SubnormalsAreZero(const SubnormalsAreZero&) = delete;
  SubnormalsAreZero& operator=(const SubnormalsAreZero&) = delete;

#if defined(__x86_64__)
 private:
  static constexpr unsigned kFlags = 0x8040;  // FTZ, DAZ
  static void Set(unsigned settings) {
    __asm__ volatile("" ::: "memory");
    _mm_setcsr(settings);
    __asm__ volatile("" ::: "memory");
  }
  unsigned former_;
#endif
};

}  // namespace lockstep
