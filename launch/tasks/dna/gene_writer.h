// Labelled bases to GFF3: each run of bases that are labelled coding on one strand becomes a row of
// type CDS. Runs join across windows, not across records.
//
//   ##gff-version 3
//   chr1  lockstep  CDS  337  2799  0.9731  +  .  ID=cds1
//
// Positions count from 1, both inclusive. The score is the mean posterior probability of the class
// over the run. The phase is not known: the model labels bases, not codons.
#pragma once

#include <fstream>
#include <span>
#include <string>

#include "base/types.h"
#include "launch/output/part_file.h"

namespace lockstep {

class GeneWriter {
 public:
  // Runs shorter than `min_length` bases are left out. IoError (cannot create) when `path` exists.
  GeneWriter(const std::string& path, Index min_length);

  // The next bases of a record, given in order: `logits` [bases, 3] for those from `start`
  // (0-based) on, classes as in data/dna/dna_corpus.h.
  void Add(Index record, const std::string& record_name, Index start,
           std::span<const float> logits);
  // Ends the last run and publishes the file.
  void Finish();

  Index rows() const { return rows_; }

 private:
  struct Run {
    Index record = -1;
    Index label = 0;
    Index start = 0;
    Index bases = 0;
    double posterior = 0;  // sum over its bases
  };
  void EndRun();

  PartFile part_;
  std::ofstream file_;
  Index min_length_;
  Index rows_ = 0;
  Run run_;
  std::string seqid_;  // of the run's record, as GFF3 writes it
};

}  // namespace lockstep
