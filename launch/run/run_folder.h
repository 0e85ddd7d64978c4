// What a run folder holds besides checkpoints/ and metrics.jsonl, and how a trained model is found
// in it.
#pragma once

#include <memory>
#include <string>

#include "base/aligned_buffer.h"
#include "base/function_ref.h"
#include "checkpoint/checkpoint_folder.h"
#include "data/corpus/shard_format.h"
#include "launch/config/config.h"
#include "trainer/save/training_state.h"
#include "worker/comm/communicator.h"

namespace lockstep {

// What the stream takes from its corpus besides the schema.
void SetFrameBins(const CorpusInfo& corpus, StreamOptions* stream);
// The model for batches of such a corpus. UsageError where options and corpus do not fit.
std::unique_ptr<Model<float>> ModelFor(const TrainerOptions& options, const CorpusInfo& corpus);

// Rank 0: writes config.toml (resolved, with origins) and corpus.json (a copy, so that
// predict needs no corpus). `before_commit` is called before each gets its name; it throws to
// refuse.
void WriteRunFiles(const std::string& run_folder, const Config& config, const CorpusInfo& corpus,
                   FunctionRef<void()> before_commit);
CorpusInfo ReadRunCorpus(const std::string& run_folder);

// done.json: the run came to its end. Written last; removed when training goes on, so that no power
// cut brings back the mark of an earlier end.
// `before_commit` as above.
void WriteCompletionMark(const std::string& run_folder, const TrainingState& state,
                         FunctionRef<void()> before_commit);
void RemoveCompletionMark(const std::string& run_folder);

// Throws UsageError when the run was trained on other symbols, features or classes than the corpus
// has.
void CheckSameFields(const std::string& run_folder, const CorpusInfo& run,
                     const std::string& corpus_folder, const CorpusInfo& corpus);

// Instruction set of the newest valid checkpoint; empty without one.
std::string IsaOfNewestCheckpoint(const std::string& run_folder);

// A trained model: its configuration and parameters.
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

}  // namespace lockstep
