// Holds the class of each base of a genome in a temporary file beside the corpus, so that the
// genome may have any size. The classes are written for the rows of an annotation, in any order,
// and then read in the order of the bases.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/raw_file.h"
#include "base/types.h"

namespace lockstep {

// A class that Paint takes, and Read returns as kIgnoredTargetByte: nothing is known of the base.
inline constexpr std::uint8_t kUnlabelledBase = 0x7f;

class LabelFile {
 public:
  // Gives all bases kOtherClass. IoError if the file cannot be made in the folder.
  LabelFile(const std::string& folder, Index bases);

  // Gives the bases [begin, end) the class `label`. Bases that already have another class than
  // kOtherClass keep it, and are counted in conflicts().
  void Paint(Index begin, Index end, std::uint8_t label);
  // The same for the bases from `begin` on, each with a class of its own; kOtherClass leaves a
  // base as it is.
  void Paint(Index begin, std::span<const std::uint8_t> labels);
  // Takes the classes of the bases [begin, end) away: nothing is known of them any more.
  void Forget(Index begin, Index end);
  // Sets `labels` to the classes of the bases from `begin` on.
  void Read(Index begin, std::span<std::uint8_t> labels) const;

  // The number of bases for which Paint was called with different classes.
  Index conflicts() const { return conflicts_; }

 private:
  void PaintBase(std::uint8_t label, std::uint8_t* base);

  RawFile file_;
  Index conflicts_ = 0;
  std::vector<std::uint8_t> piece_;
};

}  // namespace lockstep
