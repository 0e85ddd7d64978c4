// The results of a model with one class per sequence, or per step, on a split: the confusion
// matrix, and precision, recall and F1 of each class.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "launch/run/trained_model.h"
#include "worker/comm/communicator.h"
#include "worker/metrics/class_tally.h"

namespace lockstep {

class ClassReport {
 public:
  explicit ClassReport(std::vector<std::string> classes);

  // Counts a sequence or step of class `truth` for which the model has predicted class `found`.
  void Add(Index truth, Index found) { ++At(truth, found); }
  Index Count(Index truth, Index found) const { return counts_[Place(truth, found)]; }
  // The sums of the confusion matrix from which precision, recall and F1 are computed. Macro F1 is
  // the figure of validations, too.
  ClassTally Tally() const;
  std::vector<Index>& counts() { return counts_; }
  Index Correct() const;  // number of sequences or steps whose class was predicted

  nlohmann::ordered_json ToJson() const;
  // A table with one row per class, and the confusion matrix if there are at most 12 classes.
  std::string ToText() const;

 private:
  std::size_t Place(Index truth, Index found) const {
    return static_cast<std::size_t>(truth * static_cast<Index>(classes_.size()) + found);
  }
  Index& At(Index truth, Index found) { return counts_[Place(truth, found)]; }

  std::vector<std::string> classes_;
  std::vector<Index> counts_;  // [true class, predicted class]
};

// A sequence with its known classes, one or one for each step, and those that the model says.
struct KeptSequence {
  std::vector<std::int32_t> truth, found;
};
// For a look at a part of a split.
struct FewSequences {
  Index most = 0;                       // the first sequences of the split, about so many; 0: all
  Index keep = 0;                       // how many of them to keep
  std::vector<KeptSequence> kept = {};  // set, on rank 0
  Index predicted = 0;                  // set, on rank 0: how many there were
};

// Collective. Makes the report of a split, on rank 0; elsewhere it counts nothing. It is the same
// for any number of ranks and threads.
ClassReport ReportClasses(const Communicator& comm, const std::string& folder,
                          const CorpusInfo& corpus, const std::string& split,
                          const TrainedModel& trained, int threads, FewSequences* few = nullptr);

}  // namespace lockstep
