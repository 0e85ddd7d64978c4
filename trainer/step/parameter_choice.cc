#include "trainer/step/parameter_choice.h"

#include <fnmatch.h>

#include <algorithm>

#include "base/characters.h"
#include "base/error.h"
#include "base/text.h"
#include "worker/comm/subtree_sum.h"

namespace lockstep {
namespace {

std::string NamesOf(const ParameterLayout& layout) {
  std::vector<std::string> names;
  for (const ParameterInfo& info : layout.infos()) names.push_back(info.name);
  return fmt::format("{}", fmt::join(names, ", "));
}

void Choose(const std::string& key, const std::string& pattern, const ParameterLayout& layout,
            std::vector<bool>* chosen) {
  bool any = false;
  for (std::size_t i = 0; i < layout.infos().size(); ++i) {
    if (::fnmatch(pattern.c_str(), layout.infos()[i].name.c_str(), 0) != 0) continue;
    (*chosen)[i] = any = true;
  }
  if (any) return;
  throw UsageError("{}: no parameter of the model has the name {}; they are {}", key,
                   Printable(pattern), NamesOf(layout));
}

}  // namespace

std::vector<bool> ChooseParameters(const std::string& key, const std::string& patterns,
                                   const ParameterLayout& layout) {
  std::vector<bool> chosen(layout.infos().size(), false);
  for (std::size_t begin = 0; begin <= patterns.size();) {
    const std::size_t end = std::min(patterns.find(',', begin), patterns.size());
    Choose(key, std::string(Trim(std::string_view(patterns).substr(begin, end - begin))), layout,
           &chosen);
    begin = end + 1;
  }
  return chosen;
}

std::vector<bool> FrozenParameters(const std::string& freeze, const ParameterLayout& layout) {
  if (Trim(freeze).empty()) return std::vector<bool>(layout.infos().size(), false);
  std::vector<bool> frozen = ChooseParameters("train.freeze", freeze, layout);
  if (std::ranges::find(frozen, false) != frozen.end()) return frozen;
  throw UsageError("train.freeze is {}, which names all parameters; leave one to train, of {}",
                   Printable(freeze), NamesOf(layout));
}

FreeSquares::FreeSquares(const std::vector<bool>& frozen, const ParameterLayout& layout,
                         const PiecePlan& plan, int rank)
    : grain_(plan.grain()) {
  if (std::ranges::find(frozen, true) == frozen.end()) return;
  for (const Piece& piece : plan.pieces()) {
    const ElementRange own = piece.OwnedBy(rank);
    for (Index begin = own.begin; begin < own.end; begin += grain_) {
      MixedBlock block{{begin, std::min(own.end, begin + grain_)}, {}};
      for (std::size_t i = 0; i < frozen.size(); ++i) {
        const ParameterInfo& info = layout.infos()[i];
        const ElementRange part{std::max(block.elements.begin, info.offset),
                                std::min(block.elements.end, info.offset + info.count())};
        if (frozen[i] && part.begin < part.end) block.frozen.push_back(part);
      }
      if (!block.frozen.empty()) blocks_.push_back(std::move(block));
    }
  }
  squares_.resize(static_cast<std::size_t>((plan.count() + grain_ - 1) / grain_));
  free_.resize(static_cast<std::size_t>(grain_));
}

std::span<const double> FreeSquares::Of(const float* gradient, std::span<const double> squares) {
  if (squares_.empty()) return squares;
  std::ranges::copy(squares, squares_.begin());
  for (const MixedBlock& block : blocks_) {
    const Index begin = block.elements.begin, count = block.elements.count();
    std::copy_n(gradient + begin, count, free_.begin());
    for (const ElementRange& part : block.frozen)
      std::fill(free_.begin() + (part.begin - begin), free_.begin() + (part.end - begin), 0.0f);
    squares_[static_cast<std::size_t>(begin / grain_)] = BlockSquares(free_.data(), count);
  }
  return squares_;
}

}  // namespace lockstep
