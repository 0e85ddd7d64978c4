// Scores many slots with the same values, as Model::Score does and to the same bits, with weights
// that were packed once: for slots of few rows, packing them would be much of the work.
#pragma once

#include "base/workspace.h"
#include "data/batch/batch.h"
#include "worker/heads/head.h"

namespace lockstep {

template <typename S>
class SlotScorer {
 public:
  virtual ~SlotScorer() = default;

  // As Model::Score. Any number of threads may call it at once, each with a workspace of its own.
  virtual Scores<S> Score(const SlotBatch& batch, Workspace* workspace) const = 0;
};

}  // namespace lockstep
