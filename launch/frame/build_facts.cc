#include "launch/frame/build_facts.h"

#include <fmt/format.h>

#include "launch/frame/version.h"
#include "worker/comm/mpi_facts.h"
#include "worker/kernels/amx.h"
#include "worker/kernels/bfloat16_route.h"
#include "worker/kernels/isa.h"

namespace lockstep {

std::string VersionText() {
  const Isa best = DetectIsa();
  return fmt::format(
      "lockstep {}\n"
      "libraries: {}, {}\n"
      "instruction sets: {}, {} and {}; this machine has {}\n"
      "precision: float32, bf16 and bf16-amx; {}; {}\n",
      kVersion, FindMpiFacts().library, LOCKSTEP_LIBRARIES, IsaName(Isa::kSse4),
      IsaName(Isa::kAvx2), IsaName(Isa::kAvx512), IsaName(best), Bfloat16Text(Bfloat16Gain(best)),
      AmxText(AmxGain(best)));
}

}  // namespace lockstep
