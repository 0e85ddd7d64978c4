#include "worker/layers/direction_pass.h"

namespace lockstep {

template <typename S>
DirectionPass<S>::DirectionPass(const DirectionShape& shape, const PackedLayout& layout,
                                const DirectionArrays<S>& arrays, Workspace* workspace)
    : shape_(shape),
      I_(shape.input_size),
      H_(shape.hidden_size),
      GH_(shape.gate_width()),
      layout_(layout),
      a_(arrays),
      workspace_(workspace),
      walk_(shape, layout, arrays),
      norm_(shape, a_, layout, walk_),
      zoneout_(shape, a_, layout, walk_),
      gradients_(shape, layout, a_, walk_, norm_, workspace) {}

// Counts what PrepareForward and PrepareBackward take together, which recomputing needs; a GRU's
// recurrent weights are packed in two pieces, whose roundings add up.
template <typename S>
Index DirectionPass<S>::ScratchBytes(const DirectionShape& shape, const SlotBounds& bounds) {
  const Index I = shape.input_size, H = shape.hidden_size, GH = shape.gate_width();
  const auto bytes = [](Index count) { return Workspace::BytesFor<S>(count); };
  const auto packed = [&](Index k, Index n) { return PackedBytes<S>(shape.precision, k, n); };
  const auto recurrent = [&](Index k, Index n, Index k2, Index n2) {
    return std::max(packed(k, n), packed(k2, n2) + packed(H, H));
  };
  const Index states = 4 * bytes(bounds.sequences * H) + bytes(GH) + bytes(H);
  const Index weights =
      packed(I, GH) + recurrent(H, GH, H, 2 * H) + packed(GH, I) + recurrent(GH, H, 2 * H, H);
  const Index previous = bytes(DirectionWalk<S>::BlockRows(bounds) * H);
  return states + StepZoneout<S>::ScratchBytes(shape, bounds) + weights +
         std::max(MultiplyBytes<S>(shape.precision, std::max({I, H, GH})),
                  previous + AddTransposedBytes<S>(shape.precision, GH, std::max(I, H)));
}

template <typename S>
PackedDirection<S> DirectionPass<S>::PackForward(const DirectionShape& shape, const S* weight_ih,
                                                 const S* weight_hh, Workspace* workspace) {
  const Index H = shape.hidden_size, GH = shape.gate_width();
  const auto pack = [&](Index rows, Index columns, const S* weights) {
    return Pack(shape.precision, Op::kTransposed, columns, rows, weights, columns, workspace);
  };
  const bool apart = HasCandidate(shape.cell);
  PackedDirection<S> packed;
  packed.input = pack(GH, shape.input_size, weight_ih);
  packed.gates = pack(apart ? 2 * H : GH, H, weight_hh);
  if (apart) packed.candidate = pack(H, H, weight_hh + 2 * H * H);
  return packed;
}

template <typename S>
Index DirectionPass<S>::PackedForwardBytes(const DirectionShape& shape) {
  const Index H = shape.hidden_size, GH = shape.gate_width();
  const auto packed = [&](Index k, Index n) { return PackedBytes<S>(shape.precision, k, n); };
  return packed(shape.input_size, GH) + std::max(packed(H, GH), packed(H, 2 * H) + packed(H, H));
}

template class DirectionPass<float>;
template class DirectionPass<double>;

}  // namespace lockstep
