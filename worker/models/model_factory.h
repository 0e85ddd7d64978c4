// Chooses and makes the model. No other place names a concrete model.
#pragma once

#include "worker/heads/heads.h"
#include "worker/layers/decoder.h"
#include "worker/layers/encoder.h"
#include "worker/models/model.h"

namespace lockstep {

// The configuration of a model; sizes come from the schema.
struct ModelOptions {
  EncoderOptions encoder;
  HeadOptions head;
  DecoderOptions decoder = {};  // for targets that have steps of their own
};

// `schema` describes the batches. UsageError if the options do not fit it, for example if an output
// may depend on later steps, but targets are the next steps of the inputs (Schema::predicts_next).
template <typename S>
std::unique_ptr<Model<S>> MakeModel(const ModelOptions& options, const Schema& schema);

}  // namespace lockstep
