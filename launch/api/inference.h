// What lockstep.h does, in C++: a model that is loaded from a checkpoint without its corpus, and
// scores sequences that lie one after another in memory.
#pragma once

#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <vector>

#include "base/aligned_buffer.h"
#include "worker/layers/word_input.h"
#include "worker/models/model.h"

namespace lockstep {

// Sequences one after another; either symbols or values are read (lockstep.h, lockstep_batch).
struct InputSequences {
  std::vector<Index> steps;  // of each sequence, at least 1
  const std::int32_t* symbols = nullptr;
  const float* values = nullptr;
};

class InferenceModel {
 public:
  // From a run folder or a checkpoint file. Selects the instruction set if it is the first model of
  // the process. UsageError for models that score no rows or have inputs that InputSequences cannot
  // hold; other errors are those of reading a checkpoint.
  explicit InferenceModel(const std::string& path);

  const Model<float>& model() const { return *model_; }
  const Schema& schema() const { return model_->schema(); }
  const float* values() const { return values_.data(); }
  Index symbols() const { return schema().IdsOf(schema().fields[0]); }  // 0: real values
  Index width() const { return schema().fields[0].width; }
  bool scores_steps() const { return model_->score_alignment() == Alignment::kStep; }
  // Null if the model has none; null column names of real targets.
  const std::string* SymbolName(std::size_t symbol) const;
  const std::string* ClassName(std::size_t output) const;

  // Sets outputs [rows, score_width()] and, unless it is null, labels [rows]; rows in the order of
  // the sequences. UsageError for ids that the model does not know. Any thread.
  void Run(const InputSequences& input, float* outputs, std::int32_t* labels) const;
  // Fills the leading field of a slot with `steps` steps of one sequence. UsageError as above.
  void FillLeading(Index steps, const std::int32_t* symbols, const float* values,
                   SlotBatch* slot) const;

 private:
  void RequireUsable(const WordOptions& words, const std::string& path) const;
  void CheckSymbols(Index count, const std::int32_t* symbols) const;
  // The memory of a call.
  struct Room {
    std::unique_ptr<Workspace> workspace;
    SlotBatch slot;
  };
  void Pack(const InputSequences& input, std::span<const std::size_t> order, SlotBatch* slot) const;
  Room TakeRoom() const;
  void ReturnRoom(Room room) const;

  std::unique_ptr<Model<float>> model_;
  AlignedBuffer<float> values_;
  std::unique_ptr<SlotScorer<float>> scorer_;  // null: model_ scores
  // Kept from call to call, because memory that is new must be zeroed by the system.
  mutable std::mutex mutex_;
  mutable std::vector<Room> rooms_;
};

// The stream of a model; see lockstep_stream_add.
class InferenceStream {
 public:
  // UsageError if the model must know the whole sequence. `model` must outlive it.
  InferenceStream(const InferenceModel& model, Index most_steps);

  // The result is valid until the next call.
  std::span<const float> Add(Index steps, const std::int32_t* symbols, const float* values,
                             bool ends);
  Index look_ahead() const { return stream_->look_ahead(); }

 private:
  const InferenceModel& model_;
  Index most_steps_;
  std::unique_ptr<ScoreStream<float>> stream_;
  SlotBatch part_;
};

}  // namespace lockstep
