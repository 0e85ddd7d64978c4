// Applies a trained tagger to batches of sequences, on the threads of one process. Each slot is
// computed whole by one thread, as in training and evaluation, so the number of threads changes
// nothing but the time.
#pragma once

#include <memory>
#include <vector>

#include "base/thread_team.h"
#include "base/workspace.h"
#include "worker/models/tagger.h"

namespace lockstep {

struct SequenceLogits {
  std::uint64_t sample_id = 0;
  Index steps = 0;
  std::vector<float> values;  // [steps, classes]
};

class SequenceLabeler {
 public:
  // All its memory is taken here. `values` [layout.size()] and `model` must outlive it; SelectIsa
  // comes before.
  SequenceLabeler(const Tagger<float>& model, const float* values, const SlotBounds& bounds,
                  int threads);

  // Logits of all sequences of the slots, in ascending order of their sample ids.
  std::vector<SequenceLogits> Label(const std::vector<SlotBatch>& slots);

 private:
  std::vector<SequenceLogits> LabelSlot(const SlotBatch& slot, Workspace* workspace) const;

  const Tagger<float>& model_;
  const float* values_;
  ThreadTeam team_;
  std::vector<std::unique_ptr<Workspace>> workspaces_;  // one a thread
};

}  // namespace lockstep
