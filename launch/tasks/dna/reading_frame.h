// The reading frame of a run of coding bases. A model that labels bases does not know it, but stop
// codons do: in the frame of a gene there is none before its end.
#pragma once

#include <array>
#include <cstdint>

#include "base/types.h"

namespace lockstep {

class ReadingFrame {
 public:
  // Begins a run of coding bases on one strand.
  explicit ReadingFrame(bool plus_strand) : plus_(plus_strand) {}

  // The next base, in the order of the + strand: a position in kDnaLetters.
  void Add(std::uint8_t code);

  // The phase of GFF3: how many bases at the 5' end of the run (its last bases, on the - strand)
  // come before the first whole codon. That of the frame with the fewest stop codons, of which one
  // at the 3' end does not count; of equal ones the lowest.
  int Phase() const;

 private:
  // The stop codons of a frame, which is the distance of a codon's lowest base from the begin of
  // the run, divided by 3.
  struct Stops {
    Index count = 0;
    Index first = -1;  // lowest base of the first one
    Index last = -1;
  };

  bool plus_;
  Index bases_ = 0;
  std::array<std::uint8_t, 3> codon_{};  // the last three bases
  std::array<Stops, 3> stops_;           // indexed by the rest of that division
};

}  // namespace lockstep
