// The first pass over tagged files: finds out the scheme of their tags and the types, checks every
// sentence, and draws the splits. Keeps 40 bytes per document or sentence, and only where splits
// are drawn.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "data/tagging/tagging_options.h"

namespace lockstep {

struct TaggingSurvey {
  TagScheme read_as = TagScheme::kBio;   // what the files have
  TagScheme write_as = TagScheme::kBio;  // what the corpus gets
  std::vector<std::string> types;        // of spans; or plain tags; in the order of their bytes
  // By file: its documents are drawn as a whole, because it has marks of them.
  std::vector<bool> has_documents;
  std::vector<DataSplit> drawn;  // of the documents or sentences of the training files, in order
  Index repaired = 0;            // tags that broke their scheme, with TaggingOptions::repair
  std::string first_repaired;    // "train.conll:12: I-PER after O"
};

// A hash of the words.
std::uint64_t HashOfSentence(const TaggedSentence& sentence);

// Reads all files. BadData that lists up to 20 bad lines, each with file and line, and the number
// of all; or BadData for a type that no training file has.
TaggingSurvey SurveyTags(const TaggingOptions& options);

}  // namespace lockstep
