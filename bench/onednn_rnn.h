// Makes oneDNN's RNN primitives for one layer, as a trainer would: forward for training, and
// backward. States are passed explicitly, and oneDNN chooses the layouts of weights ("any").
#pragma once

#include <dnnl.hpp>

#include "bench/layer_problem.h"

namespace lockstep {

struct RnnPrimitives {
  dnnl::primitive_desc_base forward_desc;
  dnnl::primitive_desc_base backward_desc;
  dnnl::primitive forward;
  dnnl::primitive backward;
};

// GRU is oneDNN's lbr_gru: reset after the recurrent product, as Lockstep's kGru. Two directions
// are one bidirectional_concat primitive.
RnnPrimitives MakeRnnPrimitives(const LayerCase& c, Index layer, const dnnl::engine& engine);

// The number of bias vectors [H]: one per gate, and for GRU one more for the recurrent product of
// the candidate.
Index OnednnBiasCount(CellKind cell);

}  // namespace lockstep
