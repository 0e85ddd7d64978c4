#include "launch/frame/build_facts.h"

#include <fmt/format.h>

#include "launch/frame/version.h"
#include "worker/comm/mpi_facts.h"
#include "worker/kernels/isa.h"

namespace lockstep {

std::string VersionText() {
  const Isa best = DetectIsa();
  const bool has_bf16 = HasBfloat16() && best == Isa::kAvx512;
  return fmt::format(
      "lockstep {}\n"
      "libraries: {}, {}\n"
      "instruction sets: {}, {} and {}; this machine has {}\n"
      "precision: float32 and bf16; this machine has {}\n",
      kVersion, FindMpiFacts().library, LOCKSTEP_LIBRARIES, IsaName(Isa::kSse4),
      IsaName(Isa::kAvx2), IsaName(Isa::kAvx512), IsaName(best),
      has_bf16 ? "both" : "float32 only, because bf16 needs AVX512_BF16");
}

}  // namespace lockstep
