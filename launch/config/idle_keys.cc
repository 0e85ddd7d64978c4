#include "launch/config/idle_keys.h"

#include <fmt/format.h>

#include <algorithm>

namespace lockstep {
namespace {

using Rule = EffectRule<RunConfig>;

bool HasInnerLayers(const RunConfig& run) {
  const ModelOptions& model = run.trainer.model;
  return std::max(model.encoder.layers, model.decoder.layers) > 1;
}

bool DropsValues(const RunConfig& run) {
  const EncoderOptions& e = run.trainer.model.encoder;
  return e.input_dropout > 0 || e.output_dropout > 0 || (e.dropout > 0 && HasInnerLayers(run));
}

bool HasDense(const RunConfig& run) { return run.trainer.model.head.dense_layers > 0; }

template <OptimizerKind... kKinds>
bool Optimises(const RunConfig& run) {
  return ((run.trainer.optimizer.kind == kKinds) || ...);
}

template <ScheduleKind... kKinds>
bool Schedules(const RunConfig& run) {
  return ((run.trainer.schedule.kind == kKinds) || ...);
}

template <AverageKind kKind>
bool Averages(const RunConfig& run) {
  return run.trainer.optimizer.average.kind == kKind;
}

template <ClipMode kMode>
bool Clips(const RunConfig& run) {
  return run.trainer.clip.mode == kMode;
}

constexpr Rule kModelRules[] = {
    {"model.dropout", HasInnerLayers,
     "it acts between recurrent layers, and there is no second one (model.layers); with one layer, "
     "model.input_dropout, model.output_dropout and, where a target belongs to a whole sequence, "
     "model.pooled_dropout drop values"},
    {"model.variational_dropout", DropsValues,
     "it says how values are dropped, and model.input_dropout, model.output_dropout and "
     "model.dropout (between layers) drop none"},
    {"model.dense_size", HasDense, "there is no dense layer (model.dense_layers)"},
    {"model.dense_dropout", HasDense, "there is no dense layer (model.dense_layers)"},
};

constexpr Rule kAugmentRules[] = {
    {"augment.time_masks",
     [](const RunConfig& run) { return run.trainer.stream.frames.time_mask_frames > 0; },
     "the longest mask has 0 frames; set augment.time_mask_frames"},
    {"augment.time_mask_frames",
     [](const RunConfig& run) { return run.trainer.stream.frames.time_masks > 0; },
     "there are 0 masks per sample; set augment.time_masks"},
    {"augment.band_masks",
     [](const RunConfig& run) { return run.trainer.stream.frames.band_mask_bins > 0; },
     "the widest mask has 0 bins; set augment.band_mask_bins"},
    {"augment.band_mask_bins",
     [](const RunConfig& run) { return run.trainer.stream.frames.band_masks > 0; },
     "there are 0 masks per sample; set augment.band_masks"},
    {"augment.noise_snr",
     [](const RunConfig& run) { return run.trainer.stream.mix.noise_share > 0; },
     "no sample is mixed with noise; set augment.noise_share"},
};

constexpr Rule kOptimizerRules[] = {
    {"optimizer.momentum", Optimises<OptimizerKind::kSgd>, "only sgd has it (optimizer.name)"},
    {"optimizer.rho", Optimises<OptimizerKind::kRmsprop>, "only rmsprop has it (optimizer.name)"},
    {"optimizer.beta1", Optimises<OptimizerKind::kAdam, OptimizerKind::kAdamW>,
     "only adam and adamw have it (optimizer.name)"},
    {"optimizer.beta2", Optimises<OptimizerKind::kAdam, OptimizerKind::kAdamW>,
     "only adam and adamw have it (optimizer.name)"},
    {"optimizer.epsilon",
     Optimises<OptimizerKind::kRmsprop, OptimizerKind::kAdam, OptimizerKind::kAdamW>,
     "sgd has none (optimizer.name)"},
    {"schedule.constant_steps", Schedules<ScheduleKind::kCosine, ScheduleKind::kStep>,
     "only the schedules cosine and step have them (schedule.name)"},
    {"schedule.decay_steps", Schedules<ScheduleKind::kCosine, ScheduleKind::kStep>,
     "only the schedules cosine and step have them (schedule.name)"},
    {"schedule.factor", Schedules<ScheduleKind::kStep, ScheduleKind::kPlateau>,
     "only the schedules step and plateau have drops (schedule.name)"},
    {"schedule.patience", Schedules<ScheduleKind::kPlateau>,
     "only the schedule plateau waits for validations (schedule.name); validation.patience ends a "
     "run"},
    {"schedule.plateau_by", Schedules<ScheduleKind::kPlateau>,
     "only the schedule plateau looks at validations (schedule.name)"},
    {"clip.max_norm", [](const RunConfig& run) { return !Clips<ClipMode::kOff>(run); },
     "gradients are not clipped (clip.mode)"},
    {"clip.quantile", Clips<ClipMode::kAdaptive>, "only adaptive clipping has it (clip.mode)"},
    {"clip.window", Clips<ClipMode::kAdaptive>, "only adaptive clipping has it (clip.mode)"},
};

constexpr Rule kTrainRules[] = {
    {"train.average_decay", Averages<AverageKind::kEma>,
     "it belongs to train.average_weights = \"ema\""},
    {"train.average_from", Averages<AverageKind::kMean>,
     "it belongs to train.average_weights = \"mean\""},
    {"train.average_patience", Averages<AverageKind::kMeanOnPlateau>,
     "it belongs to train.average_weights = \"mean_on_plateau\""},
    {"train.scheduled_sampling_steps",
     [](const RunConfig& run) { return run.trainer.model.decoder.sampling > 0; },
     "train.scheduled_sampling is 0"},
};

}  // namespace

std::string IdleKeyText(const std::string& key, const GivenValue& given, const char* why_not) {
  return fmt::format("{} is {} ({}), which has no effect: {}", key, given.value, given.origin,
                     why_not);
}

std::vector<std::string> FindIdleKeys(const Config& config) {
  std::vector<std::string> sentences;
  for (const auto rules :
       {std::span<const Rule>(kModelRules), std::span<const Rule>(kAugmentRules),
        std::span<const Rule>(kOptimizerRules), std::span<const Rule>(kTrainRules)})
    for (std::string& sentence : FindIdle(config, rules, config.run()))
      sentences.push_back(std::move(sentence));
  return sentences;
}

}  // namespace lockstep
