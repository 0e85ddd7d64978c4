#include "data/corpus/word_cuts.h"

#include "base/error.h"

namespace lockstep {
namespace {

// Labels that follow each other need one step each, and one more between two equal ones.
bool MayFollow(const WordCut& before, const WordCut& cut) {
  const Index labels = Index{cut.label} - before.label;
  const Index steps = Index{cut.least_steps} - before.least_steps;
  const Index between = Index{cut.frame} - cut.slack - (Index{before.frame} + before.slack);
  return between > 0 && cut.slack >= 0 && labels >= 0 && steps >= labels && steps <= 2 * labels;
}

}  // namespace

std::optional<std::string> FindBadCut(std::span<const WordCut> cuts, Index frames, Index labels) {
  if (cuts.size() < 2) return "there are fewer than two cuts";
  if (cuts[0] != WordCut{}) return "the first cut is not at frame 0 and label 0";
  for (std::size_t k = 1; k < cuts.size(); ++k) {
    if (!MayFollow(cuts[k - 1], cuts[k])) {
      return fmt::format("cut {} (frame {}, label {}) cannot follow cut {} (frame {}, label {})", k,
                         cuts[k].frame, cuts[k].label, k - 1, cuts[k - 1].frame, cuts[k - 1].label);
    }
  }
  if (cuts.back().slack != 0) return "the last cut has a slack";
  if (cuts.back().frame == frames && cuts.back().label == labels) return std::nullopt;
  return fmt::format("the last cut is at frame {} and label {}, the sample has {} and {}",
                     cuts.back().frame, cuts.back().label, frames, labels);
}

}  // namespace lockstep
