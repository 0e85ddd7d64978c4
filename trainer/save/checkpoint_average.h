// The mean of the parameters of several checkpoints of a run, which often does better than each of
// them (Vaswani et al. 2017, section 6.1; Izmailov et al. 2018). Moments of the optimiser are not
// averaged, so training cannot go on from a mean.
//
// Parameters are added in double, from the newest checkpoint to the oldest, and the sum is divided
// once: the bits depend on the checkpoints alone.
#pragma once

#include <string>

#include "base/function_ref.h"
#include "checkpoint/checkpoint_folder.h"
#include "trainer/save/training_state.h"
#include "worker/params/parameter_layout.h"

namespace lockstep {

// The file that training writes into the folder of checkpoints at its end, if train.average is set.
std::string AveragePath(const std::string& folder);

// The mean of the newest `count` valid checkpoints among those whose step `takes` accepts. The
// result has the parameters, and the state of the newest one with `averaged_steps` set and
// `parameters_hash` empty; `entry` is the newest one. Calls `on_damaged` for each damaged file,
// which is skipped. MissingInput if there are fewer; BadData if two have different parameters.
LoadedCheckpoint LoadAverage(const std::string& folder, Index count,
                             FunctionRef<bool(Index step)> takes, const DamageReport& on_damaged);

// Rank 0, at the end of a run. Writes AveragePath: the mean of the newest `count` checkpoints among
// those at multiples of `every` steps and that of step `end`. Checkpoints that a stop or a
// validation has made in between do not count, so that a run that was stopped has the bits of one
// that was not. If one of them is missing, because it could not be saved, no other takes its place:
// MissingInput names it. Returns the state in the file. Throws like LoadAverage. `before_commit` is
// called before the file gets its name; it may throw to refuse that.
TrainingState WriteAverage(const std::string& folder, const ParameterLayout& layout, Index count,
                           Index every, Index end, FunctionRef<void()> before_commit);

// Sets the parameters of a checkpoint to the running average that it holds beside them
// (trainer/step/weight_average.h), and its state to that of a mean: averaged_by is the kind of the
// run's configuration, averaged_steps its step. The result has no moments. BadData if it holds
// none.
void TakeRunningAverage(const std::string& file, const ParameterLayout& layout,
                        CheckpointContent* content);

// Rank 0, at the end of a run that keeps a running average: writes AveragePath, the running average
// of the checkpoint of step `end`. Returns and throws like WriteAverage.
TrainingState WriteRunningAverage(const std::string& folder, const ParameterLayout& layout,
                                  Index end, FunctionRef<void()> before_commit);

// Whether AveragePath is whole, and such a mean of `count` checkpoints as WriteAverage makes at
// `step`, or for `count` 0 the running average `kind`.
bool HasAverageOf(const std::string& folder, Index step, Index count, const std::string& kind);

// Rank 0. Deletes AveragePath if it exists, because training goes on. `before_delete` may throw to
// refuse that.
void RemoveAverage(const std::string& folder, FunctionRef<void()> before_delete);

// False for a running average of the kinds mean and mean_on_plateau that still waits for its first
// update (train.average_from, a plateau): it has the parameters of its step.
bool AverageHasBegun(const TrainingState& state);

// For the state of a mean: "the mean of steps 300, 200 and 100", or "the running average (ema) at
// step 300".
std::string DescribeAverage(const TrainingState& state);

}  // namespace lockstep
