// The one place where a model is chosen.
#pragma once

#include "worker/heads/heads.h"
#include "worker/layers/encoder.h"
#include "worker/models/model.h"

namespace lockstep {

// Configuration only; sizes come from the schema.
struct ModelOptions {
  EncoderOptions encoder;
  HeadOptions head;
};

// `schema` is that of the batches. UsageError where the options do not fit it.
template <typename S>
std::unique_ptr<Model<S>> MakeModel(const ModelOptions& options, const Schema& schema);

}  // namespace lockstep
