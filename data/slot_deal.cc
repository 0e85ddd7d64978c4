// Two passes. Longest first, each sequence goes to the slot with the least steps that has room
// (Graham 1969). Then the heaviest slot swaps one sequence with another slot, whichever swap leaves
// the heavier of the two lightest, until it is close to the mean or no swap helps. The first pass
// alone leaves up to 7 % where some slots get one sequence more than others.
#include "data/slot_deal.h"

#include <algorithm>
#include <utility>

namespace lockstep {
namespace {

using Slots = std::vector<std::vector<SampleRef>>;

bool IsLonger(const SampleRef& a, const SampleRef& b) { return a.length > b.length; }

// A swap of one sequence of the heaviest slot with a shorter one of another.
struct Swap {
  Index steps = 0;  // of the heavier of the two slots after it
  std::size_t slot = 0, own = 0, other = 0;
};

class Dealer {
 public:
  Dealer(std::vector<SampleRef> samples, Index slots)
      : slots_(static_cast<std::size_t>(slots)), steps_(slots_.size(), 0) {
    std::stable_sort(samples.begin(), samples.end(), IsLonger);
    const std::size_t room = (samples.size() + slots_.size() - 1) / slots_.size();
    for (const SampleRef& sample : samples) DealToLightest(sample, room);
    Balance();
  }

  Slots Take() {
    for (auto& slot : slots_) std::stable_sort(slot.begin(), slot.end(), IsLonger);
    return std::move(slots_);
  }

 private:
  // A slot is asked for once a sequence; a heap would pay only above hundreds of slots.
  void DealToLightest(const SampleRef& sample, std::size_t room) {
    std::size_t best = slots_.size();
    for (std::size_t slot = 0; slot < slots_.size(); ++slot) {
      if (slots_[slot].size() == room) continue;
      if (best == slots_.size() || steps_[slot] < steps_[best]) best = slot;
    }
    slots_[best].push_back(sample);
    steps_[best] += sample.length;
    total_ += sample.length;
  }

  // Each swap makes the heaviest slot lighter; the bound on their number is for odd inputs only.
  void Balance() {
    const Index count = static_cast<Index>(slots_.size());
    constexpr Index kCloseEnough = 128;  // parts of the mean
    for (Index swaps = 0; swaps < 4 * count; ++swaps) {
      const std::size_t heaviest =
          static_cast<std::size_t>(std::max_element(steps_.begin(), steps_.end()) - steps_.begin());
      const Index above = steps_[heaviest] * count - total_;
      if (above * kCloseEnough <= total_ || !SwapOnce(heaviest)) return;
    }
  }

  bool SwapOnce(std::size_t heaviest) {
    Swap best{steps_[heaviest], 0, 0, 0};
    for (std::size_t slot = 0; slot < slots_.size(); ++slot) FindSwap(heaviest, slot, &best);
    if (best.steps == steps_[heaviest]) return false;
    SampleRef& own = slots_[heaviest][best.own];
    SampleRef& other = slots_[best.slot][best.other];
    steps_[heaviest] -= own.length - other.length;
    steps_[best.slot] += own.length - other.length;
    std::swap(own, other);
    return true;
  }

  // The best swap between the two slots, if it is better than `best`.
  void FindSwap(std::size_t heaviest, std::size_t slot, Swap* best) const {
    for (std::size_t own = 0; own < slots_[heaviest].size(); ++own) {
      for (std::size_t other = 0; other < slots_[slot].size(); ++other) {
        const Index less = slots_[heaviest][own].length - slots_[slot][other].length;
        if (less <= 0) continue;
        const Index steps = std::max(steps_[heaviest] - less, steps_[slot] + less);
        if (steps < best->steps) *best = {steps, slot, own, other};
      }
    }
  }

  Slots slots_;
  std::vector<Index> steps_;  // of each slot
  Index total_ = 0;
};

}  // namespace

Slots DealToSlots(std::vector<SampleRef> samples, Index slots) {
  return Dealer(std::move(samples), slots).Take();
}

}  // namespace lockstep
