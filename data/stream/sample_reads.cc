#include "data/stream/sample_reads.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "base/counter_rng.h"
#include "base/error.h"
#include "data/corpus/source_table.h"

namespace lockstep {
namespace {

// Adds 1 to each of `reads` with probability `share`: the samples have the ids from `first_id` on,
// and the decision is CounterRng::Uniform(id) < share. Computes many random numbers at a time.
void AddDrawn(const CounterRng& rng, std::uint64_t first_id, double share,
              std::span<std::uint16_t> reads) {
  std::array<std::uint32_t, 4 * CounterRng::kManyBlocks> words;
  const auto least = static_cast<std::uint64_t>(std::ceil(share * 0x1.0p53));
  for (std::size_t begin = 0; begin < reads.size(); begin += CounterRng::kManyBlocks) {
    rng.FillBlocks(first_id + begin, words);
    const std::size_t count = std::min<std::size_t>(reads.size() - begin, CounterRng::kManyBlocks);
    for (std::size_t i = 0; i < count; ++i) {
      const std::uint64_t bits =
          (static_cast<std::uint64_t>(words[4 * i]) << 32) | words[4 * i + 1];
      reads[begin + i] += (bits >> 11) < least ? 1 : 0;
    }
  }
}

using Draws = std::vector<std::pair<std::uint64_t, std::size_t>>;  // random number, record
static_assert(sizeof(Draws::value_type) == kExactDrawBytes);

// Adds 1 to the `count` records with the smallest random numbers, equal ones in the order of
// records: the samples have the ids from `first_id` on.
void AddSmallest(const CounterRng& rng, std::uint64_t first_id, Index count,
                 std::span<std::uint16_t> reads) {
  if (count == 0) return;
  Draws draws;
  draws.reserve(reads.size());
  std::array<std::uint32_t, 4 * CounterRng::kManyBlocks> words;
  while (draws.size() < reads.size()) {
    rng.FillBlocks(first_id + draws.size(), words);
    for (std::size_t i = 0; i < CounterRng::kManyBlocks && draws.size() < reads.size(); ++i) {
      const auto high = static_cast<std::uint64_t>(words[4 * i]);
      draws.emplace_back((high << 32) | words[4 * i + 1], draws.size());
    }
  }
  std::nth_element(draws.begin(), draws.begin() + count, draws.end());
  for (Index i = 0; i < count; ++i) ++reads[draws[static_cast<std::size_t>(i)].second];
}

}  // namespace

Index MostReads(const std::vector<double>& source_weights) {
  double most = 1;
  for (const double weight : source_weights) most = std::max(most, weight);
  return static_cast<Index>(std::ceil(most));
}

EpochSize MeanEpochSize(const CorpusInfo& corpus, const std::vector<double>& weights) {
  EpochSize size;
  const std::vector<SourceCounts> counts = CountSources(corpus, corpus.Split("train"));
  for (std::size_t s = 0; s < counts.size(); ++s) {
    const double weight = weights.empty() ? 1 : weights[s];
    size.sequences += weight * static_cast<double>(counts[s].sequences);
    size.steps += weight * static_cast<double>(counts[s].steps);
  }
  return size;
}

SampleReads::SampleReads(const SplitInfo& split, const std::vector<double>& weights,
                         std::uint64_t seed)
    : split_(split), seed_(seed) {
  if (std::ranges::all_of(weights, [](double weight) { return weight == 1; })) return;
  Index end = 0;
  for (const SourceRun& run : RunsOf(split)) {
    stretches_.push_back(StretchOf(split, weights, run));
    stretches_.back().end = end += run.sequences;
  }
  Index first = 0;
  for (const ShardInfo& shard : split.shards) {
    first_.push_back(first);
    first += shard.sequences;
  }
}

SampleReads::Stretch SampleReads::StretchOf(const SplitInfo& split,
                                            const std::vector<double>& weights,
                                            const SourceRun& run) {
  LOCKSTEP_CHECK(run.source < std::ssize(weights));
  Stretch stretch{0, weights[static_cast<std::size_t>(run.source)], run.sequences};
  LOCKSTEP_CHECK(stretch.weight >= 0 && stretch.weight <= kMostSourceWeight);
  const Index joined = run.source - (std::ssize(weights) - std::ssize(split.joined_reads));
  if (joined >= 0) stretch.exact_reads = split.joined_reads[static_cast<std::size_t>(joined)];
  return stretch;
}

void SampleReads::Draw(Index epoch, Index shard, std::vector<std::uint16_t>* reads) const {
  const auto count =
      static_cast<std::size_t>(split_.shards[static_cast<std::size_t>(shard)].sequences);
  reads->assign(count, 1);
  if (all_once()) return;
  const Index first = first_[static_cast<std::size_t>(shard)];
  const CounterRng rng(seed_, RandomPurpose::kSourceReads, static_cast<std::uint64_t>(epoch));
  auto stretch = std::ranges::upper_bound(stretches_, first, {}, &Stretch::end);
  if (stretch->exact_reads >= 0) return DrawExact(epoch, *stretch, first, *reads);
  for (std::size_t begin = 0; begin < count; ++stretch) {
    const std::size_t end = std::min(count, static_cast<std::size_t>(stretch->end - first));
    const double whole = std::floor(stretch->weight);
    const auto records = std::span(*reads).subspan(begin, end - begin);
    std::ranges::fill(records, static_cast<std::uint16_t>(whole));
    const std::uint64_t id = static_cast<std::uint64_t>(split_.first_sample_id + first) + begin;
    if (stretch->weight > whole) AddDrawn(rng, id, stretch->weight - whole, records);
    begin = end;
  }
}

// `reads` are those of a shard whose first sample has the index `first` in the split.
void SampleReads::DrawExact(Index epoch, const Stretch& stretch, Index first,
                            std::span<std::uint16_t> reads) const {
  const Index n = stretch.sequences, begin = n - (stretch.end - first);
  std::ranges::fill(reads, static_cast<std::uint16_t>(stretch.exact_reads / n));
  const CounterRng offset(seed_, RandomPurpose::kSourceReads, static_cast<std::uint64_t>(epoch), 1);
  const auto u = static_cast<Index>(
      offset.Below(static_cast<std::uint64_t>(stretch.end), static_cast<std::uint64_t>(n)));
  const auto before = [&](Index k) { return (k * (stretch.exact_reads % n) + u) / n; };
  const Index more = before(begin + std::ssize(reads)) - before(begin);
  const CounterRng rng(seed_, RandomPurpose::kSourceReads, static_cast<std::uint64_t>(epoch));
  AddSmallest(rng, static_cast<std::uint64_t>(split_.first_sample_id + first), more, reads);
}

void SampleReads::CountCopies(Index epoch, Index shard, std::vector<Index>* samples) const {
  std::vector<std::uint16_t> reads;
  Draw(epoch, shard, &reads);
  samples->assign(1 + (reads.empty() ? 0 : *std::ranges::max_element(reads)), 0);
  for (const std::uint16_t count : reads) ++(*samples)[count];
  // Samples that are read exactly c times become samples that are read more than c times.
  Index more = 0;
  for (auto count = samples->rbegin(); count != samples->rend(); ++count) {
    const Index exactly = *count;
    *count = more;
    more += exactly;
  }
  samples->pop_back();  // none is read more often than the most
}

}  // namespace lockstep
