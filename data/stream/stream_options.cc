#include "data/stream/stream_options.h"

namespace lockstep {

Schema BatchSchema(const CorpusInfo& info, const StreamOptions& options) {
  Schema schema = info.schema;
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
  return options;
}

}  // namespace lockstep
