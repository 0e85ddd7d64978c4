#include "data/dna/dna_corpus.h"

#include <algorithm>

#include "base/error.h"

namespace lockstep {

void CheckCutOptions(const DnaCutOptions& options) {
  constexpr Index kLongestWindow = Index{1} << 24;
  std::vector<std::string> violations;
  const auto add = [&](const char* name, Index found, const std::string& allowed) {
    violations.push_back(fmt::format("--{} is {}, allowed: {}", name, found, allowed));
  };
  if (options.window < 1 || options.window > kLongestWindow) {
    add("window", options.window, fmt::format("1..{}", kLongestWindow));
  }
  if (options.overlap < 0 || options.core() < 1) {
    add("overlap", options.overlap, "0 or more, and below half of --window");
  }
  if (options.shard_bytes < 1) add("shard-bytes", options.shard_bytes, "1 or more");
  try {
    CheckRangeSyntax(options.ranges);
  } catch (const InputError& error) {
    violations.push_back(error.what());
  }
  if (!violations.empty()) throw UsageError("{}", fmt::join(violations, "; "));
}

CorpusInfo DnaCorpusHeader(const DnaCutOptions& options, BaseLabels labels, const GcBins& gc_bins) {
  CorpusInfo info;
  info.kind = "dna";
  info.schema = TwoFieldSchema({}, gc_bins.Symbols(), {}, ClassesOf(labels));
  info.task = gc_bins.TaskJson();
  // Training names the unit of corpora that do not say theirs. Its copy of such a corpus in format
  // 3 has another hash, which `verify` takes for damage; so corpora with GC bins say theirs.
  if (!info.task.empty()) info.schema.unit = "bases";
  info.window = options.window;
  info.overlap = options.overlap;
  return info;
}

std::vector<std::string> DnaSplits() { return {"train", "valid", "test"}; }

WindowCutter::WindowCutter(CorpusWriter& writer, std::vector<SplitRange> ranges,
                           const DnaCutOptions& options)
    : writer_(writer),
      ranges_(std::move(ranges)),
      core_(options.core()),
      overlap_(options.overlap) {}

void WindowCutter::Add(std::span<const std::uint8_t> codes, std::span<const std::uint8_t> labels) {
  LOCKSTEP_CHECK_EQ(codes.size(), labels.size());
  while (!codes.empty() && range_ < ranges_.size()) {
    const SplitRange& range = ranges_[range_];
    const bool inside = position_ >= range.begin;
    const Index border = inside ? range.end : range.begin;
    const auto taken = std::min(codes.size(), static_cast<std::size_t>(border - position_));
    if (inside) AddToStretch(codes.first(taken), labels.first(taken));
    codes = codes.subspan(taken);
    labels = labels.subspan(taken);
    position_ += static_cast<Index>(taken);
    if (position_ == range.end) EndStretch(), ++range_;
  }
  position_ += static_cast<Index>(codes.size());
}

void WindowCutter::EndRecord() {
  if (range_ < ranges_.size()) EndStretch();
}

void WindowCutter::AddToStretch(std::span<const std::uint8_t> codes,
                                std::span<const std::uint8_t> labels) {
  codes_.insert(codes_.end(), codes.begin(), codes.end());
  labels_.insert(labels_.end(), labels.begin(), labels.end());
  while (gathered() >= next_core_ + core_ + overlap_) EmitWindow(gathered());
  DropUsed();
}

void WindowCutter::EndStretch() {
  while (next_core_ < gathered()) EmitWindow(gathered());
  codes_.clear();
  labels_.clear();
  buffer_start_ = 0;
  next_core_ = 0;
}

// Offsets: context [begin, next_core_), core [next_core_, core_end), context [core_end, end).
void WindowCutter::EmitWindow(Index stretch_end) {
  const Index begin = std::max(Index{0}, next_core_ - overlap_);
  const Index core_end = std::min(stretch_end, next_core_ + core_);
  const Index end = std::min(stretch_end, core_end + overlap_);
  const auto at = static_cast<std::size_t>(begin - buffer_start_);
  const auto size = static_cast<std::size_t>(end - begin);
  targets_.assign(labels_.begin() + static_cast<Index>(at),
                  labels_.begin() + static_cast<Index>(at + size));
  std::fill(targets_.begin(), targets_.begin() + (next_core_ - begin), kIgnoredTargetByte);
  std::fill(targets_.end() - (end - core_end), targets_.end(), kIgnoredTargetByte);
  writer_.Add(ranges_[range_].split, {{std::as_bytes(std::span(codes_).subspan(at, size)),
                                       std::as_bytes(std::span(targets_))},
                                      end - begin});
  next_core_ = core_end;
}

// Drops bases before the left context of the next window. Called once for many windows, so that
// moving the rest to the front costs little.
void WindowCutter::DropUsed() {
  const Index keep_from = std::max(buffer_start_, next_core_ - overlap_);
  codes_.erase(codes_.begin(), codes_.begin() + (keep_from - buffer_start_));
  labels_.erase(labels_.begin(), labels_.begin() + (keep_from - buffer_start_));
  buffer_start_ = keep_from;
}

}  // namespace lockstep
