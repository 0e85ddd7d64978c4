// What of checkpoint_average.h needs one checkpoint alone: its running average, and what the state
// of a mean says. Apart from the rest, which knows all ranks, for programs that only read models.
#include <filesystem>

#include "base/error.h"
#include "base/text.h"
#include "trainer/save/checkpoint_average.h"
#include "trainer/save/state_arrays.h"
#include "trainer/step/optimizer.h"

namespace lockstep {

namespace fs = std::filesystem;

std::string AveragePath(const std::string& folder) {
  return (fs::path(folder) / "average.h5").string();
}

void TakeRunningAverage(const std::string& file, const ParameterLayout& layout,
                        CheckpointContent* content) {
  TrainingState state = StateFromJson(content->state, file);
  const auto kind = state.config.find("train.average_weights");
  CheckpointContent average;
  for (const ParameterInfo& info : layout.infos()) {
    const auto found = content->arrays.find(MomentName(kAverageMoment, info.name));
    if (found == content->arrays.end() || kind == state.config.end()) {
      throw BadData("{}: holds no running average of \"{}\"; train with train.average_weights",
                    file, info.name);
    }
    average.arrays[info.name] = std::move(found->second);
  }
  state.averaged_by = kind->second;
  state.averaged_steps = {state.step};
  state.parameters_hash.clear();
  state.metrics_bytes = 0;  // differs between runs that are otherwise alike
  average.state = StateToJson(state);
  *content = std::move(average);
}

bool AverageHasBegun(const TrainingState& state) {
  const auto kind = AverageName(AverageKind::kMeanOnPlateau);
  if (state.averaged_by == kind) return state.average.from >= 0;
  if (state.averaged_by != AverageName(AverageKind::kMean)) return true;
  const auto key = state.config.find("train.average_from");
  Index from = 0;
  return key == state.config.end() || !ReadNumber(key->second, &from) || state.updates > from;
}

std::string DescribeAverage(const TrainingState& state) {
  const std::vector<Index>& steps = state.averaged_steps;
  if (!state.averaged_by.empty()) {
    return fmt::format(
        "the running average ({}) at step {}{}", state.averaged_by, steps.back(),
        AverageHasBegun(state)
            ? ""
            : ", which had not begun by then: these are the parameters of that step");
  }
  if (steps.size() < 2) return fmt::format("the mean of step {}", fmt::join(steps, ", "));
  return fmt::format("the mean of steps {} and {}", fmt::join(steps.begin(), steps.end() - 1, ", "),
                     steps.back());
}

}  // namespace lockstep
