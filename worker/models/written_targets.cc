#include "worker/models/written_targets.h"

#include <algorithm>

namespace lockstep {
namespace {

// As SearchOptions::most_ratio and most_extra.
Index MostIds(Index source_steps) { return 2 * source_steps + 10; }

}  // namespace

template <typename S>
std::vector<std::vector<std::int32_t>> WriteTargets(const SlotBatch& source, std::int32_t start,
                                                    std::int32_t end, TokenStepper<S>* stepper,
                                                    PassObserver* observer) {
  const Index sequences = source.layout.sequences();
  std::vector<std::vector<std::int32_t>> written(static_cast<std::size_t>(sequences));
  std::vector<Index> previous, running;  // by row: the row of the step before, the sequence
  std::vector<std::int32_t> tokens;
  for (Index b = 0; b < sequences; ++b) {
    previous.push_back(b);
    running.push_back(b);
    tokens.push_back(start);
  }
  if (sequences > 0) stepper->Begin(source);
  while (!running.empty()) {
    const std::span<const S> logits = stepper->Step(previous, tokens);
    const auto classes = static_cast<std::size_t>(stepper->classes());
    std::vector<Index> rows, sequences_left;
    std::vector<std::int32_t> found;
    for (std::size_t r = 0; r < running.size(); ++r) {
      const auto row = logits.subspan(r * classes, classes);
      const auto id = static_cast<std::int32_t>(std::ranges::max_element(row) - row.begin());
      auto& ids = written[static_cast<std::size_t>(running[r])];
      if (id == end || std::ssize(ids) >= MostIds(source.layout.Length(running[r]))) continue;
      ids.push_back(id);
      rows.push_back(static_cast<Index>(r));
      sequences_left.push_back(running[r]);
      found.push_back(id);
    }
    previous = std::move(rows);
    running = std::move(sequences_left);
    tokens = std::move(found);
    if (observer != nullptr) observer->BetweenSteps();
  }
  return written;
}

BleuCounts CountNgramsOf(const FieldBatch& target,
                         const std::vector<std::vector<std::int32_t>>& written) {
  using Ids = std::span<const std::int32_t>;
  BleuCounts counts;
  for (Index k = 0; k < target.layout.sequences(); ++k) {
    std::vector<std::int32_t> wanted;
    for (Index t = 0; t + 1 < target.layout.Length(k); ++t)  // without its end
      wanted.push_back(target.ids[static_cast<std::size_t>(target.layout.Row(t, k))]);
    const auto b = static_cast<std::size_t>(target.sequence_of[static_cast<std::size_t>(k)]);
    counts.Add(Ids(written[b]), Ids(wanted));
  }
  return counts;
}

template std::vector<std::vector<std::int32_t>> WriteTargets(const SlotBatch&, std::int32_t,
                                                             std::int32_t, TokenStepper<float>*,
                                                             PassObserver*);
template std::vector<std::vector<std::int32_t>> WriteTargets(const SlotBatch&, std::int32_t,
                                                             std::int32_t, TokenStepper<double>*,
                                                             PassObserver*);

}  // namespace lockstep
