#include "launch/run/best_checkpoint.h"

#include <filesystem>

#include "base/error.h"
#include "base/log.h"
#include "trainer/save/checkpoint_average.h"

namespace lockstep {

void WarnOfDamage(const CheckpointEntry& entry, const std::string& why) {
  LogWarningOnce(fmt::format("checkpoint {} is damaged and skipped: {}", entry.path, why));
}

// In two steps: GCC 12 destroys the path twice when the second member of an aggregate throws.
LoadedCheckpoint LoadFile(const std::string& path) {
  LoadedCheckpoint loaded{{0, path}, {}};
  loaded.content = ReadCheckpoint(path);
  loaded.entry.step = StateFromJson(loaded.content.state, path).step;
  return loaded;
}

LoadedCheckpoint LoadWrittenAverage(const std::string& folder) {
  const std::string path = AveragePath(folder);
  if (!std::filesystem::exists(path)) {
    throw MissingInput(
        "{}: there is no such file; training writes it at its end if train.average or "
        "train.average_weights is set; "
        "--average N takes the mean of the newest N checkpoints",
        path);
  }
  return LoadFile(path);
}

LoadedCheckpoint LoadNewest(const std::string& folder, const DamageReport& report) {
  const bool has_mean = std::filesystem::exists(AveragePath(folder));
  try {
    std::optional<LoadedCheckpoint> loaded = LoadNewestValid(folder, report);
    if (loaded) return std::move(*loaded);
  } catch (const NewerFormatError&) {
    throw;
  } catch (const InputError&) {  // all are damaged
    if (!has_mean) throw;
  }
  if (has_mean) return LoadWrittenAverage(folder);
  throw MissingInput("no checkpoint in {}; train the run first", folder);
}

LoadedCheckpoint LoadBest(const std::string& folder) {
  LoadedCheckpoint newest = LoadNewest(folder);
  const TrainingState state = StateFromJson(newest.content.state, newest.entry.path);
  const bool is_mean = !state.averaged_steps.empty();
  if (is_mean || !state.has_best || state.best_step == state.step) return newest;
  const std::string path = CheckpointPath(folder, state.best_step);
  std::string problem = "is not there";
  if (std::filesystem::exists(path)) {
    try {
      return LoadFile(path);
    } catch (const NewerFormatError&) {
      throw;
    } catch (const InputError& error) {
      problem = fmt::format("cannot be read ({})", error.what());
    }
  }
  LogWarning("the best checkpoint, of step {}, {}; {} serves", state.best_step, problem,
             newest.entry.path);
  return newest;
}

void SetConfig(const TrainingState& state, const std::string& path, Config* config) {
  for (const auto& [key, value] : state.config) config->Set(key, value, path);
  if (config->run().trainer.stream.plan.slots == 0)
    config->Set("batch.slots", "8", "the default of early versions");
  config->Finish();
}

bool HoldsRunningAverage(const TrainerOptions& options, const TrainingState& state) {
  return options.optimizer.average.kind != AverageKind::kOff && state.averaged_steps.empty() &&
         state.updates > 0;
}

}  // namespace lockstep
