#include "worker/decode/ctc_align.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace lockstep {
namespace {

constexpr double kImpossible = -std::numeric_limits<double>::infinity();

// The states 0 .. 2U of a labelling: even states are blanks, odd states are labels.
class Lattice {
 public:
  explicit Lattice(std::span<const Index> labels) : labels_(labels) {}

  Index states() const { return 2 * static_cast<Index>(labels_.size()) + 1; }
  Index ClassOf(Index state) const {
    return state % 2 == 0 ? kCtcBlank : labels_[static_cast<std::size_t>(state / 2)];
  }
  // How far below `state` its predecessor may lie: 0 is the state itself, 1 the state before it, 2
  // the previous label, if that is a different one.
  Index Reach(Index state) const {
    if (state < 2 || state % 2 == 0) return std::min<Index>(state, 1);
    return ClassOf(state) == ClassOf(state - 2) ? 1 : 2;
  }

 private:
  std::span<const Index> labels_;
};

// The scores after the first frame: a path begins in the first blank or in the first label.
std::vector<double> FirstScores(const LogPosteriors& posteriors, const Lattice& lattice) {
  std::vector<double> scores(static_cast<std::size_t>(lattice.states()), kImpossible);
  for (Index s = 0; s < std::min<Index>(lattice.states(), 2); ++s) {
    scores[static_cast<std::size_t>(s)] = posteriors.At(0, lattice.ClassOf(s));
  }
  return scores;
}

// One frame of the Viterbi algorithm, in place from the last state down. Sets `steps` to how far
// below each state its best predecessor lies.
void ViterbiStep(const LogPosteriors& posteriors, const Lattice& lattice, Index frame,
                 std::vector<double>* scores, std::uint8_t* steps) {
  for (Index s = lattice.states() - 1; s >= 0; --s) {
    Index best = 0;
    for (Index back = 1; back <= lattice.Reach(s); ++back) {
      if ((*scores)[static_cast<std::size_t>(s - back)] >
          (*scores)[static_cast<std::size_t>(s - best)]) {
        best = back;
      }
    }
    (*scores)[static_cast<std::size_t>(s)] =
        (*scores)[static_cast<std::size_t>(s - best)] + posteriors.At(frame, lattice.ClassOf(s));
    steps[s] = static_cast<std::uint8_t>(best);
  }
}

// The better one of the two states in which a path may end, the last label and the blank after it;
// -1 if neither can be reached.
Index LastState(const std::vector<double>& scores) {
  const Index last = static_cast<Index>(scores.size()) - 1;
  const Index best =
      last > 0 && scores[static_cast<std::size_t>(last - 1)] >= scores.back() ? last - 1 : last;
  return scores[static_cast<std::size_t>(best)] == kImpossible ? -1 : best;
}

}  // namespace

std::vector<CtcLabel> AlignLabels(const LogPosteriors& posteriors, std::span<const Index> labels) {
  const Lattice lattice(labels);
  if (labels.empty() || posteriors.frames() == 0) return {};
  const auto row = static_cast<std::size_t>(lattice.states());
  std::vector<std::uint8_t> steps(row * static_cast<std::size_t>(posteriors.frames()));
  std::vector<double> scores = FirstScores(posteriors, lattice);
  for (Index t = 1; t < posteriors.frames(); ++t) {
    ViterbiStep(posteriors, lattice, t, &scores, &steps[static_cast<std::size_t>(t) * row]);
  }
  Index state = LastState(scores);
  if (state < 0) return {};
  std::vector<CtcLabel> aligned(labels.size(), {kCtcBlank, 0, -1, 0});
  for (Index t = posteriors.frames() - 1; t >= 0; --t) {
    if (state % 2 == 1) {
      CtcLabel& label = aligned[static_cast<std::size_t>(state / 2)];
      const double posterior = std::exp(posteriors.At(t, lattice.ClassOf(state)));
      if (label.last_frame < 0) label = {lattice.ClassOf(state), t, t, 0};
      label.first_frame = t;
      label.confidence = std::max(label.confidence, posterior);
    }
    state -= steps[static_cast<std::size_t>(t) * row + static_cast<std::size_t>(state)];
  }
  return aligned;
}

double LabellingLogProbability(const LogPosteriors& posteriors, std::span<const Index> labels) {
  const Lattice lattice(labels);
  if (posteriors.frames() == 0) return labels.empty() ? 0 : kImpossible;
  std::vector<double> scores = FirstScores(posteriors, lattice);
  for (Index t = 1; t < posteriors.frames(); ++t) {
    for (Index s = lattice.states() - 1; s >= 0; --s) {
      double sum = scores[static_cast<std::size_t>(s)];
      for (Index back = 1; back <= lattice.Reach(s); ++back) {
        sum = LogAdd(sum, scores[static_cast<std::size_t>(s - back)]);
      }
      scores[static_cast<std::size_t>(s)] = sum + posteriors.At(t, lattice.ClassOf(s));
    }
  }
  return labels.empty() ? scores.back() : LogAdd(scores.back(), scores[scores.size() - 2]);
}

}  // namespace lockstep
