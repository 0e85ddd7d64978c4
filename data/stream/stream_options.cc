#include "data/stream/stream_options.h"

#include <algorithm>

#include "base/error.h"

namespace lockstep {
namespace {

void CheckCutFields(const std::string& folder, const CorpusInfo& info, Index cut_steps) {
  if (info.overlap > 0) {
    throw UsageError(
        "data.cut_steps = {} asks for samples to be cut, but those of corpus {} have {} steps of "
        "context on each side, which their pieces would lose; prepare the corpus with --overlap 0, "
        "or set data.cut_steps = 0",
        cut_steps, folder, info.overlap);
  }
  for (const Field& field : info.schema.fields) {
    if (field.alignment != Alignment::kStep) {
      throw UsageError(
          "data.cut_steps = {} asks for samples to be cut, but field \"{}\" of corpus {} (kind "
          "\"{}\") belongs to whole samples (aligned by {}); set data.cut_steps = 0",
          cut_steps, field.name, folder, info.kind, AlignmentName(field.alignment));
    }
    if (field.is_real()) continue;
    const LabelOrder& order = info.schema.VocabularyOf(field).order;
    if (order.first.empty() && order.last.empty()) continue;
    throw UsageError(
        "data.cut_steps = {} asks for samples to be cut, but corpus {} says which ids of its field "
        "\"{}\" may be first or last in a sample; set data.cut_steps = 0",
        cut_steps, folder, field.name);
  }
}

}  // namespace

Index StreamsOf(const SplitInfo& split, const StreamOptions& options) {
  const Index asked = options.streams > 0 ? options.streams : options.plan.batch_sequences;
  return std::min(asked, split.steps);
}

void CheckStream(const std::string& folder, const CorpusInfo& info, const SplitInfo& split,
                 const StreamOptions& options) {
  if (!info.is_stream()) return;
  if (options.part_steps == 0) {
    throw UsageError(
        "train.bptt_steps is 0, but corpus {} (kind \"{}\") is one stream of {} without an end: "
        "set "
        "the number of steps that gradients go back, such as train.bptt_steps = 35",
        folder, info.kind, info.schema.unit);
  }
  if (options.streams == 0 && split.steps < options.plan.batch_sequences) {
    throw UsageError(
        "corpus {} has {} {} to train on, fewer than the {} streams that batch.sequences asks for; "
        "set batch.sequences to {} or less, or prepare a longer text",
        folder, split.steps, info.schema.unit, options.plan.batch_sequences, split.steps);
  }
  const bool identity = options.plan.cut_steps == 0 && options.plan.source_weights.empty() &&
                        !options.random_strand && options.frames.IsIdentity() &&
                        options.splice.IsIdentity() && options.mix.IsIdentity() &&
                        options.warp.IsIdentity();
  if (identity) return;
  throw UsageError(
      "corpus {} (kind \"{}\") is one stream of {}, which has no samples to cut, turn, weigh or "
      "change: leave out data.cut_steps, data.source_weights, data.random_strand, data.stack, "
      "data.stride and augment.*",
      folder, info.kind, info.schema.unit);
}

void CheckCuts(const std::string& folder, const CorpusInfo& info, const SplitInfo& split,
               const StreamOptions& options) {
  const Index cut_steps = options.plan.cut_steps;
  if (cut_steps == 0) return;
  CheckCutFields(folder, info, cut_steps);
  if (!options.frames.IsIdentity()) {
    throw UsageError(
        "data.cut_steps = {} cannot be combined with joined, left out or changed frames: set "
        "data.stack = 1 and data.stride = 1 and leave out augment.*, or set data.cut_steps = 0",
        cut_steps);
  }
  if (MostPieces(1, split.longest, cut_steps) > kMostPiecesOfSample) {
    throw UsageError(
        "data.cut_steps = {} would cut the longest sample of corpus {} ({} steps) into more than "
        "{} pieces; set a larger data.cut_steps",
        cut_steps, folder, split.longest, kMostPiecesOfSample);
  }
  if (options.plan.shuffle && split.longest <= cut_steps) {
    throw UsageError(
        "data.cut_steps = {} would cut nothing: the longest sample for training in corpus {} has "
        "{} steps; set data.cut_steps = 0, or a number below that",
        cut_steps, folder, split.longest);
  }
}

Schema BatchSchema(const CorpusInfo& info, const StreamOptions& options) {
  Schema schema = info.schema.WithDerivedTarget();
  if (!schema.fields[0].is_real()) return schema;
  schema.fields[0].width *= options.frames.stack;
  schema.seconds_per_step *= static_cast<double>(options.frames.stride);
  return schema;
}

StreamOptions EvaluationStream(const StreamOptions& training) {
  StreamOptions options;
  options.plan = training.plan;
  options.plan.shuffle = false;
  options.plan.source_weights.clear();
  options.frames = training.frames.WithoutAugmentation();
  options.labels_must_fit = training.labels_must_fit;
  options.last_epoch = 0;
  options.part_steps = training.part_steps;
  options.streams = std::min(training.plan.batch_sequences, training.validation_streams);
  return options;
}

}  // namespace lockstep
