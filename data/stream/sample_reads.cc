#include "data/stream/sample_reads.h"

#include <algorithm>
#include <array>
#include <cmath>

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
    LOCKSTEP_CHECK(run.source < std::ssize(weights));
    const double weight = weights[static_cast<std::size_t>(run.source)];
    LOCKSTEP_CHECK(weight >= 0 && weight <= kMostSourceWeight);
    stretches_.push_back({end += run.sequences, weight});
  }
  Index first = 0;
  for (const ShardInfo& shard : split.shards) {
    first_.push_back(first);
    first += shard.sequences;
  }
}

void SampleReads::Draw(Index epoch, Index shard, std::vector<std::uint16_t>* reads) const {
  const auto count =
      static_cast<std::size_t>(split_.shards[static_cast<std::size_t>(shard)].sequences);
  reads->assign(count, 1);
  if (all_once()) return;
  const Index first = first_[static_cast<std::size_t>(shard)];
  const CounterRng rng(seed_, RandomPurpose::kSourceReads, static_cast<std::uint64_t>(epoch));
  auto stretch = std::ranges::upper_bound(stretches_, first, {}, &Stretch::end);
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
