#include "worker/layers/packed_layers.h"

#include <algorithm>

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

// Kernels pack into a workspace, which is not in large pages: its bytes are moved there.
template <typename S>
PackedLayers<S>::PackedLayers(const Encoder<S>& encoder, const S* values)
    : directions_(encoder.directions()), weights_(BytesOf(encoder)) {
  Workspace workspace(BytesOf(encoder));
  const auto* const begin = workspace.Take<std::byte>(0);
  for (Index l = 0; l < encoder.options().layers; ++l) {
    for (Index d = 0; d < directions_; ++d) {
      packed_.push_back(encoder.layer(l).PackForward(d, values, &workspace));
    }
  }
  std::copy_n(begin, workspace.used_bytes(), weights_.data());
  for (PackedDirection<S>& direction : packed_) {
    for (PackedMatrix<S>* const matrix :
         {&direction.input, &direction.gates, &direction.candidate}) {
      if (matrix->panels == nullptr) continue;
      matrix->panels = weights_.data() + (static_cast<const std::byte*>(matrix->panels) - begin);
    }
  }
}

template class PackedLayers<float>;
template class PackedLayers<double>;

}  // namespace lockstep
