// Splits that have files of their own and are to be drawn from the training files as well.
#pragma once

#include <algorithm>
#include <iterator>
#include <string>
#include <vector>

#include "data/splits/split_draw.h"

namespace lockstep {

// One sentence for each split that two options make. `has_valid` and `has_test`: whether the user
// gives files of these splits.
std::vector<std::string> FindSplitConflicts(const SplitDraw& draw, bool has_valid, bool has_test);

// True if one of the files, which have a member `split`, is of this split.
template <typename Files>
bool HasFileOf(const Files& files, DataSplit split) {
  return std::ranges::any_of(files, [split](const auto& file) { return file.split == split; });
}

// All that is wrong with how splits are made of `files`: FindSplitDrawProblems and
// FindSplitConflicts.
template <typename Files>
std::vector<std::string> FindSplitProblems(const SplitDraw& draw, const Files& files) {
  std::vector<std::string> problems = FindSplitDrawProblems(draw);
  std::ranges::move(FindSplitConflicts(draw, HasFileOf(files, DataSplit::kValid),
                                       HasFileOf(files, DataSplit::kTest)),
                    std::back_inserter(problems));
  return problems;
}

}  // namespace lockstep
