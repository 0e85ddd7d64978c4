// The first pass over labelled files. It finds out which rows there are, their class and their
// split, and what is wrong with them. Keeps 32 bytes per row and no text.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/types.h"
#include "data/text/text_options.h"
#include "data/text/tokenizer.h"

namespace lockstep {

// A row that becomes a sample.
struct SurveyedRow {
  std::uint64_t text_hash = 0;  // hash of the text after the rules
  std::uint64_t line = 0;
  std::uint32_t file = 0;  // index into TextCorpusOptions::files
  std::int32_t label = 0;  // index into TextSurvey::classes
  DataSplit split = DataSplit::kTrain;
};

struct TextSurvey {
  std::vector<std::string> classes;  // in the order of their ids
  std::vector<SurveyedRow> rows;     // in the order of files and lines
  std::vector<std::string> files;    // how each file is read, in the order of the options
  Index empty = 0;                   // texts without tokens, which are left out
  Index blank_lines = 0;             // blank lines, which are skipped
  Index composed = 0;                // texts that Unicode composition has changed
  Index invisible = 0;               // texts with an invisible code point, which is kept
  std::string first_invisible;       // the first such code point: "train.tsv:7: U+200B"
  bool c1_controls = false;          // one of these code points is in U+0080..U+009F

  // The number of rows of a class in a split.
  Index Count(DataSplit split, std::int32_t label) const;
};

// Reads all files and draws the splits. `tokenizer` decides which texts are empty. BadData that
// lists up to 20 bad rows, each with file and line, and the number of all; or BadData for a class
// that does not occur in the training split, for a single class, or for a header that was read as a
// sample.
TextSurvey SurveyTexts(const TextCorpusOptions& options, const Tokenizer& tokenizer);

// Reads the surveyed rows once more, in their order.
class SurveyedTexts {
 public:
  struct Text {
    const SurveyedRow* row = nullptr;
    std::string text;    // after the rules
    std::string source;  // "train.tsv:7"
  };

  // `options` and `survey` must outlive this.
  SurveyedTexts(const TextCorpusOptions& options, const TextSurvey& survey)
      : options_(options), survey_(survey) {}

  // Sets `text` to the next row; returns false after the last. BadData if a file has changed since
  // the survey.
  bool Next(Text* text);

 private:
  bool NextLabelled(const SurveyedRow& row, LabelledText* labelled);

  const TextCorpusOptions& options_;
  const TextSurvey& survey_;
  std::unique_ptr<LabelledLines> lines_;
  std::uint32_t file_ = 0;
  std::size_t next_ = 0;
};

}  // namespace lockstep
