// Implements BLAS's sgemm by oneDNN; to be preloaded into PyTorch. Debian's PyTorch uses the sgemm
// of libblas.so.3. With the reference BLAS it reaches 5 GFLOP/s on a core that can do 100 and more,
// so a comparison would measure the choice of packages, not the trainer. With this library, both
// use the same GEMM, and only what they do with it differs.
#include <dnnl.h>

#include <cstdlib>

// BLAS is column-major and oneDNN row-major, so C = A B of BLAS is C^T = B^T A^T for oneDNN.
extern "C" void sgemm_(const char* trans_a, const char* trans_b, const int* m, const int* n,
                       const int* k, const float* alpha, const float* a, const int* lda,
                       const float* b, const int* ldb, const float* beta, float* c,
                       const int* ldc) {
  if (*m == 0 || *n == 0) return;
  const dnnl_status_t status =
      dnnl_sgemm(*trans_b, *trans_a, *n, *m, *k, *alpha, b, *ldb, a, *lda, *beta, c, *ldc);
  if (status != dnnl_success) std::abort();
}
