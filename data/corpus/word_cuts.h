// The places where a sample may be cut: where its words begin, in frames and labels. A corpus has
// them if prepare was given the times of words; training then draws crops and joins of samples anew
// in each epoch (data/stream/splice.h). docs/shard_format.md describes the table.
#pragma once

#include <optional>
#include <span>
#include <string>

#include "base/types.h"

namespace lockstep {

// A sample of n words has n + 1 cuts: where each word begins, and the end of the sample. The first
// cut is all zeros. A sample whose words are not known has two cuts, as if it were one word.
struct WordCut {
  std::int32_t frame = 0;
  std::int32_t label = 0;  // index of the first label of the word
  // Steps that the labels before this cut need (LeastStepsFor).
  std::int32_t least_steps = 0;
  // Frames before and after the cut in which no word is spoken: a crop may end or begin this far
  // from it. 0 for the first and the last cut.
  std::int32_t slack = 0;
  bool operator==(const WordCut&) const = default;
};
inline constexpr Index kNumbersOfCut = 4;

// Returns what is wrong with the cuts of a sample of so many frames and labels; nothing if they can
// be used: frames ascend from 0 to `frames`, with something between the slacks of neighbours;
// labels and steps do not descend, and labels end at `labels`.
std::optional<std::string> FindBadCut(std::span<const WordCut> cuts, Index frames, Index labels);

}  // namespace lockstep
