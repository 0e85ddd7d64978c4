// The translator of bench/translation and the pairs it is trained on: the model of
// recipes/multi30k/train.toml, and pairs of texts with about the lengths of Multi30k in 8,000
// pieces.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "trainer/step/train_step.h"
#include "worker/models/model_factory.h"

namespace lockstep {

constexpr Index kPieces = 8000, kPairsOfBatch = 64, kBatches = 8;
constexpr std::int32_t kEnd = 1;  // ends each text, and is read before the first step

// `drops` with the dropout of the recipe, otherwise without any. The smoothing of labels is that of
// the recipe.
ModelOptions TranslatorOptions(bool drops);
// One vocabulary for source and target, whose names do not matter.
Schema TranslatorSchema();

// Batches of drawn pairs: piece w has a probability of about 1 / w (Zipf), a source 14 pieces on
// average, its target about as many. As in training, the pairs of a batch have similar lengths. In
// a batch they stand in descending order of the lengths of their sources.
class PairText {
 public:
  using Pair = std::pair<std::vector<std::int32_t>, std::vector<std::int32_t>>;  // ends included

  explicit PairText(Index slots);

  const std::vector<std::vector<Pair>>& pairs() const { return pairs_; }  // by batch
  const std::vector<RankBatch>& batches() const { return batches_; }
  // Hold for every slot of every batch.
  const SlotBounds& bounds() const { return bounds_; }
  Index target_tokens() const;  // of all batches, ends included

 private:
  std::vector<std::vector<Pair>> pairs_;
  std::vector<RankBatch> batches_;
  SlotBounds bounds_;
};

// Writes a file that torch_translation_peer.py reads: a line of JSON ({"parameters": [[NAME,
// SHAPE], ...], "batches": [[[SOURCE LENGTH, TARGET LENGTH], ...], ...]}), then the parameters
// (float32) in this order, and the ids of each source and its target (int32).
void SaveTranslationProblem(const std::string& path, const ParameterLayout& layout,
                            std::span<const float> values, const PairText& text);

}  // namespace lockstep
