// Names, shapes and places of all parameters of a model, declared once, in forward order: the order
// in which forward uses them. Backward finishes them from the end, so finished gradients are always
// a suffix. Values, gradients and optimiser moments are flat arrays over the same layout; only
// layers ask for a matrix by id, everything else works on spans.
//
// Each parameter starts on a 64-byte border; the gaps are zero and stay zero. The whole is padded
// to kBlockElements, the unit in which ranks divide it and norms are summed.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "base/types.h"

namespace lockstep {

// Elements that are never divided between ranks or threads; also the block in which squares are
// summed, so changing it changes the bits.
inline constexpr Index kBlockElements = 1024;

// How a parameter gets its first values. Matrices [G*H, K] hold G gates of [H, K], each drawn
// alone.
struct Initialiser {
  enum class Kind { kZero, kNormal, kGlorot, kOrthogonal, kBlockConstant };
  Kind kind = Kind::kZero;
  Index gates = 1;
  // kNormal: standard deviation. kBlockConstant: value of gate `block`, the others are zero.
  double value = 0.0;
  Index block = 0;
};

struct ParameterInfo {
  std::string name;          // as in a PyTorch state_dict
  std::vector<Index> shape;  // one or two axes
  Index offset = 0;          // of the first element in the flat array
  Initialiser initialiser;
  bool decays = true;  // weight decay applies (matrices, not biases)

  Index rows() const { return shape[0]; }
  Index cols() const { return shape.size() > 1 ? shape[1] : 1; }
  Index count() const { return rows() * cols(); }
};

using ParameterId = std::size_t;

class ParameterLayout {
 public:
  ParameterId Add(const std::string& name, const std::vector<Index>& shape,
                  const Initialiser& initialiser);

  const ParameterInfo& operator[](ParameterId id) const { return infos_[id]; }
  const std::vector<ParameterInfo>& infos() const { return infos_; }
  // Elements of the flat array, gaps included; a multiple of kBlockElements.
  Index size() const;
  // Elements that are parameters.
  Index count() const;

 private:
  std::vector<ParameterInfo> infos_;
  Index end_ = 0;
};

// The first values: a function of the seed and the place in the layout alone. Glorot: Glorot &
// Bengio 2010, uniform +-sqrt(6 / (fan in + fan out)); orthogonal: Saxe et al. 2014.
template <typename S>
void InitialiseParameters(const ParameterLayout& layout, std::uint64_t seed, std::span<S> values);

// One hash of all names, shapes and values.
std::string HashParameters(const ParameterLayout& layout, std::span<const float> values);

}  // namespace lockstep
