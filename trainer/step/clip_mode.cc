// The names of ClipMode (gradient_clip.h), for configurations; apart from the clip itself, which
// knows all ranks.
#include <array>

#include "base/error.h"
#include "trainer/step/gradient_clip.h"

namespace lockstep {
namespace {

constexpr std::array<const char*, 3> kNames = {"off", "fixed", "adaptive"};

}  // namespace

std::string ClipModeName(ClipMode mode) { return kNames[static_cast<std::size_t>(mode)]; }

ClipMode ClipModeFromName(const std::string& name) {
  for (std::size_t i = 0; i < kNames.size(); ++i) {
    if (name == kNames[i]) return static_cast<ClipMode>(i);
  }
  throw UsageError("clip.mode is \"{}\"; allowed are off, fixed and adaptive", name);
}

}  // namespace lockstep
