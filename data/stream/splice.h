// Crops and joins of samples, drawn anew in each epoch, so that a model learns words in places and
// neighbourhoods in which no one said them. If every training sample begins with "yes", a model
// that has only seen those may learn that the first word is "yes", whatever is said.
//   crop  keeps a run of 1 to all but one of the words of a sample, with their frames and labels
//   join  puts another sample of the same shard, or a crop of it, after the sample or its crop
// What a sample becomes is a function of (seed, epoch, sample id) and of the tables of its shard
// alone: the plan of an epoch knows its length without reading it. For frames with a list of
// labels.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>

#include "base/counter_rng.h"
#include "base/types.h"
#include "data/corpus/shard_format.h"
#include "data/corpus/shard_tables.h"

namespace lockstep {

struct SpliceOptions {
  double crop = 0;  // probability that a run of its words is kept, of a sample and of a joined one
  double join = 0;  // probability that another sample follows
  // The most frames of a joined sample; 0: those of the longest sample of the split. A join that
  // would be longer is drawn again, and after some attempts left out.
  Index most_frames = 0;
  // The label that stands between two words: of joined samples, and cut off where a crop ends;
  // -1: words follow each other without one.
  std::int32_t separator = -1;
  bool IsIdentity() const { return crop == 0 && join == 0; }
};

// UsageError if samples of the corpus cannot be cropped or joined as the options ask, with the
// remedy.
void RequireSpliceable(const CorpusInfo& info, const SpliceOptions& options);

// A run of the words of one record.
struct SplicePiece {
  Index record = 0;
  ElementRange frames;
  ElementRange labels;
  Index least_steps = 0;  // that the labels need; never too small
};

// What a sample becomes: one piece, or two that are joined.
struct Splice {
  std::array<SplicePiece, 2> places;
  Index count = 1;
  Index separators = 0;  // labels between the pieces: 0 or 1

  std::span<const SplicePiece> pieces() const {
    return std::span(places).first(static_cast<std::size_t>(count));
  }
  Index frames() const;
  Index labels() const;
  Index least_steps() const;
};

// Draws splices. Holds nothing but its options.
class Splicer {
 public:
  // `stride`: frames per step, for which labels must fit. `longest`: frames of the longest sample
  // of the split.
  Splicer(const SpliceOptions& options, std::uint64_t seed, Index stride, Index longest);

  // The most frames of a spliced sample.
  Index MostFrames() const;
  // What a record becomes in an epoch. `targets` is the number of the field of labels. If the
  // labels of a crop or join would not fit into its steps, it is left out.
  Splice Draw(const ShardTables& tables, std::size_t targets, Index record, Index epoch) const;

 private:
  struct Shard {
    const ShardTables& tables;
    std::size_t targets;
  };
  SplicePiece Whole(const Shard& shard, Index record) const;
  SplicePiece DrawPiece(const Shard& shard, Index record, const CounterRng& rng,
                        std::uint64_t draws) const;
  std::optional<Splice> Join(const SplicePiece& own, const SplicePiece& other) const;
  bool Fits(const Splice& splice) const;

  SpliceOptions options_;
  std::uint64_t seed_;
  Index stride_;
  Index longest_;
};

}  // namespace lockstep
