// One class for each base of a genome of any size, in a temporary file beside the corpus: painted
// by the rows of an annotation in any order, read in the order of the bases.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/raw_file.h"
#include "base/types.h"

namespace lockstep {

class LabelFile {
 public:
  // All bases get kOtherClass. IoError when the file cannot be made in the folder.
  LabelFile(const std::string& folder, Index bases);

  // Gives the bases [begin, end) the class, but those that have another one (not kOtherClass)
  // already keep it and are counted in conflicts.
  void Paint(Index begin, Index end, std::uint8_t label);
  // The classes from `begin` on; set.
  void Read(Index begin, std::span<std::uint8_t> labels) const;

  // Bases, each counted once, that were painted with different classes.
  Index conflicts() const { return conflicts_; }

 private:
  void PaintPiece(std::uint8_t label);

  RawFile file_;
  Index conflicts_ = 0;
  std::vector<std::uint8_t> piece_;
};

}  // namespace lockstep
