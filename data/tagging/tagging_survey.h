// The first pass over tagged files: finds out the scheme of their tags and the types, checks every
// sentence, and draws the splits. Keeps 32 bytes per document or sentence, and only where splits
// are drawn.
#pragma once

#include <memory>
#include <optional>
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

// Reads all files. BadData that lists up to 20 bad lines, each with file and line, and the number
// of all; or BadData for a type that no training file has.
TaggingSurvey SurveyTags(const TaggingOptions& options);

// Reads the sentences once more, in the order of files and lines, each with its split.
class SurveyedSentences {
 public:
  // Both must outlive it.
  SurveyedSentences(const TaggingOptions& options, const TaggingSurvey& survey)
      : options_(options), survey_(survey) {}

  // False after the last sentence. Its tags are in the scheme of the corpus. BadData if a file has
  // changed since the survey.
  bool Next(TaggedSentence* sentence);
  // Split and file of the last sentence.
  DataSplit split() const { return split_; }
  std::size_t file() const { return file_; }
  double share_read() const;

 private:
  bool OpenNext();
  void SetSplit(const TaggedSentence& sentence);

  const TaggingOptions& options_;
  const TaggingSurvey& survey_;
  std::unique_ptr<TaggedSentences> sentences_;
  std::size_t file_ = 0;
  std::size_t opened_ = 0;  // files opened so far
  bool is_first_ = true;    // no sentence of the file was read yet
  std::size_t units_ = 0;   // documents or sentences of training files begun so far
  DataSplit split_ = DataSplit::kTrain;
};

// The tags of the same spans in another scheme, kBio or kIobes. Tags that break their scheme are
// read as conlleval reads them.
std::vector<std::string> ConvertTags(std::span<const std::string> tags, TagScheme scheme);

}  // namespace lockstep
