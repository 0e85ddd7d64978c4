// What all DNA corpora share, wherever the bases come from: alphabet, classes, and how a sequence
// is cut into windows.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "data/corpus/corpus_writer.h"
#include "data/dna/position_ranges.h"

namespace lockstep {

// Classes of a base, in the order of CorpusInfo::classes.
inline constexpr std::uint8_t kOtherClass = 0;
inline constexpr std::uint8_t kCodingPlusClass = 1;
inline constexpr std::uint8_t kCodingMinusClass = 2;

// How a genome becomes samples.
struct DnaCutOptions {
  SplitRangeOptions ranges;
  // Bases of a sample, context included; 1 .. 2^24. 512: several times the reach of what a
  // recurrent network remembers of composition, and short enough for many rows in a batch.
  Index window = 512;
  // Bases on each side that are context: read, but counted in the window they are the core of.
  // 0 .. below half a window.
  Index overlap = 0;
  Index shard_bytes = kDefaultShardBytes;  // 1 or more

  Index core() const { return window - 2 * overlap; }
};

// UsageError that lists all violations together.
void CheckCutOptions(const DnaCutOptions& options);

// Everything of the corpus but splits, provenance and hash.
CorpusInfo DnaCorpusHeader(const DnaCutOptions& options);
// The splits that get a writer.
std::vector<std::string> DnaSplits();

// Cuts the bases of a genome, given in order, into windows. A stretch is what is at once in one
// record and in one range; windows and their context never leave it, so that no base of one split
// is seen in another. The cores of its windows follow each other without gap or overlap; the last
// window is as short as it must be.
class WindowCutter {
 public:
  // `writer` must outlive the cutter and have the splits of the ranges.
  WindowCutter(CorpusWriter& writer, std::vector<SplitRange> ranges, const DnaCutOptions& options);

  // The next bases of the current record; both spans have the same size.
  void Add(std::span<const std::uint8_t> codes, std::span<const std::uint8_t> labels);
  // Ends the record: what comes next is of another one. Also after the last.
  void EndRecord();

 private:
  void AddToStretch(std::span<const std::uint8_t> codes, std::span<const std::uint8_t> labels);
  void EndStretch();
  void EmitWindow(Index stretch_end);
  void DropUsed();
  Index gathered() const { return buffer_start_ + static_cast<Index>(codes_.size()); }

  CorpusWriter& writer_;
  std::vector<SplitRange> ranges_;
  Index core_;
  Index overlap_;
  Index position_ = 0;     // in the genome, of the next base
  std::size_t range_ = 0;  // the first that ends behind position_
  // The current stretch; offsets count from its first base.
  Index buffer_start_ = 0;  // offset of codes_[0]
  Index next_core_ = 0;     // offset of the core of the next window
  std::vector<std::uint8_t> codes_;
  std::vector<std::uint8_t> labels_;
  std::vector<std::uint8_t> targets_;  // of the window being written
};

}  // namespace lockstep
