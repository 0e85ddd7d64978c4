#include "data/dna/position_ranges.h"

#include <algorithm>
#include <optional>
#include <string_view>

#include "base/error.h"
#include "base/text.h"

namespace lockstep {
namespace {

constexpr Index kToTheEnd = -1;

std::optional<Index> Position(std::string_view text) {
  Index value = 0;
  if (!ReadNumber(text, &value) || value < 1) return std::nullopt;
  return value;
}

SplitRange ParseRange(std::string_view text, const std::string& split) {
  const std::size_t dash = text.find('-');
  const auto first = Position(text.substr(0, dash));
  const bool open = dash != std::string_view::npos && dash + 1 == text.size();
  const auto last = open ? std::optional<Index>(kToTheEnd)
                         : Position(dash == std::string_view::npos ? "" : text.substr(dash + 1));
  if (!first || !last || (!open && *first > *last)) {
    throw UsageError(
        "--{}: range \"{}\" cannot be read; write A-B with 1 <= A <= B, or A- for \"to the end\", "
        "several separated by commas",
        split, text);
  }
  return {*first - 1, *last, split};
}

// Reads all ranges. The end of an open range ("A-") is kToTheEnd.
std::vector<SplitRange> ParseAll(const SplitRangeOptions& options) {
  std::vector<SplitRange> ranges;
  const std::pair<const char*, const std::string&> lists[] = {
      {"train", options.train}, {"valid", options.valid}, {"test", options.test}};
  for (const auto& [split, list] : lists) {
    if (list.empty()) continue;
    for (std::size_t start = 0, comma = 0; comma != std::string::npos; start = comma + 1) {
      comma = list.find(',', start);
      ranges.push_back(ParseRange(std::string_view(list).substr(start, comma - start), split));
    }
  }
  return ranges;
}

std::vector<SplitRange> DefaultRanges(Index bases) {
  const Index train = bases / 10 * 8 + bases % 10 * 8 / 10;
  const Index valid = bases / 10 * 9 + bases % 10 * 9 / 10;
  return {{0, train, "train"}, {train, valid, "valid"}, {valid, bases, "test"}};
}

std::string Text(const SplitRange& range) {
  return fmt::format("{}-{}", range.begin + 1, range.end);
}

void CheckApart(const std::vector<SplitRange>& ranges) {
  for (std::size_t i = 1; i < ranges.size(); ++i) {
    const SplitRange& a = ranges[i - 1];
    const SplitRange& b = ranges[i];
    if (b.begin >= a.end) continue;
    throw UsageError("--{} {} and --{} {} share the positions {}-{}; a base belongs to one split",
                     a.split, Text(a), b.split, Text(b), b.begin + 1, std::min(a.end, b.end));
  }
}

// Makes what lies between the ranges, which are in order, a range for training.
void FillWithTraining(Index bases, std::vector<SplitRange>* ranges) {
  std::vector<SplitRange> all;
  Index begin = 0;
  for (const SplitRange& range : *ranges) {
    if (range.begin > begin) all.push_back({begin, range.begin, "train"});
    all.push_back(range);
    begin = range.end;
  }
  if (begin < bases) all.push_back({begin, bases, "train"});
  *ranges = std::move(all);
}

}  // namespace

void CheckRangeSyntax(const SplitRangeOptions& options) { ParseAll(options); }

std::vector<SplitRange> ResolveRanges(const SplitRangeOptions& options, Index bases,
                                      std::vector<SplitRange> of_records) {
  std::vector<SplitRange> ranges = ParseAll(options);
  ranges.insert(ranges.end(), of_records.begin(), of_records.end());
  if (ranges.empty()) ranges = DefaultRanges(bases);
  for (SplitRange& range : ranges) {
    if (range.end == kToTheEnd) range.end = std::max(bases, range.begin + 1);
    if (range.end > bases) {
      throw UsageError("--{}: range {} ends after the last base, which is {}", range.split,
                       Text(range), bases);
    }
  }
  std::erase_if(ranges, [](const SplitRange& range) { return range.size() == 0; });
  std::sort(ranges.begin(), ranges.end(),
            [](const SplitRange& a, const SplitRange& b) { return a.begin < b.begin; });
  CheckApart(ranges);
  const bool rest_trains = options.train.empty() && options.train_records.empty();
  if (options.has_records() && rest_trains) FillWithTraining(bases, &ranges);
  return ranges;
}

std::string RangesText(const std::vector<SplitRange>& ranges, const std::string& split) {
  std::string text;
  for (const SplitRange& range : ranges) {
    if (range.split != split) continue;
    if (!text.empty()) text.push_back(',');
    text += Text(range);
  }
  return text;
}

}  // namespace lockstep
