// What a model and its stream take from the corpus, and whether a trained model can read another
// corpus.
#pragma once

#include <memory>
#include <string>

#include "data/corpus/shard_format.h"
#include "trainer/options/trainer_options.h"
#include "worker/models/model.h"

namespace lockstep {

// Sets stream->frames.bins from the features of the corpus.
void SetFrameBins(const CorpusInfo& corpus, StreamOptions* stream);
// Makes the model for batches of this corpus. UsageError if the options do not fit the corpus.
std::unique_ptr<Model<float>> ModelFor(const TrainerOptions& options, const CorpusInfo& corpus);

// UsageError if the run was trained on other symbols, features or classes than the corpus has.
void CheckSameFields(const std::string& run_folder, const CorpusInfo& run,
                     const std::string& corpus_folder, const CorpusInfo& corpus);

// UsageError, with both folders and the first difference, if one model cannot learn from both
// corpora (data.mix).
void CheckSameSamples(const std::string& first_folder, const CorpusInfo& first,
                      const std::string& folder, const CorpusInfo& corpus);

}  // namespace lockstep
