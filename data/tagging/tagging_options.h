// The options of the importer of tagged sentences. docs/tagging.md describes them with their names
// on the command line.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "data/batch/span_tags.h"
#include "data/corpus/shard_format.h"
#include "data/corpus/shard_writer.h"
#include "data/splits/split_draw.h"
#include "data/tagging/tagged_sentences.h"
#include "data/tagging/word_encoder.h"

namespace lockstep {

struct TaggedFile {
  DataSplit split = DataSplit::kTrain;
  std::string path;
};

// Another corpus, or the run that was trained on it, whose words and tags a new corpus takes over:
// the model of the run can be evaluated on the new one.
struct LikeTagging {
  std::string folder;
  std::string task;  // CorpusInfo::task
  Schema schema;
};

struct TaggingOptions {
  std::vector<TaggedFile> files;  // in the order given by the user; at least one is of kTrain
  TaggedFileOptions format;
  std::optional<TagScheme> read_as;   // what the files have; nothing: found out
  std::optional<TagScheme> write_as;  // what the corpus gets, kBio or kIobes; nothing: the same
  // True: tags that break their scheme are read as conlleval reads them. False: they are an error.
  bool repair = false;
  WordRules rules;
  VocabularyOptions vocabulary;
  std::string vocabulary_file;  // a list of words to be used instead
  SplitDraw draw;
  bool equal_together = false;      // equal sentences, or documents, are drawn for one split
  std::optional<LikeTagging> like;  // with it no file needs to be of kTrain
  std::string out;
  Index shard_bytes = kDefaultShardBytes;
};

// UsageError that lists all violations together.
void CheckTaggingOptions(const TaggingOptions& options);

// All options that decide the contents of the corpus, for its provenance.
nlohmann::json TaggingOptionsJson(const TaggingOptions& options);

// Makes *options take over words and tags of a corpus, which `folder` (of it, or of a run that was
// trained on it) holds. UsageError where it is no corpus of tagged sentences.
void TakeOver(const CorpusInfo& corpus, const std::string& folder, TaggingOptions* options);

}  // namespace lockstep
