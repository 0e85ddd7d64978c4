// A corpus to which others are joined for training: its training split also has the shards of
// theirs. Nothing is written or copied; the shards stay where they are. Everything else, such as
// the splits that are not for training and frames of noise and rooms, is that of the first corpus.
#pragma once

#include <string>
#include <vector>

#include "data/corpus/shard_format.h"

namespace lockstep {

// A corpus that is joined to another one.
struct JoinedPart {
  std::string folder;
  CorpusInfo info;  // its samples must be like those of the first one, and no stream
  Index reads = 0;  // how many of its training samples are read in each epoch
};

// The most samples of the training split of a part: data/stream/sample_reads.h multiplies two such
// numbers.
inline constexpr Index kMostJoinedSequences = Index{1} << 31;

// The first corpus with the shards of the parts after its own. Each part is one more source, named
// by its folder; its sample ids continue those of the training split, so the samples of a corpus
// that is joined to itself are told apart. `hash` identifies all of them together, and is that of
// the text which CorpusToJson makes of the result; the text names the hashes of the parts under
// "joined" in its provenance.
CorpusInfo JoinCorpora(const CorpusInfo& first, const std::vector<JoinedPart>& parts);

// The hashes of the corpora that a joined one is made of, the first one first; of any other corpus
// its own. Also of one that was read from its text.
std::vector<std::string> HashesOf(const CorpusInfo& corpus);
// The provenances of these corpora, as JSON texts.
std::vector<std::string> ProvenancesOf(const CorpusInfo& corpus);

}  // namespace lockstep
