// Products with a right-hand matrix that is used many times: recurrent weights, once a time step.
// The matrix is packed once into panels as wide as a register tile; the product then reads memory
// in order and needs no copy of its own, which at the sizes of a time step costs as much as the
// product.
//
// Every element is one sum over k in ascending order, so a row's result depends neither on how many
// rows there are nor on where it stands.
#pragma once

#include "base/types.h"
#include "worker/kernels/gemm.h"

namespace lockstep {

// Elements that a packed [k, n] matrix takes at most, for any instruction set.
template <typename S>
Index PackedElements(Index k, Index n);

// op(b) is [k, n]; `ldb` elements lie between the rows of b as stored. `packed` is 64-byte aligned.
template <typename S>
void Pack(Op op, Index k, Index n, const S* b, Index ldb, S* packed);

// c = a b, or c += a b when `adds`. a [m, k], c [m, n], row-major with strides; b packed. c may not
// overlap a.
template <typename S>
void MultiplyPacked(Index m, Index n, Index k, const S* a, Index lda, const S* packed, bool adds,
                    S* c, Index ldc);

}  // namespace lockstep
