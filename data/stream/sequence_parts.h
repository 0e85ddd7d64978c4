// A global batch of long sequences, cut into parts of a fixed number of steps that are trained on
// one after another, each from the state that the one before has left (truncated BPTT with carried
// state; Williams and Peng 1990). Sequences keep their slot and their place in it, so that a part
// is a run of whole rows of the packed batch.
//
// The number of parts is that of the longest sequence of the global batch: on each rank the same.
#pragma once

#include "data/batch/batch.h"
#include "data/stream/epoch_plan.h"

namespace lockstep {

class SequenceParts {
 public:
  // Parts of `steps` steps; `schema` is that of the batches, whose fields all have a row for each
  // step.
  SequenceParts(Index steps, Schema schema) : steps_(steps), schema_(std::move(schema)) {}

  // Number of parts of a planned batch.
  Index Count(const PlannedBatch& planned) const;
  // Sets `batch` to a part, 0 <= part < Count, of `whole`: this rank's slots of the planned batch,
  // with a target for each step. Allocates only what `batch` has no room for.
  void Cut(const PlannedBatch& planned, const RankBatch& whole, Index part, RankBatch* batch);

 private:
  void CutSlot(const SlotBatch& whole, Index first, SlotBatch* slot);
  static void CutField(const Field& field, const FieldBatch& whole, const ElementRange& rows,
                       FieldBatch* part);

  Index steps_;
  Schema schema_;
  std::vector<Index> lengths_;  // of the slot being cut
};

}  // namespace lockstep
