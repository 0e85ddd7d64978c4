#include "data/splits/split_conflicts.h"

namespace lockstep {

std::vector<std::string> FindSplitConflicts(const SplitDraw& draw, bool has_valid, bool has_test) {
  std::vector<std::string> conflicts;
  if (has_valid && draw.valid_fraction > 0) {
    conflicts.emplace_back("--valid and --valid-fraction both make the validation split: give one");
  }
  if (has_test && (draw.test_fraction > 0 || draw.folds > 0)) {
    conflicts.emplace_back(
        "--test and --test-fraction or --fold both make the test split: give one of them");
  }
  return conflicts;
}

}  // namespace lockstep
