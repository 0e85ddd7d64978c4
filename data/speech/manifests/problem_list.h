// What is wrong with the utterances of a corpus, gathered and told in one go: whoever repairs a
// manifest wants all of its bad lines, not the first.
#pragma once

#include <map>
#include <string>
#include <utility>

#include "base/types.h"

namespace lockstep {

// Where an utterance stands: manifests in their order, then utterances in theirs.
struct UtterancePlace {
  int manifest = 0;
  Index number = 0;
  auto operator<=>(const UtterancePlace&) const = default;
};

class ProblemList {
 public:
  // Up to `allowed` utterances may be left out. `printed` problems are told one by one.
  explicit ProblemList(Index allowed, Index printed = 50) : allowed_(allowed), printed_(printed) {}

  // One utterance is bad: `source` is its file and line. Only the first problem of a place counts.
  // Memory holds the `printed` earliest places, or all while they are allowed.
  void Add(const UtterancePlace& place, const std::string& source, const std::string& id,
           const std::string& problem);

  Index count() const { return count_; }
  bool too_many() const { return count_ > allowed_; }

  // BadData with all problems in the order of the manifests when there are more than allowed; else
  // each goes to the log as a warning. `what` begins the message: "manifest train.tsv".
  void Settle(const std::string& what) const;

 private:
  Index Kept() const { return printed_ > allowed_ ? printed_ : allowed_; }

  Index allowed_;
  Index printed_;
  Index count_ = 0;
  std::map<UtterancePlace, std::string> problems_;
};

}  // namespace lockstep
