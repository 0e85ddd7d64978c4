// The second pass over tagged files: sentence after sentence, with its split, and with its tags in
// the scheme that the survey has chosen.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "data/tagging/tagging_options.h"
#include "data/tagging/tagging_survey.h"

namespace lockstep {

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
