// Cuts a global batch of long sequences into parts of a fixed number of steps. Training computes
// the parts one after another, and each part starts from the states that the previous one has left
// (truncated backpropagation through time with carried state; Williams and Peng 1990). Sequences
// keep their slot and their place in it, so a part consists of consecutive rows of the packed
// batch.
//
// The number of parts is that of the longest sequence of the global batch, so it is the same on
// each rank.
#pragma once

#include "data/batch/batch.h"
#include "data/stream/epoch_plan.h"

namespace lockstep {

class SequenceParts {
 public:
  // For parts of `steps` steps. `schema` is that of the batches; each field must have one row, or
  // one list, per step.
  SequenceParts(Index steps, Schema schema) : steps_(steps), schema_(std::move(schema)) {}

  // The number of parts of a planned batch.
  Index Count(const PlannedBatch& planned) const;
  // Sets `batch` to part number `part`, 0 <= part < Count, of `whole`, which holds this rank's
  // slots of the planned batch. Allocates only if `batch` has not enough memory.
  void Cut(const PlannedBatch& planned, const RankBatch& whole, Index part, RankBatch* batch);

 private:
  void CutSlot(const SlotBatch& whole, Index first, SlotBatch* slot);
  static void CutField(const Field& field, const FieldBatch& whole, const ElementRange& rows,
                       FieldBatch* part);

  static void CutLists(const FieldBatch& whole, const ElementRange& rows, FieldBatch* part);

  Index steps_;
  Schema schema_;
  std::vector<Index> lengths_;  // scratch: lengths of the sequences of one slot
};

}  // namespace lockstep
