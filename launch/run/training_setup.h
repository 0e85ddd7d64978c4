// What train and check are given alike: configuration and corpus, and what follows from both.
#pragma once

#include "data/corpus/shard_format.h"
#include "launch/config/config.h"
#include "launch/frame/options.h"
#include "launch/start/launch_facts.h"

namespace lockstep {

// --config, --corpus, --set and the short names of a few keys.
std::span<const OptionRow> TrainingRows();

// Reads the configuration from all its places. Problems are kept in *config
// (Config::ThrowProblems).
void ReadConfig(const Options& options, Config* config);
// The same for a run. UsageError that lists every problem.
void FillConfig(const Options& options, Config* config);

// What a start must give for this configuration.
LaunchNeeds NeedsOf(const RunConfig& config);

// Options that need the corpus to be known, whose schema must be complete (CompleteSchema).
// UsageError where they do not fit.
TrainerOptions OptionsFor(const Config& config, const CorpusInfo& corpus);

}  // namespace lockstep
