#include "worker/models/model.h"

namespace lockstep {
namespace {

// The number of rows of a field in the slot of SmallestSlot. Lists of labels are empty, so that
// they fit any number of steps.
Index RowsOf(const Field& field, Index steps) {
  switch (field.alignment) {
    case Alignment::kStep:
    case Alignment::kOwnSteps:
      return steps;
    case Alignment::kSequence:
      return 1;
    case Alignment::kList:
    case Alignment::kListInStep:
      return 0;
  }
  return 0;
}

FieldBatch SmallestField(const Field& field, Index steps) {
  FieldBatch batch;
  const Index rows = RowsOf(field, steps);
  if (field.is_real()) batch.values = AlignedBuffer<float>(rows * field.width);
  if (!field.is_real()) batch.ids.assign(static_cast<std::size_t>(rows * field.width), 0);
  if (field.alignment == Alignment::kList) batch.offsets = {0, 0};
  if (field.alignment == Alignment::kListInStep) {
    batch.offsets.assign(static_cast<std::size_t>(steps) + 1, 0);
  }
  if (field.alignment == Alignment::kOwnSteps) {
    batch.layout = PackedLayout({steps});
    batch.sequence_of = {0};
  }
  return batch;
}

}  // namespace

SlotBatch SmallestSlot(const Schema& schema, Index steps) {
  SlotBatch slot;
  slot.layout = PackedLayout({steps});
  slot.sample_ids = {0};
  for (const Field& field : schema.fields) slot.fields.push_back(SmallestField(field, steps));
  return slot;
}

}  // namespace lockstep
