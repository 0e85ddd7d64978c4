#include "worker/kernels/embedding.h"

#include <algorithm>

#include "worker/kernels/elementwise.h"

namespace lockstep {

template <typename S>
void EmbeddingForward(std::span<const std::int32_t> symbols, Index width, const S* table, S* out) {
  for (std::int32_t symbol : symbols) out = std::copy_n(table + symbol * width, width, out);
}

template <typename S>
void EmbeddingBackward(std::span<const std::int32_t> symbols, Index width, const S* d_out,
                       S* d_table) {
  for (std::int32_t symbol : symbols) {
    AddInPlace(width, d_out, d_table + symbol * width);
    d_out += width;
  }
}

template void EmbeddingForward(std::span<const std::int32_t>, Index, const float*, float*);
template void EmbeddingForward(std::span<const std::int32_t>, Index, const double*, double*);
template void EmbeddingBackward(std::span<const std::int32_t>, Index, const float*, float*);
template void EmbeddingBackward(std::span<const std::int32_t>, Index, const double*, double*);

}  // namespace lockstep
