#include "trainer/report/run_report.h"

#include <fmt/chrono.h>

#include <algorithm>
#include <ctime>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/hash.h"
#include "base/json_text.h"
#include "base/log.h"
#include "base/phase_timer.h"

namespace lockstep {
namespace {

CountedUnit UnitOf(const Schema& schema) {
  const std::string& unit = schema.unit;
  if (schema.seconds_per_step == 0) return {unit, unit + "/s", unit + "_per_second", 1};
  return {unit, "h of audio/h", "audio_hours_per_hour", schema.seconds_per_step};
}

// Now, in the form 2026-01-31T23:59:59Z (ISO 8601).
std::string WallTime() { return fmt::format("{:%FT%TZ}", fmt::gmtime(std::time(nullptr))); }

// Empty on ranks that report nothing.
std::string MetricsPath(const std::string& run_folder) {
  return run_folder.empty() ? "" : run_folder + "/metrics.jsonl";
}

double TargetsOf(const StepSums& sums) {
  return static_cast<double>(std::max<Index>(1, sums.targets));
}

}  // namespace

RunReport::RunReport(const CorpusInfo& corpus, const TrainerOptions& options,
                     const Model<float>& model, const std::string& run_folder,
                     const TrainingState& state, FunctionRef<void()> before_commit)
    : options_(options),
      unit_(UnitOf(BatchSchema(corpus, options.stream))),
      model_(model),
      metrics_(MetricsPath(run_folder), state.metrics_bytes, state.step, before_commit),
      progress_(options.log, !run_folder.empty()) {
  if (run_folder.empty() || !options.log.tensorboard) return;
  try {
    events_.emplace(run_folder + "/events", MetricsPath(run_folder), before_commit);
  } catch (const IoError& error) {  // training does not need them
    LogWarning("no events for TensorBoard (log.tensorboard) until the next start: {}",
               error.what());
  }
}

void RunReport::Log(const nlohmann::ordered_json& record) {
  metrics_.Write(record);
  if (events_) events_->Write(JsonText(record));
}

void RunReport::Header(const std::map<std::string, std::string>& config, const std::string& version,
                       const std::string& isa, int ranks) {
  if (metrics_.bytes() > 0) return;
  std::string text;
  for (const auto& [key, value] : config) text += fmt::format("{}={}\n", key, value);
  metrics_.Write({{"kind", "run"},
                  {"time", WallTime()},
                  {"version", version},
                  {"configuration", Hash128Hex(text)},
                  {"ranks", ranks},
                  {"threads", options_.threads},
                  {"isa", isa}});
}

void RunReport::Start(Index step, double epochs, const RunSeconds& seconds) {
  started_at_ = Seconds();
  start_share_ = ShareDone(step, epochs);
  metrics_mark_ = progress_mark_ = {started_at_, seconds, 0, step, 0};
}

// The nearer one of two bounds ends the training.
std::optional<double> RunReport::ShareDone(Index step, double epochs) const {
  if (options_.steps == 0 && options_.epochs == 0) return std::nullopt;
  double share = 0;
  if (options_.steps > 0) share = static_cast<double>(step) / static_cast<double>(options_.steps);
  if (options_.epochs > 0) share = std::max(share, epochs / static_cast<double>(options_.epochs));
  return std::min(share, 1.0);
}

RunReport::Interval RunReport::Between(const Interval& mark, const Interval& now) {
  return {
      now.start - mark.start,
      {now.seconds.wait - mark.seconds.wait, now.seconds.communicate - mark.seconds.communicate},
      now.units - mark.units,
      now.steps - mark.steps,
      now.flops - mark.flops};
}

void RunReport::Step(const TrainingState& state, double epochs, const RankBatch& batch,
                     const StepResult& result, double learning_rate, const RunSeconds& seconds) {
  units_ += batch.steps;
  flops_ += model_.Flops(batch.begun, batch.steps, batch.target_steps);
  const Interval now{Seconds(), seconds, units_, state.step, flops_};
  if (state.step % options_.log.every == 0) {
    WriteMetrics(state, batch, result, learning_rate, Between(metrics_mark_, now));
    metrics_mark_ = now;
  }
  if (progress_.Due()) {
    ShowProgress(state, epochs, batch, result, learning_rate, Between(progress_mark_, now));
    progress_mark_ = now;
  }
}

// Adds the model's counts to `record`, each divided by the number of targets. The field of
// "correct" is called "accuracy".
void RunReport::AddShares(const StepSums& sums, nlohmann::ordered_json* record) const {
  for (std::size_t i = 0; i < model_.counts().size(); ++i) {
    const std::string name = model_.counts()[i];
    (*record)[name == "correct" ? "accuracy" : name] =
        static_cast<double>(sums.counts[i]) / TargetsOf(sums);
  }
}

void RunReport::WriteMetrics(const TrainingState& state, const RankBatch& batch,
                             const StepResult& result, double learning_rate, const Interval& past) {
  const double units = static_cast<double>(past.units), targets = TargetsOf(result.sums);
  nlohmann::ordered_json record = {{"kind", "step"},
                                   {"step", state.step},
                                   {"epoch", batch.cursor.epoch},
                                   {"loss", FiniteOrName(result.sums.loss / targets)}};
  AddShares(result.sums, &record);
  record.update({{"gradient_norm", FiniteOrName(result.gradient_norm)},
                 {"learning_rate", learning_rate},
                 {"skipped", result.skipped},
                 {"clipped", result.clipped},
                 {"samples", batch.sequences},
                 {"labels", result.sums.targets},
                 {"time", WallTime()},
                 {"seconds", past.start},
                 {unit_.rate_key, units * unit_.per_step / past.start},
                 {"gflops", past.flops / past.start / 1e9},
                 {"data_wait_share", past.seconds.wait / past.start},
                 {"communication_share", past.seconds.communicate / past.start}});
  Log(record);
}

// The time that is left goes by all that has passed since the start, validations and saves
// included.
void RunReport::ShowProgress(const TrainingState& state, double epochs, const RankBatch& batch,
                             const StepResult& result, double learning_rate, const Interval& past) {
  const double targets = TargetsOf(result.sums), now = Seconds();
  ProgressLine line;
  line.step = state.step;
  line.last_step = options_.steps;
  line.epoch = batch.cursor.epoch;
  line.share = ShareDone(state.step, epochs);
  if (line.share && *line.share > *start_share_)
    line.seconds_left = (1 - *line.share) * (now - started_at_) / (*line.share - *start_share_);
  if (options_.time.seconds > 0)
    line.limit_left = options_.time.started_at + options_.time.seconds - now;
  line.loss = result.sums.loss / targets;
  if (!model_.counts().empty())
    line.accuracy = static_cast<double>(result.sums.counts[0]) / targets;
  line.gradient_norm = result.gradient_norm;
  line.learning_rate = learning_rate;
  line.unit_rate = static_cast<double>(past.units) / past.start * unit_.per_step;
  line.unit = unit_.rate;
  line.gflops_per_second = past.flops / past.start / 1e9;
  line.data_share = past.seconds.wait / past.start;
  line.communication_share = past.seconds.communicate / past.start;
  progress_.Show(line);
}

// Leaves out ranks and hosts, so that the file is the same for any number of them.
void RunReport::Skipped(const TrainingState& state, const SkippedSamples& skipped) {
  auto samples = nlohmann::ordered_json::array();
  for (const SkippedSample& sample : skipped.samples) {
    const RecordPlace& place = sample.place;
    const std::string in_other = place.folder.empty() ? "" : place.folder + "/";
    samples.push_back(
        {{"sample", sample.id}, {"file", in_other + place.file}, {"record", place.record}});
  }
  Log({{"kind", "skipped"},
       {"step", state.step},
       {"in_a_row", state.skipped_in_a_row},
       {"not_finite", samples},
       {"more", skipped.more}});
}

void RunReport::Trace(const TrainingState& state, const GradientByTime& found) {
  const auto numbers = [](const std::vector<double>& values) {
    auto array = nlohmann::ordered_json::array();
    for (const double value : values) array.push_back(FiniteOrName(value));
    return array;
  };
  auto all = nlohmann::ordered_json::array();
  for (const GradientByTime::Series& series : found.series) {
    all.push_back({{"layer", series.layer},
                   {"direction", series.reverse ? "reverse" : "forward"},
                   {"hidden", numbers(series.hidden)}});
    if (!series.memory.empty()) all.back()["memory"] = numbers(series.memory);
  }
  Log({{"kind", "gradient_by_time"},
       {"step", state.step},
       {"time", WallTime()},
       {"distance", found.distances},
       {"sequences", found.sequences},
       {"layers", all}});
}

void RunReport::Validation(const TrainingState& state, const Evaluation& found, bool better) {
  nlohmann::ordered_json record = {{"kind", "validation"},
                                   {"step", state.step},
                                   {"epoch", state.cursor.epoch},
                                   {"loss", FiniteOrName(found.loss)}};
  AddShares(found.sums, &record);
  std::string own;
  for (const TaskMetric& metric : model_.metrics()) {
    const double value = metric.of(found.sums, found.tally);
    record[metric.name] = FiniteOrName(value);
    own += fmt::format(", {}", MetricText(metric, value));
  }
  record.update({{"labels", found.sums.targets},
                 {"time", WallTime()},
                 {"seconds", found.seconds},
                 {"best", better}});
  Log(record);
  std::string figures;
  if (!model_.counts().empty()) figures = fmt::format(", accuracy {:.2f} %", 100 * found.Share(0));
  figures += own;
  const std::string line = fmt::format("validation at step {}: loss {:.4f}{}{}", state.step,
                                       found.loss, figures, better ? ", the best so far" : "");
  TellsValidation() ? LogInfo("{}", line) : LogDetail("{}", line);
}

bool RunReport::TellsValidation() {
  constexpr Index kAlways = 20;
  constexpr double kSeconds = 2;
  if (++validations_ > kAlways && Seconds() - told_at_ < kSeconds) return false;
  told_at_ = Seconds();
  return true;
}

}  // namespace lockstep
