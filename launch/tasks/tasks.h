// The kinds of corpora that prepare can make, in one table.
#pragma once

#include <span>

#include "data/corpus/shard_format.h"
#include "launch/frame/verbs.h"

namespace lockstep {

struct Importer {
  const char* kind;                                 // the word after `lockstep prepare`
  const char* summary;                              // for the help of prepare
  ExitCode (*prepare)(const Arguments& arguments);  // `arguments` are those after that word
};
std::span<const Importer> Importers();

// Names the unit that a user counts the steps of the corpus in, where the corpus was made before
// corpora said so themselves: bases, or frames and their seconds.
void NameUnit(CorpusInfo* corpus);

}  // namespace lockstep
