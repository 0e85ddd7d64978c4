#include "launch/run/training_setup.h"

#include <algorithm>

#include "data/stream/batch_reader.h"
#include "data/stream/sample_checks.h"
#include "launch/config/class_weights.h"
#include "launch/config/source_weights.h"
#include "launch/run/augmentation.h"
#include "launch/run/automatic_slots.h"
#include "launch/run/corpus_fit.h"
#include "launch/run/frequency_axis.h"
#include "launch/run/label_texts.h"
#include "launch/run/once_words.h"
#include "launch/run/target_units.h"
#include "trainer/step/parameter_choice.h"

namespace lockstep {

std::span<const OptionRow> TrainingRows() {
  static constexpr OptionRow kRows[] = {
      {"config FILE", "configuration file (TOML); default: the default of every key"},
      {"corpus CORPUS", "corpus folder that `lockstep prepare` made"},
      {"threads N", "threads of each rank (key train.threads); default 1"},
      {"steps N", "trains until this step (key train.steps); default 0, no bound"},
      {"epochs N",
       "trains until each sample was used N times (key train.epochs); default 0, no bound"},
      {"seed N", "seed of every random draw (key train.seed); default 1"},
      {"time-limit TIME",
       "ends and saves before this time has passed (key train.time_limit): 4h, 90m, 3:55:00; "
       "default 0, no limit"},
      {"set KEY=VALUE", "KEY=VALUE sets any configuration key; may be repeated",
       OptionKind::kRepeated},
  };
  return kRows;
}

void ReadConfig(const Options& options, Config* config) {
  if (const auto file = options.Maybe("config")) config->ReadFile(*file);
  config->ReadEnvironment();
  for (const std::string& assignment : options.List("set")) {
    config->SetFromCommandLine(assignment);
  }
  for (std::string name : {"threads", "steps", "epochs", "seed", "time-limit"}) {
    if (const auto value = options.Maybe(name)) {
      std::string key = "train." + name;
      std::ranges::replace(key, '-', '_');
      config->Set(key, *value, "--" + name);
    }
  }
}

void FillConfig(const Options& options, Config* config) {
  ReadConfig(options, config);
  config->Finish();
}

LaunchNeeds NeedsOf(const RunConfig& config) { return {config.trainer.threads, config.isa}; }

namespace {

// Frames, and with them convolution and augmentation, are for real-valued inputs.
void RequireFrames(const TrainerOptions& options, const CorpusInfo& corpus) {
  if (corpus.leading().is_real()) return;
  if (options.stream.frames.IsIdentity() && options.model.encoder.conv_channels == 0) return;
  throw UsageError(
      "data.stack, data.stride, model.conv_channels and augment.* are for real-valued inputs; "
      "the corpus (kind \"{}\") has symbols; leave them out",
      corpus.kind);
}

// Weights of classes are for targets that have one class.
void RequireOneClass(const CorpusInfo& corpus) {
  if (corpus.is_stream()) return;
  const Field& target = corpus.target();
  const bool has_one =
      !target.is_real() && target.width == 1 &&
      (target.alignment == Alignment::kStep || target.alignment == Alignment::kSequence);
  if (has_one) return;
  const char* const what = target.is_real()        ? "real values"
                           : WritesTargets(corpus) ? "sequences that the model writes"
                                                   : "lists or sets of labels";
  throw UsageError(
      "model.class_weights is for one class per step or per sequence, but the targets of the "
      "corpus "
      "(kind \"{}\") are {}: set it to none",
      corpus.kind, what);
}

const char* WhyNotReported(ValidationMetric metric) {
  switch (metric) {
    case ValidationMetric::kAccuracy:
      return "a model of real-valued targets names no labels";
    case ValidationMetric::kErrorRate:
      return "the labels of the corpus spell no words";
    case ValidationMetric::kMacroF1:
      return "the corpus has no class per step or per sequence";
    case ValidationMetric::kPerplexity:
      return "the targets of the corpus are not the next symbols of a stream";
    case ValidationMetric::kBleu:
      return "the model does not write targets of their own length";
    case ValidationMetric::kMicroF1:
    case ValidationMetric::kFrameAccuracy:
      return "the corpus has no sets of labels per step or per sequence";
    default:
      return "the corpus has no real-valued targets";
  }
}

// UsageError if validations of the model do not report the metric.
void RequireMetric(ValidationMetric metric, const Model<float>& model, const CorpusInfo& corpus) {
  std::vector<std::string> reported = {"loss"};
  if (!model.counts().empty()) reported.emplace_back("accuracy");
  for (const TaskMetric& own : model.metrics()) reported.emplace_back(own.name);
  if (WritesTargets(corpus)) reported.emplace_back("bleu");  // once it is asked for
  const std::string name = ValidationMetricName(metric);
  if (std::ranges::find(reported, name) != reported.end()) return;
  throw UsageError(
      "validation.metric is \"{}\", but {} (kind \"{}\"), so its validations do not report it; "
      "allowed are {}",
      name, WhyNotReported(metric), corpus.kind, fmt::join(reported, ", "));
}

// What the options would do to samples; a stream has none.
void RequireSamples(const TrainerOptions& options, const CorpusInfo& corpus) {
  constexpr const char* kCorpus = "for training";
  const StreamOptions& stream = options.stream;
  CheckStream(kCorpus, corpus, corpus.Split("train"), stream);
  CheckCuts(kCorpus, corpus, corpus.Split("train"), stream);
  if (corpus.is_stream()) return;
  CheckSamples(kCorpus, corpus, stream.frames, stream.splice, stream.random_strand);
}

}  // namespace

TrainerOptions OptionsFor(const Config& config, const CorpusInfo& corpus) {
  TrainerOptions options = config.run().trainer;
  options.stream.plan.seed = options.seed;
  PlanOptions& plan = options.stream.plan;
  if (plan.slots == 0) plan.slots = AutomaticSlots(plan.batch_sequences);
  if (corpus.Split("train").sequences == 0) {
    throw UsageError("split \"train\" of the corpus is empty; run prepare with a --train range");
  }
  plan.source_weights =
      ResolveSourceWeights(SourceWeightsFromText(config.run().source_weights), corpus);
  SetFrameBins(corpus, &options.stream);
  SetSplices(config.run(), corpus, &options.stream);
  SetEnergyMix(config.run(), corpus, &options.stream);
  SetFrequencyWarp(corpus, &options.stream);
  RequireFrames(options, corpus);
  RequireSamples(options, corpus);
  const ClassWeights weights = ClassWeightsFromText(config.run().class_weights);
  if (!weights.none()) RequireOneClass(corpus);
  options.model.head.class_weights =
      ResolveClassWeights(weights, corpus.classes(), corpus.Split("train").label_counts);
  options.model.head.label_texts = LabelTexts(corpus);
  options.model.head.target_scales = TargetScales(corpus);
  SetOnceWords(corpus, &options.model.encoder.words);
  RequireOnceWords(options.model.encoder.words);
  options.model.decoder.counts_ngrams =
      WritesTargets(corpus) && options.validation.metric == ValidationMetric::kBleu;
  const auto model = ModelFor(options, corpus);
  options.stream.labels_must_fit = model->labels_must_fit();
  RequireMetric(options.validation.metric, *model, corpus);
  FrozenParameters(options.optimizer.freeze, model->layout());
  const auto valid = corpus.splits.find(options.validation.split);
  const bool validates = valid != corpus.splits.end() && valid->second.sequences > 0;
  const bool waits = options.validation.patience > 0 ||
                     options.schedule.kind == ScheduleKind::kPlateau ||
                     options.optimizer.average.kind == AverageKind::kMeanOnPlateau;
  if (waits && !validates) {
    throw UsageError(
        "validation.patience, the plateau schedule and train.average_weights = "
        "\"mean_on_plateau\" need a validation split; the corpus has none; run prepare with a "
        "--valid range");
  }
  return options;
}

}  // namespace lockstep
