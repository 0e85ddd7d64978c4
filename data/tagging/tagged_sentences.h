// Reads sentences whose words have a tag each, from files of three forms, plain or gzip:
//
//   columns  one word per line: its columns are separated by tabs or, in a line without a tab, by
//            blanks; the first column is the word, another one its tag, unless others are named. A
//            line of white space ends a sentence, a line that begins with -DOCSTART- begins a
//            document (CoNLL), and a line "# ..." before the words of a sentence is a comment where
//            it has not the columns of the words (CoNLL-U).
//   jsonl    one object per line: {"tokens": ["Paris", "is"], "tags": ["B-LOC", "O"]}
//   case     plain text, one sentence per line, its words between white space: each word is read in
//            lower case, and its tag is the shape that it is written in (word_shape.h), so that a
//            model learns to write capitals (truecasing; Susanto et al. 2016)
//
// Takes constant memory: one sentence at a time.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/line_reader.h"
#include "data/batch/span_tags.h"

namespace lockstep {

struct TaggedFileOptions {
  // "columns", "jsonl", "case"; "auto": jsonl if the first sign is {, else columns
  std::string format = "auto";
  std::string encoding = kUtf8;
  Index word_column = 1;  // from 1
  Index tag_column = 0;   // from 1; 0: the last one
  bool has_tags = true;   // false: words alone, whose further columns are left out
};

struct TaggedSentence {
  std::vector<std::string> tokens;
  std::vector<std::string> tags;  // as long as `tokens`, or empty without tags
  std::vector<Index> lines;       // of each token
  bool begins_document = false;   // it is the first one after a -DOCSTART- line
  // What is wrong with its lines, each beginning with file and line. The sentence cannot be used
  // then.
  std::vector<std::string> problems;
};

class TaggedSentences {
 public:
  // The most words of a sentence: more of them mean that blank lines are missing.
  static constexpr std::size_t kMostTokens = std::size_t{1} << 16;

  virtual ~TaggedSentences() = default;
  // The next sentence, which has a word or a problem; false at the end of the file.
  virtual bool Next(TaggedSentence* sentence) = 0;
  virtual double share_read() const = 0;
};

// ParseSpanTag of a tag as files write it: L- and U- of the scheme BILOU (Ratinov and Roth 2009)
// are what IOBES calls E- and S-.
std::optional<SpanTag> ParseWrittenTag(std::string_view tag);

// MissingInput if there is no such file; UsageError for a format that is none.
std::unique_ptr<TaggedSentences> OpenTaggedSentences(const std::string& path,
                                                     const TaggedFileOptions& options);

}  // namespace lockstep
