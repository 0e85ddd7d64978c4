#include "trainer/report/run_report.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/log.h"
#include "base/phase_timer.h"
#include "data/speech/speech_features.h"

namespace lockstep {
namespace {

CountedUnit UnitOf(const CorpusInfo& corpus, const StreamOptions& stream) {
  if (corpus.kind == "dna") return {"bases", "bases/s", "bases_per_second", 1};
  if (corpus.kind != "speech") return {"steps", "steps/s", "steps_per_second", 1};
  const double seconds = FrameSecondsOf(corpus) * static_cast<double>(stream.frames.stride);
  return {"frames", "h of audio/h", "audio_hours_per_hour", seconds};
}

double TargetsOf(const LossSums& sums) {
  return static_cast<double>(std::max<Index>(1, sums.targets));
}

}  // namespace

RunReport::RunReport(const CorpusInfo& corpus, const TrainerOptions& options, double flops_per_step,
                     const std::string& metrics_path, const TrainingState& state,
                     FunctionRef<void()> before_commit)
    : options_(options),
      unit_(UnitOf(corpus, options.stream)),
      flops_per_step_(flops_per_step),
      metrics_(metrics_path, state.metrics_bytes, state.step, before_commit),
      progress_(options.log, !metrics_path.empty()) {}

void RunReport::Start(Index step, const RunSeconds& seconds) {
  metrics_mark_ = progress_mark_ = {Seconds(), seconds, 0, step};
}

RunReport::Interval RunReport::Between(const Interval& mark, const Interval& now) {
  return {
      now.start - mark.start,
      {now.seconds.wait - mark.seconds.wait, now.seconds.communicate - mark.seconds.communicate},
      now.units - mark.units,
      now.steps - mark.steps};
}

void RunReport::Step(const TrainingState& state, const RankBatch& batch, const StepResult& result,
                     double learning_rate, const RunSeconds& seconds) {
  units_ += batch.steps;
  const Interval now{Seconds(), seconds, units_, state.step};
  if (state.step % options_.log.every == 0) {
    WriteMetrics(state, batch, result, learning_rate, Between(metrics_mark_, now));
    metrics_mark_ = now;
  }
  if (progress_.Due()) {
    ShowProgress(state, batch, result, learning_rate, Between(progress_mark_, now));
    progress_mark_ = now;
  }
}

void RunReport::WriteMetrics(const TrainingState& state, const RankBatch& batch,
                             const StepResult& result, double learning_rate, const Interval& past) {
  const double units = static_cast<double>(past.units), targets = TargetsOf(result.sums);
  metrics_.Write({{"kind", "step"},
                  {"step", state.step},
                  {"epoch", batch.cursor.epoch},
                  {"loss", FiniteOrName(result.sums.loss / targets)},
                  {"accuracy", static_cast<double>(result.sums.correct) / targets},
                  {"gradient_norm", FiniteOrName(result.gradient_norm)},
                  {"learning_rate", learning_rate},
                  {"skipped", result.skipped},
                  {"samples", batch.sequences},
                  {"labels", result.sums.targets},
                  {"seconds", past.start},
                  {unit_.rate_key, units * unit_.per_step / past.start},
                  {"gflops", units * flops_per_step_ / past.start / 1e9},
                  {"data_wait_share", past.seconds.wait / past.start},
                  {"communication_share", past.seconds.communicate / past.start}});
}

void RunReport::ShowProgress(const TrainingState& state, const RankBatch& batch,
                             const StepResult& result, double learning_rate, const Interval& past) {
  const double units = static_cast<double>(past.units) / past.start;
  const double targets = TargetsOf(result.sums);
  progress_.Show({state.step, options_.steps, batch.cursor.epoch, result.sums.loss / targets,
                  static_cast<double>(result.sums.correct) / targets, result.gradient_norm,
                  learning_rate, static_cast<double>(past.steps) / past.start,
                  units * unit_.per_step, unit_.rate, units * flops_per_step_ / 1e9,
                  past.seconds.wait / past.start, past.seconds.communicate / past.start});
}

// Without ranks and hosts: the file is the same on any number of them.
void RunReport::Skipped(const TrainingState& state, const SkippedSamples& skipped) {
  auto samples = nlohmann::ordered_json::array();
  for (const SkippedSample& sample : skipped.samples) {
    samples.push_back(
        {{"sample", sample.id}, {"file", sample.place.file}, {"record", sample.place.record}});
  }
  metrics_.Write({{"kind", "skipped"},
                  {"step", state.step},
                  {"in_a_row", state.skipped_in_a_row},
                  {"not_finite", samples},
                  {"more", skipped.more}});
}

void RunReport::Validation(const TrainingState& state, const Evaluation& found, bool better) {
  metrics_.Write({{"kind", "validation"},
                  {"step", state.step},
                  {"epoch", state.cursor.epoch},
                  {"loss", FiniteOrName(found.loss)},
                  {"accuracy", found.accuracy},
                  {"labels", found.targets},
                  {"seconds", found.seconds},
                  {"best", better}});
  progress_.Clear();
  LogInfo("validation at step {}: loss {:.4f}, accuracy {:.2f} %{}", state.step, found.loss,
          100 * found.accuracy, better ? ", the best so far" : "");
}

}  // namespace lockstep
