// Two passes. Longest first, each sequence goes to the slot with the least steps that has room
// (Graham 1969). Then the heaviest slot swaps one sequence with another slot, whichever swap leaves
// the heavier of the two lightest, until it is close to the mean or no swap helps. The first pass
// alone leaves up to 7 % where some slots get one sequence more than others.
#include "data/stream/slot_deal.h"

#include <algorithm>
#include <tuple>
#include <utility>

namespace lockstep {
namespace {

// Of equal lengths the place in the corpus decides, so that the order is the same however it is
// sorted; a stable sort would take memory.
bool IsLonger(const SampleRef& a, const SampleRef& b) {
  return std::tie(b.length, a.shard, a.record) < std::tie(a.length, b.shard, b.record);
}

}  // namespace

// A swap of one sequence of the heaviest slot with a shorter one of another.
struct SlotDealer::Swap {
  Index steps = 0;  // of the heavier of the two slots after it
  std::size_t slot = 0, own = 0, other = 0;
};

void SlotDealer::Reserve(Index samples, Index slots, std::vector<std::vector<SampleRef>>* dealt) {
  sorted_.reserve(static_cast<std::size_t>(samples));
  steps_.reserve(static_cast<std::size_t>(slots));
  dealt->resize(static_cast<std::size_t>(slots));
  for (std::vector<SampleRef>& slot : *dealt) {
    slot.reserve(static_cast<std::size_t>((samples + slots - 1) / slots));
  }
}

void SlotDealer::Deal(std::span<const SampleRef> samples, Index count,
                      std::vector<std::vector<SampleRef>>* slots) {
  slots_ = slots;
  slots->resize(static_cast<std::size_t>(count));
  const std::size_t room = (samples.size() + slots->size() - 1) / slots->size();
  for (std::vector<SampleRef>& slot : *slots) slot.clear();
  steps_.assign(slots->size(), 0);
  total_ = 0;
  sorted_.assign(samples.begin(), samples.end());
  std::sort(sorted_.begin(), sorted_.end(), IsLonger);
  for (const SampleRef& sample : sorted_) DealToLightest(sample, room);
  Balance();
  for (std::vector<SampleRef>& slot : *slots) std::sort(slot.begin(), slot.end(), IsLonger);
}

// A slot is asked for once a sequence; a heap would pay only above hundreds of slots.
void SlotDealer::DealToLightest(const SampleRef& sample, std::size_t room) {
  std::size_t best = steps_.size();
  for (std::size_t slot = 0; slot < steps_.size(); ++slot) {
    if ((*slots_)[slot].size() == room) continue;
    if (best == steps_.size() || steps_[slot] < steps_[best]) best = slot;
  }
  (*slots_)[best].push_back(sample);
  steps_[best] += sample.length;
  total_ += sample.length;
}

// Each swap makes the heaviest slot lighter; the bound on their number is for odd inputs only.
void SlotDealer::Balance() {
  const Index count = static_cast<Index>(steps_.size());
  constexpr Index kCloseEnough = 128;  // parts of the mean
  for (Index swaps = 0; swaps < 4 * count; ++swaps) {
    const auto most = std::max_element(steps_.begin(), steps_.end());
    const Index above = *most * count - total_;
    if (above * kCloseEnough <= total_) return;
    if (!SwapOnce(static_cast<std::size_t>(most - steps_.begin()))) return;
  }
}

bool SlotDealer::SwapOnce(std::size_t heaviest) {
  Swap best{steps_[heaviest], 0, 0, 0};
  for (std::size_t slot = 0; slot < steps_.size(); ++slot) FindSwap(heaviest, slot, &best);
  if (best.steps == steps_[heaviest]) return false;
  SampleRef& own = (*slots_)[heaviest][best.own];
  SampleRef& other = (*slots_)[best.slot][best.other];
  steps_[heaviest] -= own.length - other.length;
  steps_[best.slot] += own.length - other.length;
  std::swap(own, other);
  return true;
}

// The best swap between the two slots, if it is better than `best`.
void SlotDealer::FindSwap(std::size_t heaviest, std::size_t slot, Swap* best) const {
  const std::vector<SampleRef>& own = (*slots_)[heaviest];
  const std::vector<SampleRef>& other = (*slots_)[slot];
  for (std::size_t i = 0; i < own.size(); ++i) {
    for (std::size_t j = 0; j < other.size(); ++j) {
      const Index less = own[i].length - other[j].length;
      if (less <= 0) continue;
      const Index steps = std::max(steps_[heaviest] - less, steps_[slot] + less);
      if (steps < best->steps) *best = {steps, slot, i, j};
    }
  }
}

std::vector<std::vector<SampleRef>> DealToSlots(std::span<const SampleRef> samples, Index slots) {
  std::vector<std::vector<SampleRef>> dealt;
  SlotDealer().Deal(samples, slots, &dealt);
  return dealt;
}

}  // namespace lockstep
