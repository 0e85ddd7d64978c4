// The parameters of another run, with which a new run starts instead of random ones.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "base/aligned_buffer.h"
#include "worker/params/parameter_layout.h"

namespace lockstep {

struct StartValues {
  std::string path;                  // of the checkpoint, for messages
  std::vector<ParameterInfo> infos;  // where each parameter lies in `values`
  AlignedBuffer<float> values;
};

// Copies every parameter that has the same name and shape in both models, and leaves the others as
// they are, such as those of the last layer, when the classes are others. Returns the names of
// those that were left. UsageError if nothing can be copied.
std::vector<std::string> CopyStartValues(const StartValues& start, const ParameterLayout& layout,
                                         std::span<float> values);

}  // namespace lockstep
