#include "data/stream/epoch_plan.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "base/counter_rng.h"
#include "base/error.h"
#include "base/rank_status.h"

namespace lockstep {
namespace {

Index CeilDivide(Index count, Index by) { return (count + by - 1) / by; }

CounterRng RngOf(std::uint64_t seed, RandomPurpose purpose, Index epoch, Index window = 0) {
  return CounterRng(seed, purpose, static_cast<std::uint64_t>(epoch),
                    static_cast<std::uint64_t>(window));
}

// One more than the highest number of a copy.
Index MostCopies(const EpochPlan::Window& window) {
  Index most = 1;
  for (const EpochPlan::ShardCopy& copy : window.copies) most = std::max(most, copy.copy + 1);
  return most;
}

}  // namespace

SampleCuts CutsOf(const PlanOptions& options) {
  return {options.cut_steps, options.shuffle, options.seed};
}

EpochPlan::EpochPlan(const SplitInfo& split, const PlanOptions& options, LengthsOf lengths_of,
                     const std::vector<std::vector<Index>>* steps, LengthsOf target_steps_of)
    : split_(split),
      options_(options),
      lengths_of_(std::move(lengths_of)),
      target_steps_of_(std::move(target_steps_of)),
      steps_(steps),
      reads_(split, options.source_weights, options.seed),
      cuts_(CutsOf(options)) {
  LOCKSTEP_CHECK(!cuts_.cuts() || steps_ != nullptr);
  Index first_id = split.first_sample_id;
  for (const ShardInfo& shard : split.shards) {
    first_ids_.push_back(first_id);
    first_id += shard.sequences;
  }
  LOCKSTEP_CHECK(options.batch_sequences >= 1 && options.slots >= 1 &&
                 options.window_sequences >= 1);
  dealer_.Reserve(MostInBatch(split, options), options.slots, &planned_.slots);
}

Index MostInBatch(const SplitInfo& split, const PlanOptions& options) {
  const Index most = MostReads(options.source_weights), batch = options.batch_sequences;
  const Index sequences = MostPieces(split.sequences, split.steps, options.cut_steps);
  return sequences > batch / most ? batch : sequences * most;
}

// Copies of all shards that have samples in an epoch, in their order.
std::vector<EpochPlan::ShardCopy> EpochPlan::CopiesOf(Index epoch) const {
  std::vector<ShardCopy> copies;
  std::vector<Index> samples;
  for (Index shard = 0; shard < std::ssize(split_.shards); ++shard) {
    samples.assign(1, split_.shards[static_cast<std::size_t>(shard)].sequences);
    if (!reads_.all_once()) {
      Status().Beat();  // many samples take long
      reads_.CountCopies(epoch, shard, &samples);
    }
    if (cuts_.cuts()) CountPieces(epoch, shard, &samples);
    for (Index copy = 0; copy < std::ssize(samples); ++copy) {
      copies.push_back({shard, copy, samples[static_cast<std::size_t>(copy)]});
    }
  }
  if (options_.shuffle) {
    RngOf(options_.seed, RandomPurpose::kShardOrder, epoch).Shuffle(std::span(copies));
  }
  return copies;
}

// Replaces the number of samples in each copy of a shard by the number of their pieces.
void EpochPlan::CountPieces(Index epoch, Index shard, std::vector<Index>* counts) const {
  const std::vector<Index>& steps = (*steps_)[static_cast<std::size_t>(shard)];
  std::vector<std::uint16_t> reads;
  reads_.Draw(epoch, shard, &reads);
  for (Index copy = 0; copy < std::ssize(*counts); ++copy) {
    const Index draw = DrawOf(epoch, copy);
    Index pieces = 0;
    for (std::size_t record = 0; record < steps.size(); ++record) {
      if (reads[record] <= copy) continue;
      pieces += cuts_.Count(draw, SampleId(shard, record), steps[record]);
    }
    (*counts)[static_cast<std::size_t>(copy)] = pieces;
  }
}

std::uint64_t EpochPlan::SampleId(Index shard, std::size_t record) const {
  return static_cast<std::uint64_t>(first_ids_[static_cast<std::size_t>(shard)]) + record;
}

std::vector<EpochPlan::Window> EpochPlan::WindowsOf(Index epoch) const {
  std::vector<Window> windows;
  std::vector<std::size_t> seen_in(split_.shards.size(), 0);  // number of the last window, from 1
  for (const ShardCopy& copy : CopiesOf(epoch)) {
    if (windows.empty() || windows.back().records >= options_.window_sequences ||
        windows.back().sequences >= options_.window_sequences) {
      const Index first_step = windows.empty() ? 0 : windows.back().last_step;
      windows.push_back(Window{{}, {}, 0, 0, first_step, first_step});
    }
    Window& window = windows.back();
    window.copies.push_back(copy);
    window.sequences += copy.sequences;
    window.last_step = window.first_step + CeilDivide(window.sequences, options_.batch_sequences);
    const auto shard = static_cast<std::size_t>(copy.shard);
    if (std::exchange(seen_in[shard], windows.size()) == windows.size()) continue;
    window.shards.push_back(copy.shard);
    window.records += split_.shards[shard].sequences;
  }
  return windows;
}

Index EpochPlan::StepsInEpoch(Index epoch) const {
  const std::vector<Window> windows = WindowsOf(epoch);
  return windows.empty() ? 0 : windows.back().last_step;
}

Cursor EpochPlan::Normalised(Cursor cursor) const {
  if (cursor.step < StepsInEpoch(cursor.epoch)) return cursor;
  do {
    cursor = {cursor.epoch + 1, 0};
  } while (StepsInEpoch(cursor.epoch) == 0);
  return cursor;
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
  const Window& loaded = windows_[static_cast<std::size_t>(window)];
  samples_.reserve(static_cast<std::size_t>(loaded.sequences));
  for (const ShardCopy& copy : loaded.copies) AddSamplesOf(copy);
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

void EpochPlan::AddSamplesOf(const ShardCopy& copy) {
  const Index draw = DrawOf(loaded_epoch_, copy.copy);
  const std::vector<Index> lengths = lengths_of_(draw, copy.shard);
  LOCKSTEP_CHECK_EQ(static_cast<Index>(lengths.size()),
                    split_.shards[static_cast<std::size_t>(copy.shard)].sequences);
  std::vector<Index> target_steps(lengths.size(), 0);
  if (target_steps_of_) target_steps = target_steps_of_(draw, copy.shard);
  if (!reads_.all_once()) reads_.Draw(loaded_epoch_, copy.shard, &reads_of_shard_);
  for (std::size_t record = 0; record < lengths.size(); ++record) {
    if (!reads_.all_once() && reads_of_shard_[record] <= copy.copy) continue;
    const std::uint64_t id = SampleId(copy.shard, record);
    const Index pieces = cuts_.Count(draw, id, lengths[record]);
    for (Index piece = 0; piece < pieces; ++piece) {
      samples_.push_back({static_cast<std::int32_t>(copy.shard), static_cast<std::int32_t>(record),
                          cuts_.Piece(draw, id, lengths[record], piece).steps, copy.copy, piece,
                          static_cast<std::int32_t>(target_steps[record])});
    }
  }
}

// Shuffles before the stable sort, so that samples of equal length are combined differently in each
// epoch.
void EpochPlan::ShuffleWindow(Index window) {
  RngOf(options_.seed, RandomPurpose::kSampleOrder, loaded_epoch_, window)
      .Shuffle(std::span(samples_));
  const Index groups = MostCopies(windows_[static_cast<std::size_t>(window)]);
  const auto group_of = [groups](const SampleRef& s) { return (s.record + s.copy) % groups; };
  std::stable_sort(samples_.begin(), samples_.end(), [&](const SampleRef& a, const SampleRef& b) {
    if (groups > 1 && group_of(a) != group_of(b)) return group_of(a) < group_of(b);
    return a.length > b.length;
  });
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
  planned_.steps = planned_.target_steps = 0;
  for (const SampleRef& sample : samples) {
    planned_.steps += sample.length;
    planned_.target_steps += sample.target_steps;
  }
  dealer_.Deal(samples, options_.slots, &planned_.slots);
  return planned_;
}

}  // namespace lockstep
