// Translates a split of a corpus, on any number of ranks and threads.
#pragma once

#include <functional>
#include <string>

#include "data/corpus/shard_format.h"
#include "data/stream/stream_options.h"
#include "launch/tasks/translation/translator.h"
#include "worker/comm/communicator.h"

namespace lockstep {

struct TranslatedSplit {
  std::string folder;  // of the corpus
  const CorpusInfo* corpus = nullptr;
  std::string split;
  StreamOptions stream;  // of training
  int threads = 1;
  Index most = 0;  // the first pairs, about so many; 0: all
};

// Collective. Calls use(sample, source ids, hypotheses) on rank 0 for each pair in the order of the
// corpus; sample counts pairs of the split from 0. `verb` begins the lines of progress.
using UseTranslation = std::function<void(Index sample, const std::vector<std::int32_t>& source,
                                          const std::vector<Hypothesis>& hypotheses)>;
void TranslateSplit(const Communicator& comm, const std::string& verb, const TranslatedSplit& test,
                    Translator* translator, const UseTranslation& use);

}  // namespace lockstep
