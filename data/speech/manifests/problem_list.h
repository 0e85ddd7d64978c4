// Collects the faults of the utterances of a corpus, to report them all together: a user who
// repairs a manifest needs all of its bad lines, not only the first.
#pragma once

#include <map>
#include <string>
#include <utility>

#include "base/types.h"

namespace lockstep {

// The place of an utterance: the index of its manifest, and its number in the manifest.
struct UtterancePlace {
  int manifest = 0;
  Index number = 0;
  auto operator<=>(const UtterancePlace&) const = default;
};

class ProblemList {
 public:
  // Up to `allowed` utterances may be bad. At most `printed` of the problems are printed.
  explicit ProblemList(Index allowed, Index printed = 50) : allowed_(allowed), printed_(printed) {}

  // Adds a bad utterance; `source` is its file and line. Only the first problem of a place counts.
  // Keeps the earliest places only: `printed` or `allowed` of them, whichever is more.
  void Add(const UtterancePlace& place, const std::string& source, const std::string& id,
           const std::string& problem);

  Index count() const { return count_; }
  bool too_many() const { return count_ > allowed_; }

  // If there are more problems than allowed, throws BadData that lists them in the order of the
  // manifests; otherwise writes each to the log as a warning. The message begins with `what`, for
  // example "manifest train.tsv".
  void Settle(const std::string& what) const;

 private:
  Index Kept() const { return printed_ > allowed_ ? printed_ : allowed_; }

  Index allowed_;
  Index printed_;
  Index count_ = 0;
  std::map<UtterancePlace, std::string> problems_;
};

}  // namespace lockstep
