// BLAS's sgemm through oneDNN, to be preloaded into PyTorch. Debian's PyTorch takes sgemm from
// libblas.so.3; with the reference BLAS it computes 5 GFLOP/s where this core can do 100 and more,
// which measures the package choice, not the trainer. With this library both use the same GEMM, and
// what differs is what they do with it.
#include <dnnl.h>

#include <cstdlib>

// BLAS is column-major, oneDNN row-major: C = A B there is C^T = B^T A^T here.
extern "C" void sgemm_(const char* trans_a, const char* trans_b, const int* m, const int* n,
                       const int* k, const float* alpha, const float* a, const int* lda,
                       const float* b, const int* ldb, const float* beta, float* c,
                       const int* ldc) {
  if (*m == 0 || *n == 0) return;
  const dnnl_status_t status =
      dnnl_sgemm(*trans_b, *trans_a, *n, *m, *k, *alpha, b, *ldb, a, *lda, *beta, c, *ldc);
  if (status != dnnl_success) std::abort();
}
