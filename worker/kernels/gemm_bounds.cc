// Names of precisions, and bounds of the memory that products take (gemm.h).
#include <algorithm>
#include <array>

#include "base/aligned_buffer.h"
#include "base/error.h"
#include "worker/kernels/gemm.h"
#include "worker/kernels/gemm_amx.h"
#include "worker/kernels/gemm_sizes.h"

namespace lockstep {
namespace {

// The number of values in the widest register of all instruction sets.
template <typename S>
constexpr Index kMostLanes = kAlignmentBytes / static_cast<Index>(sizeof(S));

constexpr std::array<const char*, 3> kPrecisionNames = {"float32", "bf16", "bf16-amx"};

// The neighbouring k that are packed together.
Index GroupOf(Precision precision) {
  switch (precision) {
    case Precision::kFloat32:
      return 1;
    case Precision::kBfloat16:
      return 2;
    case Precision::kBfloat16Amx:
      return kAmxDepth;
  }
  LOCKSTEP_CHECK(false);
}

}  // namespace

std::string PrecisionName(Precision precision) {
  return kPrecisionNames[static_cast<std::size_t>(precision)];
}

Precision PrecisionFromName(const std::string& name) {
  for (std::size_t i = 0; i < kPrecisionNames.size(); ++i) {
    if (name == kPrecisionNames[i]) return static_cast<Precision>(i);
  }
  throw UsageError("numerics.precision is \"{}\"; allowed are float32, bf16 and bf16-amx", name);
}

// Bfloat16 itself needs half of this, but it may be kept as floats.
template <typename S>
Index PackedBytes(Precision precision, Index k, Index n) {
  return Workspace::BytesFor<S>(RoundUp(k, GroupOf(precision)) * RoundUp(n, kMostLanes<S>));
}
template Index PackedBytes<float>(Precision, Index, Index);
template Index PackedBytes<double>(Precision, Index, Index);

template <typename S>
Index MultiplyBytes(Precision precision, Index k) {
  if (precision == Precision::kFloat32) return 0;
  const Index floats = kGemmRowBlock * RoundUp(k, GroupOf(precision));
  const Index units = precision == Precision::kBfloat16Amx ? MultiplyAmxUnits(k) : 0;
  return Workspace::BytesFor<float>(std::max(floats, units));
}
template Index MultiplyBytes<float>(Precision, Index);
template Index MultiplyBytes<double>(Precision, Index);

template <typename S>
Index AddTransposedBytes(Precision precision, Index m, Index n) {
  const Index floats =
      Workspace::BytesFor<S>(kGemmDepth * std::min(m, kGemmLeftBlock)) +
      Workspace::BytesFor<S>(kGemmDepth * std::min(RoundUp(n, kMostLanes<S>), kGemmRightBlock));
  const Index units = precision == Precision::kBfloat16Amx ? AddTransposedAmxUnits(m, n) : 0;
  return std::max(floats, Workspace::BytesFor<float>(units));
}
template Index AddTransposedBytes<float>(Precision, Index, Index);
template Index AddTransposedBytes<double>(Precision, Index, Index);

}  // namespace lockstep
