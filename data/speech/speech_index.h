// What corpus.json says of a corpus of speech: features, units, and where they come from.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "data/corpus/shard_format.h"
#include "data/speech/speech_corpus.h"
#include "data/speech/speech_plan.h"

namespace lockstep {

// File name of the piece model in the corpus folder, where units are pieces.
inline constexpr const char* kUnitModelName = "units.model";

// Everything but splits and provenance.
CorpusInfo SpeechHeader(const SpeechOptions& options, const SpeechPlan& plan, const Units& units);

// Adds the statistics of the training split to the description of the features.
void PutStatistics(const FeatureStatistics& statistics, CorpusInfo* header);

// Adds a split with shards of higher numbers.
void AddSplit(const SplitInfo& from, SplitInfo& to);

nlohmann::json SpeechProvenance(const SpeechOptions& options, const SpeechPlan& plan,
                                const SpeechSummary& summary);

}  // namespace lockstep
