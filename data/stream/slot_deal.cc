// There are two passes. In the first, sequences are taken longest first, and each goes to the slot
// with the fewest steps that still has room for a sequence (Graham 1969). In the second, the
// heaviest slot swaps one of its sequences with one of another slot; of all such swaps, the one is
// chosen after which the heavier of the two slots is lightest. This is repeated until the heaviest
// slot is close to the mean or no swap helps. The first pass alone leaves differences of up to 7 %
// when some slots get one sequence more than others.
#include "data/stream/slot_deal.h"

#include <algorithm>
#include <utility>

namespace lockstep {
namespace {

// Samples of equal length are ordered by their place in the corpus, so that the order is unique. A
// stable sort would allocate memory instead.
bool IsLonger(const SampleRef& a, const SampleRef& b) {
  if (a.length != b.length) return a.length > b.length;
  if (a.shard != b.shard) return a.shard < b.shard;
  if (a.record != b.record) return a.record < b.record;
  return a.copy != b.copy ? a.copy < b.copy : a.piece < b.piece;
}

}  // namespace

// A swap of one sequence of the heaviest slot with a shorter one of another slot.
struct SlotDealer::Swap {
  Index work = 0;  // of the heavier one of the two slots after the swap
  std::size_t slot = 0, own = 0, other = 0;
};

void SlotDealer::Reserve(Index samples, Index slots, std::vector<std::vector<SampleRef>>* dealt) {
  sorted_.reserve(static_cast<std::size_t>(samples));
  work_.reserve(static_cast<std::size_t>(slots));
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
  work_.assign(slots->size(), 0);
  total_ = 0;
  sorted_.assign(samples.begin(), samples.end());
  std::sort(sorted_.begin(), sorted_.end(), IsLonger);
  for (const SampleRef& sample : sorted_) DealToLightest(sample, room);
  Balance();
  for (std::vector<SampleRef>& slot : *slots) std::sort(slot.begin(), slot.end(), IsLonger);
}

// Searches all slots for each sequence; a heap would be faster only for hundreds of slots.
void SlotDealer::DealToLightest(const SampleRef& sample, std::size_t room) {
  std::size_t best = work_.size();
  for (std::size_t slot = 0; slot < work_.size(); ++slot) {
    if ((*slots_)[slot].size() == room) continue;
    if (best == work_.size() || work_[slot] < work_[best]) best = slot;
  }
  (*slots_)[best].push_back(sample);
  work_[best] += sample.work();
  total_ += sample.work();
}

// Each swap makes the heaviest slot lighter, so the loop ends; the bound on the number of swaps
// limits the time for unusual inputs.
void SlotDealer::Balance() {
  const Index count = static_cast<Index>(work_.size());
  constexpr Index kCloseEnough = 128;  // within 1/128 of the mean is close enough
  for (Index swaps = 0; swaps < 4 * count; ++swaps) {
    const auto most = std::max_element(work_.begin(), work_.end());
    const Index above = *most * count - total_;
    if (above * kCloseEnough <= total_) return;
    if (!SwapOnce(static_cast<std::size_t>(most - work_.begin()))) return;
  }
}

bool SlotDealer::SwapOnce(std::size_t heaviest) {
  Swap best{work_[heaviest], 0, 0, 0};
  for (std::size_t slot = 0; slot < work_.size(); ++slot) FindSwap(heaviest, slot, &best);
  if (best.work == work_[heaviest]) return false;
  SampleRef& own = (*slots_)[heaviest][best.own];
  SampleRef& other = (*slots_)[best.slot][best.other];
  work_[heaviest] -= own.work() - other.work();
  work_[best.slot] += own.work() - other.work();
  std::swap(own, other);
  return true;
}

// Finds the best swap between the two slots; sets `best` to it if it is better.
void SlotDealer::FindSwap(std::size_t heaviest, std::size_t slot, Swap* best) const {
  const std::vector<SampleRef>& own = (*slots_)[heaviest];
  const std::vector<SampleRef>& other = (*slots_)[slot];
  for (std::size_t i = 0; i < own.size(); ++i) {
    for (std::size_t j = 0; j < other.size(); ++j) {
      const Index less = own[i].work() - other[j].work();
      if (less <= 0) continue;
      const Index work = std::max(work_[heaviest] - less, work_[slot] + less);
      if (work < best->work) *best = {work, slot, i, j};
    }
  }
}

std::vector<std::vector<SampleRef>> DealToSlots(std::span<const SampleRef> samples, Index slots) {
  std::vector<std::vector<SampleRef>> dealt;
  SlotDealer().Deal(samples, slots, &dealt);
  return dealt;
}

}  // namespace lockstep
