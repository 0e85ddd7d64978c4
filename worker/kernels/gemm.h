// Matrix products. A recurrent network needs them in two forms:
//   - rows times a weight matrix, which is packed once and used for many rows (Pack, Multiply);
//   - the gradient of a weight matrix, a^T b summed over rows (AddTransposed).
//
// Every element of c is computed by one chain of fused multiply-adds over k in ascending order,
// which starts at zero or at the old value of c. So its bits do not depend on the number of rows of
// a call, on the position of a row, or on whether a sum over k is divided between several calls;
// AVX2 and AVX-512 give the same bits, too. SSE4 has no fused multiply-add, so there each product
// is rounded before it is added, and the bits differ.
//
// With bfloat16, operands are floats rounded to nearest even, and sums have the order of an
// instruction: VDPBF16PS adds the odd one of each pair of neighbouring k first (bfloat16_route.h);
// TDPBF16PS of AMX adds up the even and the odd k of each 32 neighbouring k apart (amx.h). So a sum
// may only be divided between such pairs or blocks.
#pragma once

#include <string>

#include "base/types.h"
#include "base/workspace.h"

namespace lockstep {

enum class Op { kAsIs, kTransposed };

// The type that operands are rounded to before they are multiplied. Sums, weights and activations
// are float with any. Products of double, which serve gradient checks, take kFloat32 only and
// are not rounded.
enum class Precision { kFloat32, kBfloat16, kBfloat16Amx };
std::string PrecisionName(Precision precision);
Precision PrecisionFromName(const std::string& name);  // UsageError that lists the allowed names

// The right-hand matrix [k, n] of a product, copied into panels of columns as wide as the register
// tile. The panels are in the workspace.
template <typename S>
struct PackedMatrix {
  Precision precision = Precision::kFloat32;
  Index k = 0;
  Index n = 0;
  const void* panels = nullptr;
};

// Whether Pack keeps operands of this precision as floats that are rounded to bfloat16, in the
// panels of float32 and in the order of pairs (bfloat16_route.h).
bool KeepsRoundedFloats(Precision precision);

// Packs op(b), which is [k, n]; `ldb` is the number of elements from one stored row of b to the
// next. The result stays in the workspace.
template <typename S>
PackedMatrix<S> Pack(Precision precision, Op op, Index k, Index n, const S* b, Index ldb,
                     Workspace* workspace);

// The order in which a product goes through the columns of its right side, which changes no bit.
enum class PanelOrder { kAscending, kDescending };

// c = a b, or c += a b if `adds`. a [m, k], c [m, n], row-major with strides lda and ldc. c may not
// overlap a. Returns to the workspace what it takes. `order` is a wish that only AMX fulfils
// (row_product.h says what it is good for).
template <typename S>
void Multiply(Index m, const S* a, Index lda, const PackedMatrix<S>& b, bool adds, S* c, Index ldc,
              Workspace* workspace, PanelOrder order = PanelOrder::kAscending);

// c += a^T b with a [k, m], b [k, n], c [m, n], row-major with strides. With negative lda and ldb,
// k goes through the rows of a and b from the last to the first. Returns to the workspace what it
// takes.
template <typename S>
void AddTransposed(Precision precision, Index m, Index n, Index k, const S* a, Index lda,
                   const S* b, Index ldb, S* c, Index ldc, Workspace* workspace);

// Upper bounds of the bytes that Pack, Multiply and AddTransposed take from the workspace, for any
// instruction set.
template <typename S>
Index PackedBytes(Precision precision, Index k, Index n);
template <typename S>
Index MultiplyBytes(Precision precision, Index k);
template <typename S>
Index AddTransposedBytes(Precision precision, Index m, Index n);

}  // namespace lockstep
