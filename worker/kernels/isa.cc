#include "worker/kernels/isa.h"

#include <hwy/targets.h>

#include <array>

#include "base/error.h"

namespace lockstep {
namespace {

constexpr std::array<const char*, 3> kNames = {"sse4", "avx2", "avx512"};

}  // namespace

std::string IsaName(Isa isa) { return kNames[static_cast<std::size_t>(isa)]; }

Isa IsaFromName(const std::string& name) {
  for (std::size_t i = 0; i < kNames.size(); ++i) {
    if (name == kNames[i]) return static_cast<Isa>(i);
  }
  throw UsageError("numerics.isa is \"{}\"; allowed are auto, sse4, avx2 and avx512", name);
}

bool SameBits(Isa a, Isa b) { return (a == Isa::kSse4) == (b == Isa::kSse4); }

Isa DetectIsa() {
  const auto targets = hwy::SupportedTargets();
  if (targets & HWY_AVX3) return Isa::kAvx512;
  if (targets & HWY_AVX2) return Isa::kAvx2;
  return Isa::kSse4;
}

void SelectIsa(Isa isa) {
  const auto supported = hwy::SupportedTargets();
  std::int64_t disabled = HWY_SSSE3 | HWY_AVX3_DL;
  if (isa < Isa::kAvx512) disabled |= HWY_AVX3;
  if (isa < Isa::kAvx2) disabled |= HWY_AVX2;
  hwy::SetSupportedTargetsForTest(supported & ~disabled);
}

bool HasBfloat16() {
#if defined(__x86_64__)
  return __builtin_cpu_supports("avx512bf16") != 0;
#else
  return false;
#endif
}

}  // namespace lockstep
