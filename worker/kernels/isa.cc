#include "worker/kernels/isa.h"

#include <dnnl.h>
#include <hwy/targets.h>
#include <omp.h>

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
  const dnnl_cpu_isa_t caps[] = {dnnl_cpu_isa_sse41, dnnl_cpu_isa_avx2, dnnl_cpu_isa_avx512_core};
  const dnnl_cpu_isa_t cap = caps[static_cast<std::size_t>(isa)];
  dnnl_set_max_cpu_isa(cap);
  // A call after the first product is refused; this rank would differ from the others in bits.
  LOCKSTEP_CHECK_EQ(static_cast<int>(dnnl_get_effective_cpu_isa()), static_cast<int>(cap));
}

void PrepareKernelThread() { omp_set_num_threads(1); }

}  // namespace lockstep
