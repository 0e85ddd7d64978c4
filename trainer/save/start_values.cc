#include "trainer/save/start_values.h"

#include <algorithm>

#include "base/error.h"

namespace lockstep {

std::vector<std::string> CopyStartValues(const StartValues& start, const ParameterLayout& layout,
                                         std::span<float> values) {
  std::vector<std::string> left;
  for (const ParameterInfo& info : layout.infos()) {
    const auto found =
        std::find_if(start.infos.begin(), start.infos.end(), [&](const ParameterInfo& other) {
          return other.name == info.name && other.shape == info.shape;
        });
    if (found == start.infos.end()) {
      left.push_back(info.name);
    } else {
      std::copy_n(start.values.data() + found->offset, info.count(), values.data() + info.offset);
    }
  }
  if (left.size() < layout.infos().size()) return left;
  throw UsageError(
      "train.start_from: no parameter of {} has the name and shape of one of this model; set the "
      "keys of model.* as in that run, but for those of the head",
      start.path);
}

}  // namespace lockstep
