// Reads pairs of texts, one after another: from two files line by line, or from a table.
#pragma once

#include <memory>
#include <string>

#include "base/line_reader.h"
#include "data/translation/translation_options.h"

namespace lockstep {

struct TextPair {
  std::string source;
  std::string target;
  Index line = 0;  // in its file or files, counted from 1
};

class PairReader {
 public:
  // Opens the files; `options` say how. Errors are those of LineReader.
  PairReader(const ParallelFile& file, const TranslationOptions& options);

  // Sets `pair` to the next pair; returns false after the last one. BadData that names file and
  // line for text that is not in its encoding and for a line of a table with too few columns;
  // BadData with both files and their numbers of lines if these differ.
  bool Next(TextPair* pair);

  // "train.de:7" of the last pair, or of its target.
  std::string SourcePlace() const;
  std::string TargetPlace() const;
  double share_read() const { return source_.share_read(); }

 private:
  bool NextOfTwo(TextPair* pair);
  bool NextOfTable(TextPair* pair);
  [[noreturn]] void FailByCounts(bool source_is_longer);

  const TranslationOptions& options_;
  LineReader source_;
  std::unique_ptr<LineReader> target_;  // null for a table
  bool told_of_quotes_ = false;
};

}  // namespace lockstep
