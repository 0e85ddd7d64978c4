// The weights of an encoder's recurrent layers, packed once for many calls with few rows each,
// where packing them would be much of the work. As large as the weights themselves, in pages of
// 2 MiB.
#pragma once

#include <vector>

#include "base/large_pages.h"
#include "worker/layers/encoder.h"

namespace lockstep {

template <typename S>
class PackedLayers {
 public:
  // Copies what it needs of `values`.
  PackedLayers(const Encoder<S>& encoder, const S* values);

  // One entry per direction of layer `l`.
  const PackedDirection<S>* layer(Index l) const { return packed_.data() + l * directions_; }

 private:
  Index directions_;
  LargePages weights_;
  std::vector<PackedDirection<S>> packed_;  // in weights_
};

}  // namespace lockstep
