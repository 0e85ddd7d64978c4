// Writes sequences one id at a time, for models that write a target of its own length: an encoder
// reads the sources once, and then each step gives the scores of the next id of every hypothesis.
// Which id a hypothesis takes, and which hypotheses go on, is up to the caller
// (worker/decode/token_search.h).
#pragma once

#include <cstdint>
#include <span>

#include "data/batch/batch.h"

namespace lockstep {

template <typename S>
class TokenStepper {
 public:
  virtual ~TokenStepper() = default;
  // The number of ids that may come next.
  virtual Index classes() const = 0;
  // Reads the sources: any number of sequences within the bounds that the stepper was made for.
  // Only the input fields of `source` are read, and need not stay.
  virtual void Begin(const SlotBatch& source) = 0;
  // Computes one step for previous.size() hypotheses, at most as many as the stepper was made for.
  // Hypothesis r goes on from row previous[r] of the step before, or in the first step from
  // sequence previous[r] of the source, and reads tokens[r], the id that it wrote last. Several
  // hypotheses may go on from one row. Hypotheses that have ended are left out by the caller, and
  // so cost nothing. Returns the logits [rows, classes()] of the ids that come next, which are
  // valid until the next call. Those of a row have the same bits whatever other rows there are.
  virtual std::span<const S> Step(std::span<const Index> previous,
                                  std::span<const std::int32_t> tokens) = 0;
  // How much of its context hypothesis `row` of the last step took from each step of its source;
  // adds up to 1. Empty if the model has no attention. Valid until the next call of Step.
  virtual std::span<const S> Attention(Index row) const = 0;
};

}  // namespace lockstep
