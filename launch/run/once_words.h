// Which words of a corpus of tagged sentences occur once in training: what model.unknown_dropout
// reads as the unknown word.
#pragma once

#include "data/corpus/shard_format.h"
#include "worker/layers/word_input.h"

namespace lockstep {

// Sets the ids of these words, as the importer left them in CorpusInfo::task; none for any other
// corpus.
void SetOnceWords(const CorpusInfo& corpus, WordOptions* words);
// UsageError if words are to be read as the unknown one, but none is known to occur once.
void RequireOnceWords(const WordOptions& words);

}  // namespace lockstep
