#include "data/stream/epoch_plan.h"

#include <algorithm>
#include <numeric>

#include "base/counter_rng.h"
#include "base/error.h"

namespace lockstep {
namespace {

Index CeilDivide(Index count, Index by) { return (count + by - 1) / by; }

CounterRng RngOf(std::uint64_t seed, RandomPurpose purpose, Index epoch, Index window = 0) {
  return CounterRng(seed, purpose, static_cast<std::uint64_t>(epoch),
                    static_cast<std::uint64_t>(window));
}

}  // namespace

EpochPlan::EpochPlan(const SplitInfo& split, const PlanOptions& options, LengthsOf lengths_of)
    : split_(split), options_(options), lengths_of_(std::move(lengths_of)) {
  LOCKSTEP_CHECK(options.batch_sequences >= 1 && options.slots >= 1 &&
                 options.window_sequences >= 1);
  dealer_.Reserve(std::min(options.batch_sequences, split.sequences), options.slots,
                  &planned_.slots);
}

std::vector<EpochPlan::Window> EpochPlan::WindowsOf(Index epoch) const {
  std::vector<Index> shards(split_.shards.size());
  std::iota(shards.begin(), shards.end(), 0);
  if (options_.shuffle) {
    RngOf(options_.seed, RandomPurpose::kShardOrder, epoch).Shuffle(std::span(shards));
  }
  std::vector<Window> windows;
  for (Index shard : shards) {
    if (windows.empty() || windows.back().sequences >= options_.window_sequences) {
      const Index first_step = windows.empty() ? 0 : windows.back().last_step;
      windows.push_back(Window{{}, 0, first_step, first_step});
    }
    Window& window = windows.back();
    window.shards.push_back(shard);
    window.sequences += split_.shards[static_cast<std::size_t>(shard)].sequences;
    window.last_step = window.first_step + CeilDivide(window.sequences, options_.batch_sequences);
  }
  return windows;
}

Index EpochPlan::StepsInEpoch(Index epoch) const {
  const std::vector<Window> windows = WindowsOf(epoch);
  return windows.empty() ? 0 : windows.back().last_step;
}

void EpochPlan::LoadEpoch(Index epoch) {
  if (epoch == loaded_epoch_) return;
  windows_ = WindowsOf(epoch);
  loaded_epoch_ = epoch;
  loaded_window_ = -1;
}

Index EpochPlan::WindowOf(Index step) const {
  const auto after = std::partition_point(windows_.begin(), windows_.end(),
                                          [step](const Window& w) { return w.last_step <= step; });
  LOCKSTEP_CHECK(step >= 0 && after != windows_.end());
  return after - windows_.begin();
}

void EpochPlan::LoadWindow(Index window) {
  if (window == loaded_window_) return;
  loaded_window_ = -1;  // remains -1 if a shard cannot be read
  samples_.clear();
  for (Index shard : windows_[static_cast<std::size_t>(window)].shards) AddSamplesOf(shard);
  const Index batches = CeilDivide(static_cast<Index>(samples_.size()), options_.batch_sequences);
  batch_order_.resize(static_cast<std::size_t>(batches));
  std::iota(batch_order_.begin(), batch_order_.end(), 0);
  if (options_.shuffle) ShuffleWindow(window);
  loaded_window_ = window;
}

// Batches get equal shares of the samples. If batch_sequences is a multiple of the slots, the
// shares are rounded up to multiples of the slots.
Index EpochPlan::BatchBegin(Index batch) const {
  const Index count = static_cast<Index>(samples_.size());
  const Index batches = static_cast<Index>(batch_order_.size());
  const Index unit = options_.batch_sequences % options_.slots == 0 ? options_.slots : 1;
  return std::min(count, CeilDivide(CeilDivide(count * batch, batches), unit) * unit);
}

void EpochPlan::AddSamplesOf(Index shard) {
  const std::vector<Index> lengths = lengths_of_(loaded_epoch_, shard);
  LOCKSTEP_CHECK_EQ(static_cast<Index>(lengths.size()),
                    split_.shards[static_cast<std::size_t>(shard)].sequences);
  for (std::size_t record = 0; record < lengths.size(); ++record) {
    samples_.push_back(
        {static_cast<std::int32_t>(shard), static_cast<std::int32_t>(record), lengths[record]});
  }
}

// Shuffles before the stable sort, so that samples of equal length are combined differently in each
// epoch.
void EpochPlan::ShuffleWindow(Index window) {
  RngOf(options_.seed, RandomPurpose::kSampleOrder, loaded_epoch_, window)
      .Shuffle(std::span(samples_));
  std::stable_sort(samples_.begin(), samples_.end(),
                   [](const SampleRef& a, const SampleRef& b) { return a.length > b.length; });
  MixLastBatch();
  RngOf(options_.seed, RandomPurpose::kBatchOrder, loaded_epoch_, window)
      .Shuffle(std::span(batch_order_));
}

// If the last batch cannot give each slot the same number of sequences, and all of them have about
// the same length, some slots would have much more work. So that batch gets samples of all lengths,
// taken at equal distances from the sorted samples.
void EpochPlan::MixLastBatch() {
  const Index count = static_cast<Index>(samples_.size());
  const Index last = count - BatchBegin(static_cast<Index>(batch_order_.size()) - 1);
  if (last % options_.slots == 0) return;
  std::vector<SampleRef> mixed;
  Index kept = 0;
  for (Index i = 0; i < count; ++i) {
    const Index next = static_cast<Index>(mixed.size());
    const SampleRef& sample = samples_[static_cast<std::size_t>(i)];
    if (next < last && i == (2 * next + 1) * count / (2 * last)) {
      mixed.push_back(sample);
    } else {
      samples_[static_cast<std::size_t>(kept++)] = sample;
    }
  }
  std::copy(mixed.begin(), mixed.end(), samples_.begin() + kept);
}

const PlannedBatch& EpochPlan::BatchAt(const Cursor& cursor) {
  LoadEpoch(cursor.epoch);
  const Index window = WindowOf(cursor.step);
  LoadWindow(window);
  const Index in_window = cursor.step - windows_[static_cast<std::size_t>(window)].first_step;
  const Index batch = batch_order_[static_cast<std::size_t>(in_window)];
  const Index first = BatchBegin(batch), last = BatchBegin(batch + 1);
  const auto samples = std::span(samples_).subspan(static_cast<std::size_t>(first),
                                                   static_cast<std::size_t>(last - first));
  planned_.sequences = last - first;
  planned_.steps = 0;
  for (const SampleRef& sample : samples) planned_.steps += sample.length;
  dealer_.Deal(samples, options_.slots, &planned_.slots);
  return planned_;
}

}  // namespace lockstep
