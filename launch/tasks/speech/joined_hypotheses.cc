#include "launch/tasks/speech/joined_hypotheses.h"

#include <queue>
#include <set>

#include "launch/tasks/speech/transcript_writer.h"

namespace lockstep {
namespace {

CtcHypothesis Joined(CtcHypothesis whole, const CtcHypothesis& part, Index first) {
  whole.labels.insert(whole.labels.end(), part.labels.begin(), part.labels.end());
  for (DecodedWord word : part.words) {
    word.first_frame += first;
    word.last_frame += first;
    whole.words.push_back(std::move(word));
  }
  whole.acoustic += part.acoustic;
  whole.language += part.language;
  whole.total += part.total;
  return whole;
}

struct Pair {
  double total = 0;
  std::size_t before = 0, part = 0;
  // Whether it comes later.
  bool operator<(const Pair& other) const {
    if (total != other.total) return total < other.total;
    return before != other.before ? before > other.before : part > other.part;
  }
};

}  // namespace

// The best pair that has not come yet follows one that has: its hypothesis of the part is the next
// one, or, at the first of the part, the one before is.
std::vector<CtcHypothesis> JoinedHypotheses(std::span<const CtcHypothesis> before,
                                            std::span<const CtcHypothesis> part, Index first,
                                            Index most) {
  std::priority_queue<Pair> pairs;
  const auto offer = [&](std::size_t b, std::size_t p) {
    if (b < before.size() && p < part.size()) pairs.push({before[b].total + part[p].total, b, p});
  };
  std::vector<CtcHypothesis> joined;
  std::set<std::string> texts;
  for (offer(0, 0); !pairs.empty() && std::ssize(joined) < most;) {
    const Pair best = pairs.top();
    pairs.pop();
    CtcHypothesis whole = Joined(before[best.before], part[best.part], first);
    if (texts.insert(HypothesisText(whole)).second) joined.push_back(std::move(whole));
    offer(best.before, best.part + 1);
    if (best.part == 0) offer(best.before + 1, 0);
  }
  return joined;
}

}  // namespace lockstep
