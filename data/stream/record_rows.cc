#include "data/stream/record_rows.h"

#include <algorithm>
#include <cstring>

#include "data/corpus/record.h"
#include "data/corpus/shard_format.h"

namespace lockstep {
namespace {

// Row of the batch that row `row` of a sequence's record goes to.
Index RowIn(const Field& field, const SlotBatch& slot, const FieldBatch& batch, Index sequence,
            Index row) {
  if (field.alignment == Alignment::kStep) return slot.layout.Row(row, sequence);
  if (field.alignment == Alignment::kSequence) return sequence;
  if (field.alignment == Alignment::kList)
    return batch.offsets[static_cast<std::size_t>(sequence)] + row;
  const auto found = std::find(batch.sequence_of.begin(), batch.sequence_of.end(), sequence);
  return batch.layout.Row(row, found - batch.sequence_of.begin());
}

}  // namespace

void Widen(ElementType type, std::span<const std::byte> bytes, bool ignored_byte,
           std::vector<std::int32_t>& values) {
  if (type == ElementType::kInt32) {
    values.resize(bytes.size() / sizeof(std::int32_t));
    std::memcpy(values.data(), bytes.data(), bytes.size());
    return;
  }
  values.resize(bytes.size());
  std::transform(bytes.begin(), bytes.end(), values.begin(),
                 [](std::byte b) { return std::to_integer<std::int32_t>(b); });
  if (ignored_byte) {
    std::replace(values.begin(), values.end(), std::int32_t{kIgnoredTargetByte}, kIgnoredTarget);
  }
}

void ReverseComplement(const std::vector<int>& complement, std::vector<std::int32_t>& values) {
  std::reverse(values.begin(), values.end());
  for (std::int32_t& value : values) {
    if (value >= 0) value = complement[static_cast<std::size_t>(value)];
  }
}

void PlaceIds(const Field& field, std::span<const std::int32_t> values, Index sequence,
              const SlotBatch& slot, FieldBatch* batch) {
  const Index rows = static_cast<Index>(values.size()) / field.width;
  for (Index row = 0; row < rows; ++row) {
    const Index to = RowIn(field, slot, *batch, sequence, row);
    std::copy_n(values.begin() + row * field.width, field.width,
                batch->ids.begin() + to * field.width);
  }
}

void PlaceReals(const Field& field, std::span<const std::byte> bytes, Index sequence,
                const SlotBatch& slot, FieldBatch* batch) {
  const auto* const values = reinterpret_cast<const float*>(bytes.data());
  const Index rows = static_cast<Index>(bytes.size()) / RowBytes(field);
  for (Index row = 0; row < rows; ++row) {
    const Index to = RowIn(field, slot, *batch, sequence, row);
    std::copy_n(values + row * field.width, field.width, batch->values.data() + to * field.width);
  }
}

void PlaceListsInSteps(std::span<const std::int32_t> values, Index sequence, const SlotBatch& slot,
                       FieldBatch* batch) {
  const Index steps = slot.layout.Length(sequence);
  auto from = values.begin() + steps;
  for (Index t = 0; t < steps; ++t) {
    const auto row = static_cast<std::size_t>(slot.layout.Row(t, sequence));
    const Index length = batch->offsets[row + 1] - batch->offsets[row];
    std::copy_n(from, length, batch->ids.begin() + batch->offsets[row]);
    from += length;
  }
}

}  // namespace lockstep
