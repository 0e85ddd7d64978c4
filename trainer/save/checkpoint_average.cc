#include "trainer/save/checkpoint_average.h"

#include <algorithm>
#include <filesystem>

#include "base/aligned_buffer.h"
#include "base/error.h"
#include "base/log.h"
#include "trainer/save/checkpointer.h"
#include "trainer/save/state_arrays.h"

namespace lockstep {
namespace {

namespace fs = std::filesystem;

// A parameter has no '/' in its name; moments and carried states have.
bool IsParameter(const std::string& name) { return name.find('/') == std::string::npos; }

class ParameterSum {
 public:
  // The first checkpoint says which parameters there are.
  void Add(const LoadedCheckpoint& loaded) {
    const std::string& path = loaded.entry.path;
    if (steps_.empty()) Begin(loaded);
    std::size_t parameters = 0;
    for (const auto& [name, array] : loaded.content.arrays) {
      if (!IsParameter(name)) continue;
      ++parameters;
      AddArray(name, array, path);
    }
    if (parameters != mean_.arrays.size()) {
      throw BadData("{}: has {} parameter arrays, {} has {}; the two are of different models", path,
                    parameters, first_path_, mean_.arrays.size());
    }
    steps_.push_back(loaded.entry.step);
  }

  CheckpointContent Mean() && {
    for (auto& [name, array] : mean_.arrays) {
      auto* const means = reinterpret_cast<float*>(array.values.data());
      const std::vector<double>& sum = sums_.at(name);
      const auto count = static_cast<double>(steps_.size());
      for (std::size_t i = 0; i < sum.size(); ++i) means[i] = static_cast<float>(sum[i] / count);
    }
    TrainingState state = StateFromJson(mean_.state, first_path_);
    state.averaged_steps = steps_;
    state.parameters_hash.clear();
    state.metrics_bytes = 0;  // differs between runs that are otherwise alike
    mean_.state = StateToJson(state);
    return std::move(mean_);
  }

  const std::vector<Index>& steps() const { return steps_; }

 private:
  void Begin(const LoadedCheckpoint& loaded) {
    first_path_ = loaded.entry.path;
    mean_.state = loaded.content.state;
    for (const auto& [name, array] : loaded.content.arrays) {
      if (!IsParameter(name)) continue;
      mean_.arrays[name] = array;
      sums_[name].assign(array.as<float>().size(), 0);
    }
  }

  void AddArray(const std::string& name, const StoredArray& array, const std::string& path) {
    const auto found = mean_.arrays.find(name);
    const bool same = found != mean_.arrays.end() && array.type == ElementType::kFloat32 &&
                      found->second.type == array.type && found->second.shape == array.shape;
    if (!same) {
      throw BadData("{}: parameter \"{}\" is {} [{}], in {} it is {}; the two cannot be averaged",
                    path, name, ElementName(array.type), fmt::join(array.shape, ", "), first_path_,
                    found == mean_.arrays.end()
                        ? "missing"
                        : fmt::format("{} [{}]", ElementName(found->second.type),
                                      fmt::join(found->second.shape, ", ")));
    }
    const std::span<const float> values = array.as<float>();
    std::vector<double>& sum = sums_.at(name);
    for (std::size_t i = 0; i < sum.size(); ++i) sum[i] += static_cast<double>(values[i]);
  }

  std::string first_path_;
  CheckpointContent mean_;  // state and arrays of the first checkpoint until Mean
  std::map<std::string, std::vector<double>> sums_;
  std::vector<Index> steps_;
};

TrainingState WriteMean(const std::string& folder, const ParameterLayout& layout,
                        TrainingState state, std::span<const float> values,
                        FunctionRef<void()> before_commit) {
  state.parameters_hash = HashParameters(layout, values);
  std::vector<ArrayView> views;
  AddViews(layout, "", values.data(), &views);
  ReplaceCheckpoint(AveragePath(folder), BuildCheckpoint(StateToJson(state), views), before_commit);
  return state;
}

}  // namespace

LoadedCheckpoint LoadAverage(const std::string& folder, Index count,
                             FunctionRef<bool(Index step)> takes, const DamageReport& on_damaged) {
  ParameterSum sum;
  CheckpointEntry newest;
  for (const CheckpointEntry& entry : ListCheckpoints(folder)) {
    if (static_cast<Index>(sum.steps().size()) == count) break;
    if (!takes(entry.step)) continue;
    LoadedCheckpoint loaded{entry, {}};
    try {
      loaded.content = ReadCheckpoint(entry.path);
      CheckStepOfName(entry, StateFromJson(loaded.content.state, entry.path));
    } catch (const NewerFormatError&) {
      throw;
    } catch (const InputError& error) {
      if (fs::exists(fs::symlink_status(entry.path))) on_damaged(entry, error.what());
      continue;  // a run that goes on deletes old ones meanwhile
    }
    if (sum.steps().empty()) newest = entry;
    sum.Add(loaded);
  }
  if (static_cast<Index>(sum.steps().size()) < count) {
    throw MissingInput(
        "cannot average {} checkpoints: {} has {} that serve{}{}; average fewer, or train with "
        "train.average = {}, which keeps as many",
        count, folder, sum.steps().size(), sum.steps().empty() ? "" : ", of steps ",
        fmt::join(sum.steps(), ", "), count);
  }
  return {newest, std::move(sum).Mean()};
}

// A mean of other checkpoints would be another model than a run without disturbance makes.
std::vector<Index> StepsOfAverage(const std::string& folder, Index count, Index every, Index end) {
  std::vector<Index> steps;
  for (Index step = end; std::ssize(steps) < count && step > 0; step = (step - 1) / every * every)
    steps.push_back(step);
  for (const Index step : steps) {
    if (fs::exists(CheckpointPath(folder, step))) continue;
    throw MissingInput(
        "the checkpoint of step {} is missing in {}, and the mean is that of steps {} (multiples "
        "of "
        "checkpoint.every, and the end); "
        "--average N of evaluate and predict takes the newest N that are there",
        step, folder, fmt::join(steps, ", "));
  }
  return steps;
}

TrainingState WriteAverage(const std::string& folder, const ParameterLayout& layout, Index count,
                           Index every, Index end, FunctionRef<void()> before_commit) {
  const auto report = [](const CheckpointEntry& entry, const std::string& why) {
    LogWarning("checkpoint {} is damaged and not averaged: {}", entry.path, why);
  };
  const std::vector<Index> steps = StepsOfAverage(folder, count, every, end);
  if (std::ssize(steps) < count) {
    throw MissingInput(
        "train.average is {}, but {} steps with a checkpoint every {} (checkpoint.every) made only "
        "{}: save more often, or evaluate with --average {}",
        count, end, every, steps.size(), steps.size());
  }
  const auto takes = [&](Index step) { return std::ranges::count(steps, step) > 0; };
  const LoadedCheckpoint mean = LoadAverage(folder, count, takes, report);
  AlignedBuffer<float> values(layout.size());
  RestoreParameters(mean.content, mean.entry.path, layout, values.span());
  return WriteMean(folder, layout, StateFromJson(mean.content.state, mean.entry.path),
                   values.span(), before_commit);
}

TrainingState WriteRunningAverage(const std::string& folder, const ParameterLayout& layout,
                                  Index end, FunctionRef<void()> before_commit) {
  const std::string path = CheckpointPath(folder, end);
  AlignedBuffer<float> values(layout.size());
  TrainingState state;
  {
    CheckpointContent content = ReadCheckpoint(path);
    TakeRunningAverage(path, layout, &content);
    RestoreParameters(content, path, layout, values.span());
    state = StateFromJson(content.state, path);
  }
  return WriteMean(folder, layout, std::move(state), values.span(), before_commit);
}

bool HasAverageOf(const std::string& folder, Index step, Index count, const std::string& kind) {
  const std::string path = AveragePath(folder);
  try {
    const TrainingState state = StateFromJson(VerifyCheckpoint(path), path);
    return state.step == step && state.averaged_by == kind &&
           std::ssize(state.averaged_steps) == std::max<Index>(1, count);
  } catch (const NewerFormatError&) {
    throw;
  } catch (const InputError&) {
    return false;
  }
}

void RemoveAverage(const std::string& folder, FunctionRef<void()> before_delete) {
  const std::string path = AveragePath(folder);
  std::error_code error;
  if (!fs::exists(path, error)) return;
  before_delete();
  fs::remove(path, error);
  if (error) {
    throw IoError(fmt::format("cannot delete {}: {}; delete it by hand", path, error.message()));
  }
}

}  // namespace lockstep
