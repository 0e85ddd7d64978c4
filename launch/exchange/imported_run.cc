#include "launch/exchange/imported_run.h"

#include "base/aligned_buffer.h"
#include "base/durable_file.h"
#include "base/error.h"
#include "checkpoint/checkpoint_folder.h"
#include "launch/frame/version.h"
#include "launch/run/run_folder.h"
#include "trainer/save/state_arrays.h"
#include "trainer/save/training_state.h"
#include "trainer/step/optimizer.h"
#include "worker/kernels/isa.h"

namespace lockstep {
namespace {

void RequireNewRun(const std::string& run_folder) {
  RequireNoCorpus(run_folder);
  if (!HoldsRun(run_folder)) return;
  throw UsageError("--run {}: the folder holds a run already; give another one, or remove it",
                   run_folder);
}

TrainingState StateBefore(const Config& config, const CorpusInfo& corpus, const Model<float>& model,
                          std::span<const float> values) {
  TrainingState state;
  state.config = config.Values();
  state.schema = model.schema();
  state.corpus_hash = corpus.hash;
  state.parameters_hash = HashParameters(model.layout(), values);
  state.code_version = kVersion;
  state.isa = IsaName(config.run().isa == "auto" ? DetectIsa() : IsaFromName(config.run().isa));
  return state;
}

}  // namespace

void WriteImportedRun(const std::string& run_folder, const Config& config, const CorpusInfo& corpus,
                      const TrainerOptions& options, const Model<float>& model,
                      std::span<const float> values) {
  RequireNewRun(run_folder);
  const ParameterLayout& layout = model.layout();
  std::vector<ArrayView> views;
  AddViews(layout, "", values.data(), &views);
  const AlignedBuffer<float> zeros(layout.size());
  for (const std::string& moment : Optimizer::MomentNames(options.optimizer)) {
    // The average of no update is the parameters themselves.
    AddViews(layout, moment, moment == kAverageMoment ? values.data() : zeros.data(), &views);
  }
  const auto image =
      BuildCheckpoint(StateToJson(StateBefore(config, corpus, model, values)), views);
  const std::string checkpoints = run_folder + "/checkpoints";
  MakeFolder(run_folder);
  MakeFolder(checkpoints);
  // First: with the other files alone, `train` would begin with random parameters.
  WriteCheckpoint(CheckpointPath(checkpoints, 0), image);
  WriteRunFiles(run_folder, config, corpus, [] {});
  ReplaceDurably(run_folder + "/metrics.jsonl", "");
}

}  // namespace lockstep
