// A run folder for parameters that come from elsewhere: as `lockstep train` leaves it when it has
// drawn its first parameters, and before its first step. `train` goes on from it, and other runs
// start from it (train.start_from); `predict` and `evaluate` use it as any run.
#pragma once

#include <span>
#include <string>

#include "data/corpus/shard_format.h"
#include "launch/config/config.h"
#include "worker/models/model.h"

namespace lockstep {

// Makes the folder with config.toml, corpus.json, an empty metrics.jsonl and the checkpoint of step
// 0, whose moments are zero. `corpus` as it was read; `values` [model.layout().size()], all finite.
// UsageError if the folder holds a run already.
void WriteImportedRun(const std::string& run_folder, const Config& config, const CorpusInfo& corpus,
                      const TrainerOptions& options, const Model<float>& model,
                      std::span<const float> values);

}  // namespace lockstep
