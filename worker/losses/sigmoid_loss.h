// The loss of a set of labels per row: each label has an independent sigmoid, which says with which
// probability it belongs to the set. The notes that sound in a step of music are such a set
// (Boulanger-Lewandowski, Bengio and Vincent 2012, arXiv:1206.6392); so are the topics of a text.
//
//   p_k = 1 / (1 + exp(-x_k))                                                    (1)
//   loss of a row = -sum over k of [k in set] log p_k + [k not in set] log(1 - p_k)
//                 = sum over k of max(x_k, 0) + log(1 + exp(-|x_k|)) - [k in set] x_k     (2)
//   d loss / d x_k = p_k - [k in set]                                            (3)
//
// In the form (2) no exponential can overflow and no logarithm can be of 0. Its first and last term
// are computed as one, so that large outputs that are right do not cancel the digits of the others.
#pragma once

#include <memory>

#include "worker/losses/row_loss.h"

namespace lockstep {

// Targets are lists of ids in ascending or any order, the list of row r at [offsets[r],
// offsets[r + 1]); an id that a list names twice counts once, and a list may be empty. Labels below
// `first_label` do not exist: their outputs have no loss and no gradient (label 0 of lists that
// belong to whole sequences).
// Each row is one target, so the loss per target is the sum over the labels, in nats. counts[0],
// "correct", is the number of rows all of whose labels are right when p_k > 0.5 counts as found;
// StepSums::kHits, kFalseAlarms and kMisses count the labels. The tally counts them by label.
// Metrics: frame accuracy, micro F1, and macro F1 over the labels that occur.
template <typename S>
std::unique_ptr<RowLoss<S>> MakeSigmoidLoss(Index labels, Index first_label);

}  // namespace lockstep
