// What `lockstep predict` needs to score sequences that are in no corpus: slots of sequences of
// similar length, their bounds, and the class that a row of scores says.
#pragma once

#include <span>
#include <vector>

#include "data/batch/pack_ids.h"
#include "worker/decode/sequence_scorer.h"

namespace lockstep {

// Sequences that are scored together, one after the other of their lengths.
inline constexpr Index kSequencesOfASlot = 32;

// Indices of `lengths`, the longest first, kSequencesOfASlot to a slot; equal lengths keep their
// order.
std::vector<std::vector<std::size_t>> DealToSlots(std::span<const Index> lengths);

// Sequences of ids in the slots that DealToSlots makes of them; the sample id of a sequence is its
// place in `sequences`.
template <typename Id>
std::vector<SlotBatch> PackSlots(const std::vector<std::vector<Id>>& sequences) {
  std::vector<Index> lengths;
  lengths.reserve(sequences.size());
  for (const auto& ids : sequences) lengths.push_back(std::ssize(ids));
  std::vector<SlotBatch> slots;
  for (const std::vector<std::size_t>& places : DealToSlots(lengths)) {
    std::vector<IdSequence<Id>> members;
    members.reserve(places.size());
    for (const std::size_t place : places) members.push_back({place, sequences[place]});
    slots.push_back(PackIds(members));
  }
  return slots;
}

// Bounds of these very slots: one long sequence must not make room for a slot of such sequences.
// `target_per_step` says whether the model computes a score per step or one per sequence.
SlotBounds BoundsOfSlots(std::span<const SlotBatch> slots, bool target_per_step);

struct BestClass {
  std::size_t id = 0;
  double probability = 0;  // of this class, by softmax
};
// The most probable class of a row of scores before softmax; the lowest id of equal ones.
BestClass FindBestClass(std::span<const float> scores);
// The class of a row of a sequence, with its probability: the class that the model chose for all
// rows together if it does so, else the most probable one.
BestClass ClassOfRow(const SequenceScores& scores, Index row);

}  // namespace lockstep
