// Counts ambiguous bases (N) of a genome: those in gaps, which say nothing about genes, and others.
#pragma once

#include <cstdint>
#include <span>

#include "base/types.h"
#include "data/dna/fasta.h"
#include "data/dna/genes/gene_finder.h"

namespace lockstep {

class GapCounter {
 public:
  // The next bases of a record.
  void Add(Index record, std::span<const std::uint8_t> codes) {
    if (record != record_) EndRun();
    record_ = record;
    for (const std::uint8_t code : codes) {
      if (code == kBaseN) {
        ++run_;
      } else {
        EndRun();
      }
    }
  }
  // Must be called after the last base.
  void EndRun() {
    (run_ >= GeneFinder::kShortestGap ? gap_bases_ : ambiguous_bases_) += run_;
    run_ = 0;
  }
  Index gap_bases() const { return gap_bases_; }
  Index ambiguous_bases() const { return ambiguous_bases_; }

 private:
  Index record_ = -1;
  Index run_ = 0;
  Index gap_bases_ = 0;
  Index ambiguous_bases_ = 0;
};

}  // namespace lockstep
