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

// UsageError if an output of the encoder may depend on later steps. For corpora whose targets are
// the next steps of their inputs: a model that reads ahead would learn to copy them.
void RequireCausal(const EncoderOptions& encoder);

// `schema` describes the batches. UsageError if the options do not fit it.
template <typename S>
std::unique_ptr<Model<S>> MakeModel(const ModelOptions& options, const Schema& schema);

}  // namespace lockstep
