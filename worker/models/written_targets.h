// Writes the targets of a slot by greedy search: at each step the most probable id. For
// validations; worker/decode/token_search.h searches better.
#pragma once

#include <vector>

#include "worker/layers/pass_observer.h"
#include "worker/losses/bleu_metric.h"
#include "worker/models/token_stepper.h"

namespace lockstep {

// The ids of each sequence of `source` without `end`, in its order; of equally probable ids the
// lowest. A sequence is given up after twice the steps of its source and ten more. `stepper` must
// have room for as many rows as there are sequences. `observer`, which may be null, hears of each
// step.
template <typename S>
std::vector<std::vector<std::int32_t>> WriteTargets(const SlotBatch& source, std::int32_t start,
                                                    std::int32_t end, TokenStepper<S>* stepper,
                                                    PassObserver* observer);

// The n-grams that the written ids of a slot share with its targets, for the metric "bleu".
// `written` is in the order of the sources; `target` ends with an id that is not compared.
BleuCounts CountNgramsOf(const FieldBatch& target,
                         const std::vector<std::vector<std::int32_t>>& written);

}  // namespace lockstep
