// The checkpoint of a run that is used where the user names none, and the configuration in it. For
// one process: nothing here knows of other ranks.
#pragma once

#include <string>

#include "checkpoint/checkpoint_folder.h"
#include "launch/config/config.h"
#include "trainer/save/training_state.h"

namespace lockstep {

// A warning that the file is skipped; for the functions that ask for one.
void WarnOfDamage(const CheckpointEntry& entry, const std::string& why);

// The checkpoint in a file, whose step is taken from its state.
LoadedCheckpoint LoadFile(const std::string& path);
// `folder` is RUN/checkpoints. MissingInput if it has no checkpoint, or not the file. Damaged files
// are skipped with a warning.
LoadedCheckpoint LoadWrittenAverage(const std::string& folder);  // the file of training's end
// The newest one; the written average, if it is all that can be read: the run was handed on without
// its steps, or they are damaged.
LoadedCheckpoint LoadNewest(const std::string& folder, const DamageReport& report = WarnOfDamage);
// That of the best validation; the newest one, if there was no validation, or if the best one is
// gone or damaged.
LoadedCheckpoint LoadBest(const std::string& folder);

// Sets what the run was trained with. UsageError if a value is none that this program knows.
void SetConfig(const TrainingState& state, const std::string& path, Config* config);

// Whether a checkpoint has a running average beside its parameters. One that is a mean itself has
// none.
bool HoldsRunningAverage(const TrainerOptions& options, const TrainingState& state);

}  // namespace lockstep
