// LOCKSTEP_CLONES before a function makes the compiler generate one version for each instruction
// set, one of which is chosen at run time. The program is compiled without contraction to fused
// multiply-adds, so all versions give the same bits if the function uses only additions, products,
// quotients and roots, and the source fixes the order of additions. With sanitizers there is one
// version: the choice is made before they are ready, and would crash.
#pragma once

#if defined(__x86_64__) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__) && \
    !defined(__clang__)
#define LOCKSTEP_CLONES __attribute__((target_clones("avx512f", "avx2", "default")))
#else
#define LOCKSTEP_CLONES
#endif
