// Turns tagged sentences into a corpus for taggers: each sample is a sentence, with the fields of
// word_encoder.h. The unit of steps is "tokens"; the name of a sample is the file and line of its
// first word. The corpus is a pure function of the files, their names and the options.
#pragma once

#include <array>

#include "data/corpus/corpus_writer.h"
#include "data/splits/known_samples.h"
#include "data/tagging/tagging_survey.h"

namespace lockstep {

struct TaggingSummary {
  struct Split {
    Index sentences = 0;
    Index tokens = 0;
    Index unknown = 0;         // tokens whose word has no id
    std::vector<Index> spans;  // by type; or tokens by plain tag
  };
  CorpusInfo info;
  TaggingSurvey survey;
  Index words = 0;            // ids of words
  Index characters = 0;       // ids of characters
  Index different_words = 0;  // of the training split; 0 with a given vocabulary
  Index once = 0;             // ids of words that occur once in it
  std::array<Split, kDataSplits> splits;
  KnownSamples known;  // sentences of validation and test that are in training
};

// Makes the corpus folder options.out. Reads the files two or three times, one sentence in memory
// at a time. Nothing is published before all sentences were checked. Throws the errors of
// CheckTaggingOptions, SurveyTags and CorpusWriter.
TaggingSummary PrepareTagging(const TaggingOptions& options);

}  // namespace lockstep
