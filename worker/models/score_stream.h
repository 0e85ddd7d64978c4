// The scores of one sequence that comes in parts, for models that can be used while they listen.
#pragma once

#include <span>

#include "data/batch/batch.h"

namespace lockstep {

template <typename S>
class ScoreStream {
 public:
  virtual ~ScoreStream() = default;
  // Adds the next steps: a slot of one sequence, whose layout is empty if only the end is to be
  // told. Returns the scores [steps, Model::score_width()] that are known now, which follow those
  // of the call before and are valid until the next call. If `ends` is true, they are all that
  // remain, and the next call begins a new sequence. Altogether they have the bits that
  // Model::Score gives for the whole sequence.
  virtual std::span<const S> Add(const SlotBatch& part, bool ends) = 0;
  // The scores of a step are known when so many further steps have been added.
  virtual Index look_ahead() const = 0;
};

}  // namespace lockstep
