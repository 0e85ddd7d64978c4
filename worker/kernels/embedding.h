// Embedding: looks up one row of a table for each symbol.
#pragma once

#include <span>

#include "base/types.h"

namespace lockstep {

// out[row] = table[symbols[row]]; table [V, E], out [rows, E].
template <typename S>
void EmbeddingForward(std::span<const std::int32_t> symbols, Index width, const S* table, S* out);

// d_table[symbols[row]] += d_out[row], rows in ascending order.
template <typename S>
void EmbeddingBackward(std::span<const std::int32_t> symbols, Index width, const S* d_out,
                       S* d_table);

}  // namespace lockstep
