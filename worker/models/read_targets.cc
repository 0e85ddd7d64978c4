#include "worker/models/read_targets.h"

#include <algorithm>

#include "base/counter_rng.h"

namespace lockstep {

void ReadBefore(const FieldBatch& target, std::int32_t start, std::int32_t* previous) {
  const PackedLayout& layout = target.layout;
  std::fill_n(previous, layout.active(0), start);
  for (Index t = 1; t < layout.steps(); ++t) {
    std::copy_n(target.ids.data() + layout.row_start(t - 1), layout.active(t),
                previous + layout.row_start(t));
  }
}

double SamplingProbability(const DecoderOptions& options, Index step) {
  if (step >= options.sampling_steps) return options.sampling;
  return options.sampling * static_cast<double>(step) / static_cast<double>(options.sampling_steps);
}

void SamplePrevious(const PackedLayout& layout, const std::int32_t* best, double probability,
                    const DropoutKey& key, std::int32_t* previous) {
  const CounterRng rng(key.seed, RandomPurpose::kSampling, static_cast<std::uint64_t>(key.step),
                       static_cast<std::uint64_t>(key.slot));
  for (Index t = 1; t < layout.steps(); ++t) {
    for (Index k = 0; k < layout.active(t); ++k) {
      const Index row = layout.Row(t, k);
      if (rng.Uniform(static_cast<std::uint64_t>(row)) >= probability) continue;
      previous[row] = best[layout.Row(t - 1, k)];
    }
  }
}

}  // namespace lockstep
