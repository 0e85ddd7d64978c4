// The parameter layout: names, shapes and offsets of all parameters of a model in one flat array.
// They are declared once, in the order in which forward uses them. Backward finishes them from the
// end, so the finished gradients are always a suffix of the array. Values, gradients and optimiser
// moments are flat arrays with this same layout. Only layers look up a single parameter by its id;
// all other code works on ranges of elements.
//
// Each parameter starts at a multiple of 64 bytes; the gaps between parameters are zero and stay
// zero. The whole array is padded to a multiple of kBlockElements.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "base/types.h"

namespace lockstep {

// The size of a block in elements. Blocks are never divided between ranks or threads, and sums of
// squares are taken block by block, so changing this number changes the bits of the results.
inline constexpr Index kBlockElements = 1024;

// How a parameter gets its first values. A matrix [G*H, K] of G gates is initialised gate by gate,
// as G matrices [H, K].
struct Initialiser {
  enum class Kind { kZero, kNormal, kGlorot, kOrthogonal, kBlockConstant };
  Kind kind = Kind::kZero;
  Index gates = 1;  // G
  // kNormal: the standard deviation. kBlockConstant: the value of all elements of gate number
  // `block`; all other gates are zero.
  double value = 0.0;
  Index block = 0;
};

struct ParameterInfo {
  std::string name;          // as in a PyTorch state_dict
  std::vector<Index> shape;  // one or two axes
  Index offset = 0;          // index of the first element in the flat array
  Initialiser initialiser;
  bool decays = true;  // true if weight decay applies (to matrices, not to biases)

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
  // The number of elements of the flat array, gaps included; a multiple of kBlockElements.
  Index size() const;
  // The number of elements that belong to parameters, without gaps.
  Index count() const;

 private:
  std::vector<ParameterInfo> infos_;
  Index end_ = 0;
};

// Sets the first values [layout.size()], a function of the seed and the layout only. kGlorot is
// uniform in +-sqrt(6 / (fan in + fan out)), Glorot & Bengio 2010; kOrthogonal follows Saxe et al.
// 2014.
template <typename S>
void InitialiseParameters(const ParameterLayout& layout, std::uint64_t seed, std::span<S> values);

// A hash of all names, shapes and values together.
std::string HashParameters(const ParameterLayout& layout, std::span<const float> values);

}  // namespace lockstep
