// A small model in training, for tests that drive steps themselves: symbols in, a class a step.
#pragma once

#include <bit>
#include <vector>

#include "tests/support/small_model.h"
#include "trainer/step/train_step.h"

namespace lockstep {

inline SmallModelOptions SmallModel() {
  SmallModelOptions options;
  options.symbols = 4;
  options.classes = 3;
  options.layers = 2;
  options.hidden_size = 40;
  return options;
}

// The slots of a rank; symbols and targets are functions of slot and step.
inline RankBatch SmallBatch(SlotRange range, Index step) {
  RankBatch batch;
  batch.slot_range = range;
  for (Index slot = range.first; slot < range.last; ++slot) {
    SlotBatch part;
    part.fields.resize(2);
    part.layout = PackedLayout({12, 9, 5});
    for (Index row = 0; row < part.layout.rows(); ++row) {
      part.fields[0].ids.push_back(static_cast<std::int32_t>((row * row + slot + step) % 4));
      part.fields[1].ids.push_back(static_cast<std::int32_t>((row + slot * step) % 3));
    }
    batch.slots.push_back(std::move(part));
  }
  return batch;
}

class SmallTraining {
 public:
  static constexpr Index kSlots = 8;

  SmallTraining(const Communicator& comm, Index check_period, int threads = 1,
                const OptimizerOptions& optimizer = {}, const TrafficOptions& traffic = {})
      : model_(SmallModel()),
        values_(model_.layout().size()),
        step_(comm, model_, {kSlots, threads, 1, TwoFieldBounds(3, 12, 26), true}, optimizer, {},
              traffic, check_period) {
    InitialiseParameters<float>(model_.layout(), 1, values_.span());
  }

  StepResult Step(double learning_rate = 1e-2) {
    const RankBatch batch = SmallBatch(step_.worker().slot_range(), done_);
    const StepResult result =
        step_.Run(batch, {.step = done_, .update = done_ + 1, .learning_rate = learning_rate},
                  values_.span());
    ++done_;
    return result;
  }
  // With all values here.
  void Steps(int count) {
    for (int i = 0; i < count; ++i) Step();
    step_.FinishValues();
  }
  void CheckState() { step_.CheckState(values_.span()); }

  TrainStep& train_step() { return step_; }
  std::span<float> values() { return values_.span(); }
  // The first element of the flat array that a rank owns, in the piece where it owns something.
  Index OwnedBy(int rank) const {
    for (const Piece& piece : step_.plan().pieces()) {
      if (piece.OwnedBy(rank).count() > 0) return piece.OwnedBy(rank).begin;
    }
    return -1;
  }

 private:
  SmallEncoderModel<float> model_;
  AlignedBuffer<float> values_;
  TrainStep step_;
  Index done_ = 0;
};

inline void FlipBit(float* value, int bit) {
  *value = std::bit_cast<float>(std::bit_cast<std::uint32_t>(*value) ^ (std::uint32_t{1} << bit));
}

}  // namespace lockstep
