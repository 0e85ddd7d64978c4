// LOCKSTEP_CLONES before a function: the compiler makes one version for each instruction set and
// picks at run time. With contraction off every version rounds alike as long as the source fixes
// the order of additions: only additions, products, quotients and roots.
#pragma once

#if defined(__x86_64__) && !defined(__SANITIZE_ADDRESS__) && !defined(__clang__)
#define LOCKSTEP_CLONES __attribute__((target_clones("avx512f", "avx2", "default")))
#else
#define LOCKSTEP_CLONES
#endif
