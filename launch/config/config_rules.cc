// Rules between keys: values that are each allowed, but not together.
#include <fmt/format.h>

#include <algorithm>
#include <iterator>

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
                      "(checkpoint.every) make {}; lower it, or save more often",
                      t.checkpoint.average, t.steps, t.checkpoint.every, saves));
  const AverageKind kind = t.optimizer.average.kind;
  require(kind == AverageKind::kOff || t.checkpoint.average == 0,
          fmt::format("train.average is {} and train.average_weights is {}; both write "
                      "average.h5: set train.average = 0, or train.average_weights = \"off\"",
                      t.checkpoint.average, AverageName(kind)));
  require(kind != AverageKind::kOff || !t.validation.average,
          "validation.average is true; it needs train.average_weights other than off");
  const bool needs_decay =
      t.schedule.kind == ScheduleKind::kCosine || t.schedule.kind == ScheduleKind::kStep;
  require(!needs_decay || t.schedule.decay_steps > 0,
          fmt::format("schedule.decay_steps is {}; the {} schedule needs at least 1",
                      t.schedule.decay_steps, ScheduleName(t.schedule.kind)));
  require(
      t.schedule.lowest <= t.schedule.learning_rate,
      fmt::format("schedule.lowest is {} and schedule.learning_rate {}; the lowest rate may not "
                  "be above the highest",
                  t.schedule.lowest, t.schedule.learning_rate));
  require(
      run.join_seconds == 0 || t.stream.splice.join > 0,
      fmt::format("augment.join_seconds is {}; it needs augment.join above 0", run.join_seconds));
  require(run.room_seconds.empty() || t.stream.mix.room_share > 0,
          fmt::format("augment.room_seconds is \"{}\"; it needs augment.room_share above 0",
                      run.room_seconds));
  require(!t.optimizer.nesterov || t.optimizer.momentum > 0,
          "optimizer.nesterov is true; it needs optimizer.momentum above 0");
  require(run.embeddings == "none" || run.start_from == "none",
          fmt::format("model.embeddings is \"{}\" and train.start_from is \"{}\"; both give the "
                      "embedding its first values: set one of them to none",
                      run.embeddings, run.start_from));
  require(t.steps > 0 || t.epochs > 0 || t.validation.patience > 0,
          "nothing ends the run: set train.steps, train.epochs or validation.patience");
  const EncoderOptions& encoder = t.model.encoder;
  require(encoder.cell_zoneout == 0 || HasMemory(encoder.cell),
          fmt::format("model.cell_zoneout is {}, but the cell {} (model.cell) has no cell state: "
                      "set model.cell = \"lstm\" or \"lstm_ln\", or use model.zoneout",
                      encoder.cell_zoneout, CellName(encoder.cell)));
  const auto require_layers = [&](double value, const char* key) {
    require(value == 0 || encoder.layers > 0,
            fmt::format("{} is {}, but there is no recurrent layer: set {} = 0, or model.layers "
                        "to 1 or more",
                        key, value, key));
  };
  require_layers(encoder.weight_dropout, "model.weight_dropout");
  require_layers(encoder.zoneout, "model.zoneout");
  require_layers(encoder.cell_zoneout, "model.cell_zoneout");
  require_layers(encoder.activation_l2, "model.activation_l2");
  require_layers(encoder.difference_l2, "model.activation_difference_l2");
  const auto given = std::ssize(encoder.lookahead);
  const std::string lookahead =
      fmt::format("model.lookahead is \"{}\"", LookAheadText(encoder.lookahead));
  require(given == 1 || given == encoder.layers,
          fmt::format("{}, {} numbers for {} recurrent layers (model.layers): give one for each "
                      "layer, or a single one for the top layer",
                      lookahead, given, encoder.layers));
  const bool looks_ahead = std::ranges::any_of(encoder.lookahead, [](Index n) { return n > 0; });
  require(!looks_ahead || !encoder.bidirectional,
          fmt::format("{}, but layers of two directions see all that follows: set "
                      "model.bidirectional = false, or model.lookahead = 0",
                      lookahead));
  require(!looks_ahead || encoder.layers > 0,
          fmt::format("{}, but there is no recurrent layer: set model.lookahead = 0, or "
                      "model.layers to 1 or more",
                      lookahead));
  require(!looks_ahead || t.stream.part_steps == 0,
          fmt::format("{}, but train.bptt_steps = {} cuts sequences into parts, whose last steps "
                      "would not see the next part: set model.lookahead = 0, or, unless the corpus "
                      "is a stream of symbols (prepare text --task lm), train.bptt_steps = 0",
                      lookahead, t.stream.part_steps));
  return problems;
}

}  // namespace lockstep
