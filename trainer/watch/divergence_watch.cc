#include "trainer/watch/divergence_watch.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>

#include "base/log.h"

namespace lockstep {
namespace {

double LossPerTarget(const StepSums& sums) {
  return sums.loss / static_cast<double>(std::max<Index>(1, sums.targets));
}

}  // namespace

DivergenceWatch::DivergenceWatch(const Communicator& comm, const std::vector<std::string>& hosts,
                                 const std::string& corpus_folder, const SplitInfo& split,
                                 const ClipOptions& clip, double untrained_loss)
    : comm_(comm),
      hosts_(hosts),
      corpus_folder_(corpus_folder),
      split_(split),
      clip_(clip),
      explosions_(untrained_loss) {}

void DivergenceWatch::ObserveUpdate(Index step, const StepResult& result) {
  const auto found =
      explosions_.Observe({step, LossPerTarget(result.sums), result.gradient_norm, result.clipped});
  if (found && comm_.rank() == 0) LogWarning("{}; {}", found->Describe(), Remedy(*found));
}

void DivergenceWatch::ObserveSkipped(Index step, const RankBatch& batch, const StepResult& result,
                                     const float* values, Worker* worker) {
  not_finite_ = result.not_finite;
  if (parameters_lost()) return;  // no sample is the reason
  const auto is_finite = [](const StepSums& sums) { return std::isfinite(sums.loss); };
  const SkippedOnRank mine{
      worker->NonFiniteSamples(batch, step - 1, values, SkippedSamples::kMost + 1),
      std::all_of(worker->slot_sums().begin(), worker->slot_sums().end(), is_finite)};
  skipped_samples_ = GatherSkipped(comm_, hosts_, split_, mine);
  const auto skipped = static_cast<Index>(skipped_samples_.samples.size());
  const double loss = LossPerTarget(result.sums);
  all_lost_ = skipped_samples_.more || (skipped > 1 && skipped == batch.sequences) ||
              (std::isfinite(loss) && explosions_.IsFarAbove(loss));
}

std::string DivergenceWatch::Remedy(const Explosion& explosion) const {
  if (explosion.at.clipped) return "it was clipped already: lower schedule.learning_rate";
  return fmt::format(
      "clip.mode is {}, clip.max_norm {:.2g}: set clip.mode = \"fixed\" with clip.max_norm about "
      "{:g}, or lower schedule.learning_rate",
      ClipModeName(clip_.mode), clip_.max_norm, explosion.SuggestedNorm());
}

std::string DivergenceWatch::Why(Index step, Index skipped_in_a_row) const {
  constexpr const char* kRemedy =
      "lower schedule.learning_rate, or clip more (clip.mode, clip.max_norm)";
  std::string why = "its parameters are not finite";
  if (!not_finite_.empty()) {
    why = fmt::format("its parameters are not finite ({})", not_finite_);
  } else if (skipped_in_a_row > 0) {
    why = fmt::format("{} steps in a row had a gradient that is not finite, the last one by {}",
                      skipped_in_a_row, skipped_samples_.Describe(corpus_folder_));
  }
  std::optional<Explosion> cause = explosions_.Recent(step - skipped_in_a_row);
  // One sample may be at fault itself; where all are lost, the parameters are.
  if (!cause && (all_lost_ || !not_finite_.empty())) cause = explosions_.AtOnce();
  if (!cause) return fmt::format("{}; {}", why, kRemedy);
  return fmt::format("{}, after an {}; {}", why, cause->Describe(), Remedy(*cause));
}

}  // namespace lockstep
