// Applies a trained model to batches of sequences, on the threads of one process. Each slot is
// computed whole by one thread, as in training and evaluation, so the number of threads does not
// change the results.
#pragma once

#include <memory>
#include <vector>

#include "base/thread_team.h"
#include "base/workspace.h"
#include "worker/models/model.h"

namespace lockstep {

struct SequenceScores {
  std::uint64_t sample_id = 0;
  Index rows = 0;             // steps of the sequence, or 1 if the model scores whole sequences
  std::vector<float> values;  // [rows, Model::score_width()]
  // [rows]: the classes that the model chose for all rows together; empty: each row by itself.
  std::vector<std::int32_t> labels = {};
  // [rows]: for the first row of each span of the labels its probability (Scores); empty: unknown.
  std::vector<float> span_probabilities = {};

  // The class of a row: the chosen one, or that of the largest score (the first of equals).
  std::int32_t LabelOf(Index row) const;
};

class SequenceScorer {
 public:
  // Allocates all its memory. `values` [layout.size()] and `model` must outlive it. SelectIsa must
  // have been called before.
  SequenceScorer(const Model<float>& model, const float* values, const SlotBounds& bounds,
                 int threads);

  // Returns the scores of all sequences of the slots, in ascending order of their sample ids.
  std::vector<SequenceScores> Score(const std::vector<SlotBatch>& slots);

 private:
  std::vector<SequenceScores> ScoreSlot(const SlotBatch& slot, Workspace* workspace) const;

  const Model<float>& model_;
  const float* values_;
  ThreadTeam team_;
  std::vector<std::unique_ptr<Workspace>> workspaces_;  // one per thread
};

}  // namespace lockstep
