// A trained model, read from the checkpoints of its run.
#pragma once

#include <memory>
#include <span>
#include <string>

#include "base/aligned_buffer.h"
#include "data/corpus/shard_format.h"
#include "launch/config/config.h"
#include "launch/frame/options.h"
#include "trainer/save/training_state.h"
#include "worker/comm/communicator.h"
#include "worker/models/model.h"

namespace lockstep {

// Which checkpoint of a run, or the mean of which.
struct CheckpointChoice {
  // "best" (by validation; the newest if there was no validation), "newest", "average" (the mean
  // that training has written, see trainer/save/checkpoint_average.h), or a step. If there is only
  // the mean, it is the best and the newest, too.
  std::string name = "best";
  Index average = 0;  // instead: the mean of so many newest checkpoints; 0: no mean
  // "last" (the parameters), "average" (the running average that the checkpoint holds beside them),
  // or "auto": what the validations of the run used (validation.average).
  std::string weights = "auto";
};
// The options --checkpoint, --average and --weights, for the tables of verbs.
std::span<const OptionRow> CheckpointRows();
// What they choose. UsageError if both are given.
CheckpointChoice ChosenCheckpoint(const Options& options);

// The configuration and the parameters of a checkpoint.
struct TrainedModel {
  std::string path;  // path of the checkpoint; of a mean made here, that of the newest one
  TrainingState state;
  Config config;
  StreamOptions stream;  // the options of training
  std::unique_ptr<Model<float>> model;
  AlignedBuffer<float> values;
};
// "RUN/checkpoints/step-000000000300.h5 (step 300)", or "(the mean of steps 300, 200 and 100)",
// or "(the running average (ema) at step 300)".
std::string Describe(const TrainedModel& trained);

// Collective. Rank 0 reads the checkpoint, and all ranks get the model; errors are AgreedErrors.
// For the newest and for a mean, damaged files are skipped with a warning, and an older one is
// taken.
std::unique_ptr<TrainedModel> LoadTrainedModel(const Communicator& comm,
                                               const std::string& run_folder,
                                               const CorpusInfo& corpus,
                                               const CheckpointChoice& choice);

// Collective. For `lockstep predict`: the model of the run --run at the checkpoint that
// ChosenCheckpoint says, with the instruction set selected that it was trained with, or the best
// that all ranks have.
std::unique_ptr<TrainedModel> LoadForPrediction(const Communicator& comm, const Options& options,
                                                const CorpusInfo& corpus);

}  // namespace lockstep
