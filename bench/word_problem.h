// The language model of bench/words and the text it is trained on: the 2 x 650 LSTM of Zaremba et
// al. 2014 (arXiv:1409.2329, "medium") with 20 streams of words, 35 words of each in a step.
#pragma once

#include <string>
#include <vector>

#include "bench/training_turns.h"

namespace lockstep {

constexpr Index kWordStreams = 20, kWordSteps = 35, kWordUnits = 650;

// `dropout` is that of the input of the first layer, of the second and of the output.
SmallModelOptions WordModel(Index words, double dropout);

// Consecutive parts of the streams, as one rank reads them. The text is drawn: word w has a
// probability of about 1 / w (Zipf), so that few of the rows of the embedding are touched by a
// step. It does not depend on `slots`, nor on ranks: stream b is in the slot that DealSlots says.
class WordText {
 public:
  WordText(Index words, Index parts, Index slots, const Communicator& comm);

  const RankBatch& First() const { return parts_.front(); }
  // The next part, at first the first one; after the last one the first one, which starts from
  // states of zero.
  const RankBatch& Next();
  // Inputs and targets of all streams, [parts, steps, streams] each, one after the other.
  const std::vector<std::int32_t>& inputs() const { return inputs_; }
  const std::vector<std::int32_t>& targets() const { return targets_; }

 private:
  RankBatch Part(Index part, Index slots, const Communicator& comm) const;

  std::vector<std::int32_t> inputs_, targets_;
  std::vector<RankBatch> parts_;
  std::size_t next_ = 0;
};

// Writes a file that torch_words_peer.py reads: a line of JSON ({"words": V, "parameters": [[NAME,
// SHAPE], ...], "parts": N}), then the parameters (float32) in this order, inputs and targets
// (int32).
void SaveWordProblem(const std::string& path, Index words, const TrainingTurns& training,
                     const WordText& text);

}  // namespace lockstep
