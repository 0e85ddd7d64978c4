#include "launch/run/step_predictor.h"

#include <algorithm>

#include "base/error.h"

namespace lockstep {
namespace {

// A slot of sequences of one step, without targets.
SlotBatch OneStep(const Schema& schema, Index sequences) {
  SlotBatch slot;
  slot.layout = PackedLayout(std::vector<Index>(static_cast<std::size_t>(sequences), 1));
  for (Index b = 0; b < sequences; ++b) slot.sample_ids.push_back(static_cast<std::uint64_t>(b));
  slot.fields.resize(1);
  slot.fields[0].ids.assign(static_cast<std::size_t>(sequences * schema.fields[0].width), 0);
  return slot;
}

SlotBounds BoundsOfOneStep(const Schema& schema, Index sequences) {
  SlotBounds bounds{.sequences = sequences, .steps = 1, .rows = sequences};
  bounds.field_rows.assign(schema.fields.size(), sequences);
  bounds.longest.assign(schema.fields.size(), 1);
  return bounds;
}

const Model<float>& RequireSteps(const TrainedModel& trained) {
  const Model<float>& model = *trained.model;
  const bool per_step = model.score_alignment() == Alignment::kStep;
  if (per_step && model.carried().arrays > 0 && !model.schema().fields[0].is_real()) return model;
  throw UsageError(
      "{}: sequences can be made only by a model that reads ids in one direction, has recurrent "
      "layers, and predicts each step; train one with model.bidirectional = false "
      "and model.lookahead = 0",
      trained.path);
}

}  // namespace

StepPredictor::StepPredictor(const TrainedModel& trained, Index sequences)
    : trained_(trained),
      slot_(OneStep(RequireSteps(trained).schema(), sequences)),
      workspace_(trained.model->ScoreBytes(BoundsOfOneStep(trained.model->schema(), sequences))),
      before_(trained.model->carried().arrays * sequences * trained.model->carried().width),
      after_(before_.size()) {}

std::span<const float> StepPredictor::Next() {
  const Index mark = workspace_.used_bytes();
  const CarriedStates<float> states{before_.data(), after_.data(), slot_.layout.sequences()};
  const Scores<float> found =
      trained_.model->Score(slot_, trained_.values.data(), &workspace_, nullptr, states);
  scores_.assign(found.values, found.values + found.rows * found.width);
  workspace_.Rewind(mark);
  std::swap(before_, after_);
  return scores_;
}

}  // namespace lockstep
