#include "worker/layers/packed_layers.h"

namespace lockstep {
namespace {

template <typename S>
Index BytesOf(const Encoder<S>& encoder) {
  Index bytes = 0;
  for (Index l = 0; l < encoder.options().layers; ++l) {
    bytes += encoder.directions() * encoder.layer(l).PackedForwardBytes();
  }
  return bytes;
}

}  // namespace

template <typename S>
PackedLayers<S>::PackedLayers(const Encoder<S>& encoder, const S* values)
    : directions_(encoder.directions()), weights_(BytesOf(encoder)) {
  for (Index l = 0; l < encoder.options().layers; ++l) {
    for (Index d = 0; d < directions_; ++d) {
      packed_.push_back(encoder.layer(l).PackForward(d, values, &weights_));
    }
  }
}

template class PackedLayers<float>;
template class PackedLayers<double>;

}  // namespace lockstep
