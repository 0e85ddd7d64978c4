#include "worker/models/model_factory.h"

#include "worker/models/encoder_model.h"

namespace lockstep {

template <typename S>
std::unique_ptr<Model<S>> MakeModel(const ModelOptions& options, const Schema& schema) {
  return std::make_unique<EncoderModel<S>>(options.encoder, options.head, schema);
}

template std::unique_ptr<Model<float>> MakeModel(const ModelOptions&, const Schema&);
template std::unique_ptr<Model<double>> MakeModel(const ModelOptions&, const Schema&);

}  // namespace lockstep
