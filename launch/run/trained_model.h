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

// The configuration and the parameters of a checkpoint.
struct TrainedModel {
  std::string path;  // path of the checkpoint
  TrainingState state;
  Config config;
  StreamOptions stream;  // the options of training
  std::unique_ptr<Model<float>> model;
  AlignedBuffer<float> values;
};
// Collective. Rank 0 reads the checkpoint, and all ranks get the model; errors are AgreedErrors.
// `which` is "best" (by validation; the newest if there was no validation), "newest", or a step.
// For the newest, damaged files are skipped with a warning, and an older one is taken.
std::unique_ptr<TrainedModel> LoadTrainedModel(const Communicator& comm,
                                               const std::string& run_folder,
                                               const CorpusInfo& corpus, const std::string& which);

// Collective. For `lockstep predict`: the model of the run --run at the checkpoint --checkpoint,
// with the instruction set selected that it was trained with, or the best that all ranks have.
std::unique_ptr<TrainedModel> LoadForPrediction(const Communicator& comm, const Options& options,
                                                const CorpusInfo& corpus);

}  // namespace lockstep
