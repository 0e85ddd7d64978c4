// All pairs of the files of a corpus, one after another, with their splits: what each reading of
// the importer goes through.
#pragma once

#include <array>
#include <optional>
#include <string>

#include "base/work_progress.h"
#include "data/translation/pair_reader.h"

namespace lockstep {

// What a reading of all files has passed over.
struct PairCounts {
  std::array<Index, kDataSplits> pairs{};  // by DataSplit; those that are left out do not count
  Index empty = 0;                         // left out because a side has no token
  bool operator==(const PairCounts&) const = default;
};

class PairStream {
 public:
  struct Pair {
    std::string source;      // after the rules
    std::string target;      // after the rules
    std::string raw_target;  // as it is in its file
    DataSplit split = DataSplit::kTrain;
    std::size_t file = 0;  // index into TranslationOptions::files
    Index line = 0;
  };

  // `options` must outlive it. `what` says in lines of progress what is being done.
  PairStream(const TranslationOptions& options, std::string what);

  // Sets `pair` to the next pair whose sides both have a token; returns false after the last.
  // BadData that names file and line of the first side without a token and counts all, unless
  // options.skip_empty; it is thrown when all files have been read.
  bool Next(Pair* pair);
  // The same, of the training split only.
  bool NextTraining(Pair* pair);

  const PairCounts& counts() const { return counts_; }

 private:
  bool NextRaw(TextPair* raw);
  double share_read() const;
  void NoteEmpty(bool source_is_empty);
  void FailIfEmpty() const;

  const TranslationOptions& options_;
  std::string what_;
  std::optional<PairReader> reader_;
  std::size_t next_file_ = 0;
  Index next_synthetic_ = 0;
  PairCounts counts_;
  std::string first_empty_;
  WorkProgress progress_{"prepare"};
};

// The split of a pair of the training files by its source text after the rules: a pure function of
// seed and text.
DataSplit DrawPairSplit(const SplitDraw& draw, const std::string& source);

}  // namespace lockstep
