// The rows of one record on their way into a batch: bytes to ids, the other strand, and each row to
// its place in the packed field. `batch` is field number f of `slot`, sized by SlotRoom; `sequence`
// counts the sequences of the slot. Nothing here allocates beyond what was reserved.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "data/batch/batch.h"
#include "data/batch/schema.h"

namespace lockstep {

// The values of a record as int32; `ignored_byte` turns the ignored byte into kIgnoredTarget.
void Widen(ElementType type, std::span<const std::byte> bytes, bool ignored_byte,
           std::vector<std::int32_t>& values);

// The record read backwards, each id by its partner. Ignored stays.
void ReverseComplement(const std::vector<int>& complement, std::vector<std::int32_t>& values);

// Rows of ids, of a field that is no list in a step.
void PlaceIds(const Field& field, std::span<const std::int32_t> values, Index sequence,
              const SlotBatch& slot, FieldBatch* batch);
// Rows of float32, as they stand in the record.
void PlaceReals(const Field& field, std::span<const std::byte> bytes, Index sequence,
                const SlotBatch& slot, FieldBatch* batch);
// A list for each step: `values` are the lengths of the lists, then their elements.
void PlaceListsInSteps(std::span<const std::int32_t> values, Index sequence, const SlotBatch& slot,
                       FieldBatch* batch);

}  // namespace lockstep
