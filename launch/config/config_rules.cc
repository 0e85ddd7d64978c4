// Rules between keys: values that are each allowed, but not together.
#include <fmt/format.h>

#include "launch/config/keys.h"

namespace lockstep {

std::vector<std::string> FindConfigProblems(const RunConfig& run) {
  const TrainerOptions& t = run.trainer;
  std::vector<std::string> problems;
  const auto require = [&](bool holds, const std::string& text) {
    if (!holds) problems.push_back(text);
  };
  require(
      t.checkpoint.keep_every % t.checkpoint.every == 0,
      fmt::format("checkpoint.keep_every is {}; it has to be a multiple of checkpoint.every, {}",
                  t.checkpoint.keep_every, t.checkpoint.every));
  const Index saves = (t.steps + t.checkpoint.every - 1) / t.checkpoint.every;
  require(t.steps == 0 || t.checkpoint.average <= saves,
          fmt::format("train.average is {}; {} steps (train.steps) with a checkpoint every {} "
                      "(checkpoint.every) make {}",
                      t.checkpoint.average, t.steps, t.checkpoint.every, saves));
  const bool needs_decay =
      t.schedule.kind == ScheduleKind::kCosine || t.schedule.kind == ScheduleKind::kStep;
  require(!needs_decay || t.schedule.decay_steps > 0,
          fmt::format("schedule.decay_steps is {}; the {} schedule needs at least 1",
                      t.schedule.decay_steps, ScheduleName(t.schedule.kind)));
  require(
      run.join_seconds == 0 || t.stream.splice.join > 0,
      fmt::format("augment.join_seconds is {}; it needs augment.join above 0", run.join_seconds));
  require(run.room_seconds.empty() || t.stream.mix.room_share > 0,
          fmt::format("augment.room_seconds is \"{}\"; it needs augment.room_share above 0",
                      run.room_seconds));
  require(!t.optimizer.nesterov || t.optimizer.momentum > 0,
          "optimizer.nesterov is true; it needs optimizer.momentum above 0");
  require(t.steps > 0 || t.epochs > 0 || t.validation.patience > 0,
          "nothing ends the run: set train.steps, train.epochs or validation.patience");
  return problems;
}

}  // namespace lockstep
