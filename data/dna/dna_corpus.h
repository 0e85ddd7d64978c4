// What all DNA corpora have in common, wherever the bases come from: the alphabet, the classes, and
// how a sequence is cut into windows.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "data/corpus/corpus_writer.h"
#include "data/dna/base_labels.h"
#include "data/dna/gc_bins.h"
#include "data/dna/position_ranges.h"

namespace lockstep {

// How a genome is cut into samples.
struct DnaCutOptions {
  SplitRangeOptions ranges;
  // Bases of a sample, context included; 1 to 2^24. The default of 512 is several times the
  // distance over which a recurrent network uses composition, and short enough for many rows in a
  // batch.
  Index window = 512;
  // Bases on each side of a window that are context: the model reads them, but their targets are
  // ignored, because they belong to the core of another window. At least 0, less than half a
  // window.
  Index overlap = 0;
  Index shard_bytes = kDefaultShardBytes;  // 1 or more

  Index core() const { return window - 2 * overlap; }
};

// UsageError that lists all violations together.
void CheckCutOptions(const DnaCutOptions& options);

// The CorpusInfo of such a corpus, without splits, provenance and hash.
CorpusInfo DnaCorpusHeader(const DnaCutOptions& options, BaseLabels labels = BaseLabels::kStrand,
                           const GcBins& gc_bins = {});
// The names of all splits.
std::vector<std::string> DnaSplits();

// Cuts the bases of a genome (their ids, data/dna/gc_bins.h), which come in order, into windows. A
// stretch is a run of bases in the same record and the same range. Windows and their context never
// extend beyond their stretch, so that no base of one split occurs in another. The cores of the
// windows of a stretch follow each other without gap or overlap; the last window may be shorter.
class WindowCutter {
 public:
  // `writer` must outlive the cutter and have the splits of the ranges.
  WindowCutter(CorpusWriter& writer, std::vector<SplitRange> ranges, const DnaCutOptions& options);

  // The next bases of the current record, as ids; both spans have the same size.
  void Add(std::span<const std::uint8_t> codes, std::span<const std::uint8_t> labels);
  // Ends the current record. Must also be called after the last one.
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
  Index position_ = 0;     // position of the next base in the genome
  std::size_t range_ = 0;  // index of the first range that ends after position_
  // The current stretch; offsets count from its first base.
  Index buffer_start_ = 0;  // offset of codes_[0]
  Index next_core_ = 0;     // offset of the core of the next window
  std::vector<std::uint8_t> codes_;
  std::vector<std::uint8_t> labels_;
  std::vector<std::uint8_t> targets_;  // targets of the window being written
};

}  // namespace lockstep
