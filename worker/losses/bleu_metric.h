// BLEU as a figure of validations: of the ids of targets, not of texts, since validations know no
// texts (worker/metrics/bleu.h).
#pragma once

#include "worker/losses/task_metric.h"
#include "worker/metrics/bleu.h"

namespace lockstep {

// The name is "bleu", the value from 0 to 1. The tally that it needs has a class for each order of
// n-grams: n-grams of the references are the true ones, those of the hypotheses the found ones, and
// those that match the right ones.
TaskMetric BleuMetric();

// Adds the counts of some sentences to a tally of this metric.
void AddToTally(const BleuCounts& counts, ClassTally* tally);

}  // namespace lockstep
