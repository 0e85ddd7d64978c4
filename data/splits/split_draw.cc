#include "data/splits/split_draw.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "base/counter_rng.h"
#include "base/error.h"
#include "base/text.h"

namespace lockstep {
namespace {

enum Purpose : std::uint64_t { kDrawTest = 0, kDrawValid = 1 };

constexpr double kLargestFraction = 0.9;
constexpr Index kMostFolds = 1000;

// The rows of each class, as indices into `rows`, in random order.
using ClassRows = std::map<std::int32_t, std::vector<std::size_t>>;

// Puts the rows that are still training data into random order.
ClassRows DrawOrder(std::span<const DrawnRow> rows, std::uint64_t seed, Purpose purpose,
                    const std::vector<DataSplit>& splits) {
  std::map<std::int32_t, std::vector<std::pair<std::uint64_t, std::size_t>>> drawn;
  for (std::size_t r = 0; r < rows.size(); ++r) {
    if (splits[r] != DataSplit::kTrain) continue;
    const CounterRng random(seed, RandomPurpose::kTextSplit, purpose, rows[r].file);
    drawn[rows[r].label].emplace_back(random.Bits(rows[r].line), r);
  }
  ClassRows ordered;
  for (auto& [label, of_class] : drawn) {
    std::sort(of_class.begin(), of_class.end());
    for (const auto& [bits, row] : of_class) ordered[label].push_back(row);
  }
  return ordered;
}

// Gives the first rows of each class of `ordered` to a split. Their number is `fraction` of the
// rows that the class has in `whole`.
void TakeFraction(const ClassRows& ordered, const ClassRows& whole, double fraction,
                  DataSplit split, std::vector<DataSplit>* splits) {
  for (const auto& [label, of_class] : ordered) {
    const auto wanted = static_cast<std::size_t>(
        std::lround(fraction * static_cast<double>(whole.at(label).size())));
    const std::size_t taken = std::min(wanted, of_class.size());
    for (std::size_t i = 0; i < taken; ++i) (*splits)[of_class[i]] = split;
  }
}

void TakeFold(const ClassRows& ordered, const SplitDraw& draw, std::vector<DataSplit>* splits) {
  Index turn = 0;
  for (const auto& [label, of_class] : ordered) {
    for (const std::size_t row : of_class) {
      if (turn++ % draw.folds == draw.fold - 1) (*splits)[row] = DataSplit::kTest;
    }
  }
}

}  // namespace

const char* DataSplitName(DataSplit split) {
  constexpr const char* kNames[] = {"train", "valid", "test"};
  return kNames[static_cast<std::size_t>(split)];
}

std::vector<DataSplit> DrawSplits(std::span<const DrawnRow> rows, const SplitDraw& draw) {
  std::vector<DataSplit> splits(rows.size(), DataSplit::kTrain);
  const ClassRows all = DrawOrder(rows, draw.seed, kDrawTest, splits);
  if (draw.folds > 0) {
    TakeFold(all, draw, &splits);
  } else {
    TakeFraction(all, all, draw.test_fraction, DataSplit::kTest, &splits);
  }
  const ClassRows left = DrawOrder(rows, draw.seed, kDrawValid, splits);
  TakeFraction(left, draw.folds > 0 ? left : all, draw.valid_fraction, DataSplit::kValid, &splits);
  if (rows.empty() || std::ranges::count(splits, DataSplit::kTrain) > 0) return splits;
  throw UsageError(
      "of {} samples (of documents, where files mark them) all are drawn for validation and test, "
      "and none is left to train on: give smaller shares, or files of their own with --valid and "
      "--test",
      rows.size());
}

std::vector<std::string> EmptyDrawWarnings(const SplitDraw& draw,
                                           const std::array<Index, kDataSplits>& counts,
                                           Index documents) {
  std::vector<std::string> warnings;
  const Index drawn = documents > 0 ? documents : counts[0] + counts[1] + counts[2];
  const char* const what = documents > 0 ? "documents" : "samples";
  const auto add = [&](DataSplit split, const std::string& option) {
    if (counts[static_cast<std::size_t>(split)] > 0) return;
    warnings.push_back(
        fmt::format("the {} split is empty: {} of {} {}, rounded for each class, is none; "
                    "give a larger share, or a file with --{}",
                    DataSplitName(split), option, drawn, what, DataSplitName(split)));
  };
  if (draw.valid_fraction > 0)
    add(DataSplit::kValid, fmt::format("--valid-fraction {}", draw.valid_fraction));
  if (draw.test_fraction > 0)
    add(DataSplit::kTest, fmt::format("--test-fraction {}", draw.test_fraction));
  if (draw.folds > 0) add(DataSplit::kTest, fmt::format("--fold {}/{}", draw.fold, draw.folds));
  return warnings;
}

std::vector<std::string> FindSplitDrawProblems(const SplitDraw& draw) {
  std::vector<std::string> problems;
  const auto check = [&](const char* name, double fraction) {
    if (fraction >= 0 && fraction <= kLargestFraction) return;  // false for NaN
    problems.push_back(fmt::format("--{} is {}, allowed: 0..{}", name, fraction, kLargestFraction));
  };
  check("valid-fraction", draw.valid_fraction);
  check("test-fraction", draw.test_fraction);
  check("valid-fraction and --test-fraction together", draw.valid_fraction + draw.test_fraction);
  if (draw.folds == 0) return problems;
  if (draw.folds < 2 || draw.folds > kMostFolds || draw.fold < 1 || draw.fold > draw.folds) {
    problems.push_back(fmt::format("--fold is {}/{}, allowed: K/N with N in 2..{} and K in 1..N",
                                   draw.fold, draw.folds, kMostFolds));
  }
  if (draw.test_fraction > 0) {
    problems.push_back("--fold and --test-fraction both make the test split: give one of them");
  }
  return problems;
}

void ParseFold(const std::string& text, SplitDraw* draw) {
  const std::size_t slash = text.find('/');
  const auto parse = [&](std::size_t begin, std::size_t end, Index* value) {
    return ReadNumber(std::string_view(text).substr(begin, end - begin), value);
  };
  if (slash == text.npos || !parse(0, slash, &draw->fold) ||
      !parse(slash + 1, text.size(), &draw->folds) || draw->folds == 0) {
    throw UsageError("--fold is \"{}\", allowed: K/N, for example 1/10", text);
  }
}

}  // namespace lockstep
