// Makes room in a slot for the samples that are to be read into it: how many rows each field has,
// and where those of each sequence go. Used by one thread.
#pragma once

#include <functional>
#include <vector>

#include "data/batch/batch.h"
#include "data/corpus/split_shards.h"
#include "data/stream/epoch_plan.h"

namespace lockstep {

class SlotRoom {
 public:
  // `frame_width`: elements of a step of a real-valued leading field, whose frames stand side by
  // side. The others must outlive it.
  SlotRoom(const CorpusInfo& info, Index frame_width, SplitShards* shards);

  // Takes memory for what `bounds` allow, so that Size need not allocate.
  void Reserve(const SlotBounds& bounds, SlotBatch* slot);
  // The labels of sample number b of the slot, where that is not the number of rows in its record.
  using ListRows = std::function<Index(std::size_t b)>;
  // Sets the layout of the slot to these samples, and the offsets of its fields; reads the lengths
  // of lists in steps, which stand in the records. `list_rows` may be empty.
  void Size(const std::vector<SampleRef>& samples, const ListRows& list_rows, SlotBatch* slot);

 private:
  void ReserveField(std::size_t f, const SlotBounds& bounds, FieldBatch* batch) const;
  void SizeField(std::size_t f, const std::vector<SampleRef>& samples, const ListRows& list_rows,
                 SlotBatch* slot);
  void SizeLists(std::size_t f, const std::vector<SampleRef>& samples, const ListRows& list_rows,
                 FieldBatch* batch);
  void SizeOwnSteps(std::size_t f, const std::vector<SampleRef>& samples, FieldBatch* batch);
  void SizeListsInSteps(std::size_t f, const std::vector<SampleRef>& samples, SlotBatch* slot);
  Index RowWidth(std::size_t f) const;

  const CorpusInfo& info_;
  const Index frame_width_;
  SplitShards& shards_;
  std::vector<Index> lengths_;  // of the slot being sized
};

}  // namespace lockstep
