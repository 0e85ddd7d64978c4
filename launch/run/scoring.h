// What `lockstep evaluate` says of a split: the figures that the field of the corpus uses.
#pragma once

#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "launch/run/trained_model.h"
#include "trainer/evaluation/evaluator.h"
#include "worker/comm/communicator.h"

namespace lockstep {

// A split of a corpus and the model that is tried on it.
struct SplitTest {
  std::string folder;  // of the corpus
  const CorpusInfo* corpus = nullptr;
  std::string split;
  const TrainedModel* trained = nullptr;
  int threads = 1;
};

class Scoring {
 public:
  virtual ~Scoring() = default;

  // Collective. Predicts the split and compares; called once, before the other two. The result does
  // not depend on the number of ranks and threads.
  virtual void Score(const Communicator& comm, const SplitTest& test) = 0;
  // Rank 0: the figures as fields of the JSON object that evaluate prints, without the split, the
  // checkpoint and the time. `found` is the loss over the split.
  virtual nlohmann::ordered_json Fields(const Evaluation& found) const = 0;
  // Rank 0: the figures as text; the first line goes on behind "CHECKPOINT (step N), split S: ".
  virtual std::string Text(const Evaluation& found) const = 0;
};

// For any corpus: loss, the share of right labels where targets are labels, and with one label per
// sequence or step precision, recall and F1 of each class (class_report.h); with real targets R2,
// RMSE and MAE (regression_report.h).
std::unique_ptr<Scoring> MakeLabelScoring();

}  // namespace lockstep
