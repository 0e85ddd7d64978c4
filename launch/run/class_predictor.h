// Names the class of sequences of ids that are in no corpus: lines of text, records of a file.
#pragma once

#include <string>
#include <vector>

#include "launch/run/trained_model.h"

namespace lockstep {

struct PredictedClass {
  std::string name;
  double probability = 0;  // of this class, by softmax
};

class ClassPredictor {
 public:
  // How many sequences to give at a time, so that memory stays small and threads have work.
  static constexpr Index kSequencesAtATime = 256;

  // `trained` and `corpus`, which is that of its run and passed RequireClassPerSequence, must
  // outlive this.
  ClassPredictor(const TrainedModel& trained, const CorpusInfo& corpus, int threads);

  // The class of each sequence, in their order; each must have an id.
  std::vector<PredictedClass> Predict(
      const std::vector<std::vector<std::int32_t>>& sequences) const;

 private:
  const TrainedModel& trained_;
  const CorpusInfo& corpus_;
  int threads_;
};

// Throws UsageError naming the run and `option` where the corpus of the run has no class per
// sequence of ids, which are made of `things`.
void RequireClassPerSequence(const std::string& option, const std::string& run,
                             const CorpusInfo& corpus, const std::string& things);

}  // namespace lockstep
