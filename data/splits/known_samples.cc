#include "data/splits/known_samples.h"

#include <fmt/format.h>

namespace lockstep {

void KnownSamples::AddOther(DataSplit split, std::uint64_t hash) {
  if (split == DataSplit::kTrain) return;
  ++unknown_[hash][static_cast<std::size_t>(split)];
  ++all_[static_cast<std::size_t>(split)];
}

void KnownSamples::AddTraining(std::uint64_t hash) {
  const auto found = unknown_.find(hash);
  if (found == unknown_.end()) return;
  for (std::size_t s = 0; s < known_.size(); ++s) known_[s] += found->second[s];
  unknown_.erase(found);
}

std::vector<std::string> KnownSamples::Warnings(const std::string& unit) const {
  std::vector<std::string> warnings;
  for (std::size_t s = 0; s < known_.size(); ++s) {
    if (known_[s] == 0) continue;
    const double share = 100.0 * static_cast<double>(known_[s]) / static_cast<double>(all_[s]);
    warnings.push_back(fmt::format(
        "{} of the {} {} of the split \"{}\" ({:.1f} %) are also in the training split, so that "
        "its figures will look better than they are",
        known_[s], all_[s], unit, DataSplitName(static_cast<DataSplit>(s)), share));
  }
  return warnings;
}

}  // namespace lockstep
