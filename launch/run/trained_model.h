// A trained model, read from the checkpoints of its run.
#pragma once

#include <memory>
#include <string>

#include "base/aligned_buffer.h"
#include "data/corpus/shard_format.h"
#include "launch/config/config.h"
#include "launch/frame/options.h"
#include "trainer/save/training_state.h"
#include "worker/comm/communicator.h"
#include "worker/models/model.h"

namespace lockstep {

// Instruction set of the newest valid checkpoint; empty without one.
std::string IsaOfNewestCheckpoint(const std::string& run_folder);

// The configuration and the parameters of a checkpoint.
struct TrainedModel {
  std::string path;  // of the checkpoint
  TrainingState state;
  Config config;
  StreamOptions stream;  // of training
  std::unique_ptr<Model<float>> model;
  AlignedBuffer<float> values;
};
// Collective: rank 0 reads, all get the model; errors are AgreedErrors.
// `which`: "best" (by validation, the newest without one), "newest", or a step. Falls back from
// damaged files to older ones with a warning when the newest is asked for.
std::unique_ptr<TrainedModel> LoadTrainedModel(const Communicator& comm,
                                               const std::string& run_folder,
                                               const CorpusInfo& corpus, const std::string& which);

// For `lockstep predict`, on one process: the model of the run --run at the checkpoint
// --checkpoint, with the instruction set selected that it was trained with.
std::unique_ptr<TrainedModel> LoadForPrediction(const Options& options, const CorpusInfo& corpus);

}  // namespace lockstep
