// Matrix products, all on one register tile of our own. Three forms serve a recurrent network:
//   - rows times a weight matrix that is packed once and used for many rows (Pack, Multiply);
//   - the gradient of a weight matrix, a^T b summed over rows (AddTransposed).
//
// Every element is one chain of fused multiply-adds over k in ascending order that starts at zero
// or at what c held. So its bits depend neither on how many rows a call has, nor on where a row
// stands, nor on how a sum over k is cut into calls; AVX2 and AVX-512 agree, too. With SSE4, which
// has no fused multiply-add, each product is rounded before it is added.
//
// Bfloat16 operands are float operands rounded to nearest even; k goes by pairs (two products added
// to a float sum by one instruction), so there a sum may be cut at even k only.
#pragma once

#include <string>

#include "base/types.h"
#include "base/workspace.h"

namespace lockstep {

enum class Op { kAsIs, kTransposed };

// What operands are rounded to before they are multiplied. Sums, weights and activations are float
// in both; double is for gradient checks and knows kFloat32 only, which leaves it as it is.
enum class Precision { kFloat32, kBfloat16 };
std::string PrecisionName(Precision precision);
Precision PrecisionFromName(const std::string& name);  // UsageError naming the allowed ones

// The right-hand matrix of a product in panels as wide as the register tile, in the workspace.
template <typename S>
struct PackedMatrix {
  Precision precision = Precision::kFloat32;
  Index k = 0;
  Index n = 0;
  const void* panels = nullptr;
};

// op(b) is [k, n]; `ldb` elements lie between the rows of b as stored. Stays in the workspace.
template <typename S>
PackedMatrix<S> Pack(Precision precision, Op op, Index k, Index n, const S* b, Index ldb,
                     Workspace* workspace);

// c = a b, or c += a b when `adds`. a [m, k], c [m, n], row-major with strides. c may not overlap
// a. Leaves the workspace as it was.
template <typename S>
void Multiply(Index m, const S* a, Index lda, const PackedMatrix<S>& b, bool adds, S* c, Index ldc,
              Workspace* workspace);

// c += a^T b: a [k, m], b [k, n], c [m, n], row-major with strides. Negative strides of a and b
// walk their rows upwards, which is the order of k. Leaves the workspace as it was.
template <typename S>
void AddTransposed(Precision precision, Index m, Index n, Index k, const S* a, Index lda,
                   const S* b, Index ldb, S* c, Index ldc, Workspace* workspace);

// Upper bounds of what the above take from the workspace, for any instruction set.
template <typename S>
Index PackedBytes(Index k, Index n);
template <typename S>
Index MultiplyBytes(Precision precision, Index k);
template <typename S>
Index AddTransposedBytes(Index m, Index n);

}  // namespace lockstep
