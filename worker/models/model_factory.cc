#include "worker/models/model_factory.h"

#include "base/error.h"
#include "worker/models/encoder_decoder_model.h"
#include "worker/models/encoder_model.h"

namespace lockstep {
namespace {

// A model that reads ahead would learn to copy its targets from its inputs.
void RequireCausal(const EncoderOptions& encoder) {
  if (encoder.bidirectional && encoder.layers > 0) {
    throw UsageError(
        "model.bidirectional is true, but the targets of the corpus are the next steps of its "
        "inputs: layers that read backwards would see what they are to predict; set "
        "model.bidirectional = false");
  }
  if (TotalLookAhead(encoder) > 0) {
    throw UsageError(
        "model.lookahead is \"{}\", but the targets of the corpus are the next steps of its "
        "inputs: the model would see what it is to predict; set model.lookahead = 0",
        LookAheadText(encoder.lookahead));
  }
}

bool IsWritten(const Schema& schema) {
  const auto target = schema.Target();
  return target && schema.fields[*target].alignment == Alignment::kOwnSteps;
}

// Refuses options that only a decoder has: ignoring them silently would mislead the user.
void RefuseDecoder(const DecoderOptions& options) {
  if (options == DecoderOptions()) return;
  throw UsageError(
      "model.attention is \"{}\", model.decoder_layers {}, model.input_feeding {} and "
      "train.scheduled_sampling {}, but the targets of the corpus have no steps of their own that "
      "a "
      "decoder would write: leave these keys out",
      AttentionName(options.attention), options.layers, options.input_feeding, options.sampling);
}

}  // namespace

template <typename S>
std::unique_ptr<Model<S>> MakeModel(const ModelOptions& options, const Schema& schema) {
  if (IsWritten(schema)) {
    return std::make_unique<EncoderDecoderModel<S>>(options.encoder, options.decoder, options.head,
                                                    schema);
  }
  RefuseDecoder(options.decoder);
  if (schema.predicts_next) RequireCausal(options.encoder);
  return std::make_unique<EncoderModel<S>>(options.encoder, options.head, schema);
}

template std::unique_ptr<Model<float>> MakeModel(const ModelOptions&, const Schema&);
template std::unique_ptr<Model<double>> MakeModel(const ModelOptions&, const Schema&);

}  // namespace lockstep
