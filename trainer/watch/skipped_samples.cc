#include "trainer/watch/skipped_samples.h"

#include <fmt/format.h>

#include <sstream>

namespace lockstep {
namespace {

std::string ToText(const SkippedOnRank& skipped) {
  return fmt::format("{} {}", skipped.loss_was_finite ? 1 : 0, fmt::join(skipped.samples, " "));
}

SkippedOnRank FromText(const std::string& text) {
  std::istringstream words(text);
  SkippedOnRank skipped;
  words >> skipped.loss_was_finite;
  for (std::uint64_t id = 0; words >> id;) skipped.samples.push_back(id);
  return skipped;
}

}  // namespace

SkippedSamples GatherSkipped(const Communicator& comm, std::span<const std::string> hosts,
                             const SplitInfo& split, const SkippedOnRank& mine) {
  const std::vector<std::string> texts = comm.GatherText(ToText(mine));
  SkippedSamples all;
  if (comm.rank() != 0) return all;
  for (std::size_t rank = 0; rank < texts.size(); ++rank) {
    const SkippedOnRank skipped = FromText(texts[rank]);
    for (const std::uint64_t id : skipped.samples) {
      all.more = all.samples.size() == SkippedSamples::kMost;
      if (all.more) break;
      all.samples.push_back({id, PlaceOf(split, id), static_cast<int>(rank), hosts[rank]});
    }
    if (skipped.samples.empty() && !skipped.loss_was_finite) {
      all.faulty.push_back(fmt::format("rank {} on {}", rank, hosts[rank]));
    }
  }
  return all;
}

std::string SkippedSamples::Describe(const std::string& corpus_folder) const {
  constexpr std::size_t kTold = 2;  // of very many
  std::vector<std::string> parts;
  for (const SkippedSample& sample : samples) {
    if (more && parts.size() == kTold) break;
    const std::string& folder = sample.place.folder.empty() ? corpus_folder : sample.place.folder;
    parts.push_back(fmt::format("sample {} ({}/{}, record {}; rank {} on {})", sample.id, folder,
                                sample.place.file, sample.place.record, sample.rank, sample.host));
  }
  if (more) {
    parts.push_back(
        fmt::format("and at least {} others: with so many it is hardly the data; lower "
                    "schedule.learning_rate, or clip more (clip.mode, clip.max_norm)",
                    kMost + 1 - kTold));
  }
  for (const std::string& rank : faulty) {
    parts.push_back(rank +
                    " with a loss that is not finite, and a finite one when computed again: is the "
                    "machine faulty?");
  }
  if (parts.empty()) return "each sample is finite when computed again: is a machine faulty?";
  return fmt::format("{}", fmt::join(parts, ", "));
}

}  // namespace lockstep
