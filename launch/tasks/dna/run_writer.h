// Labelled bases to GFF3, as they are labelled: each run of bases that are labelled coding on one
// strand becomes a row of type CDS, without regard to codons (gene_files.h writes whole genes).
// This suits genes with introns, and labels of other kinds of stretches. Runs join across windows,
// not across records.
//
//   ##gff-version 3
//   ##sequence-region chr1 1 4641652
//   chr1  lockstep  CDS  337  2799  0.9731  +  0  ID=cds1
//
// Positions count from 1, both inclusive. The score is the mean posterior probability of the class
// over the run. The phase, which GFF3 requires of CDS rows, is that of the reading frame with the
// fewest stop codons (reading_frame.h). Runs of kShortestGap or more ambiguous bases are gaps of
// the assembly, which say nothing about genes: their bases are labelled "other", whatever the model
// says.
#pragma once

#include <cstdint>
#include <fstream>
#include <span>
#include <string>
#include <vector>

#include "base/types.h"
#include "data/dna/genes/gene_finder.h"
#include "launch/output/part_file.h"
#include "launch/tasks/dna/reading_frame.h"

namespace lockstep {

class RunWriter {
 public:
  static constexpr Index kShortestGap = GeneFinder::kShortestGap;

  // Runs shorter than `min_length` bases are left out. IoError (cannot create) when `path` exists.
  RunWriter(const std::string& path, BaseLabels labels, Index min_length);

  // The next bases of a record, given in order: `codes` are positions in kDnaLetters, and `logits`
  // [bases, classes] have the classes of either set of BaseLabels.
  void Add(Index record, const std::string& record_name, std::span<const std::uint8_t> codes,
           std::span<const float> logits);
  // Ends the last run and publishes the file.
  void Finish();

  Index rows() const { return rows_; }

 private:
  struct Base {
    std::uint8_t code;
    Index label;
    double posterior;
  };
  struct Run {
    Index label = 0;
    Index start = 0;  // of its first base in the record, from 0
    Index bases = 0;
    double posterior = 0;  // sum over its bases
    ReadingFrame frame{true};
  };
  void BeginRecord(Index record, const std::string& name);
  void EndRecord();
  void AddAmbiguous(const Base& base);
  void EndAmbiguous();
  void AddToRun(const Base& base);
  void EndRun();

  PartFile part_;
  std::ofstream file_;
  BaseLabels labels_;
  Index min_length_;
  Index rows_ = 0;
  // The current record.
  Index record_ = -1;
  std::string seqid_;  // as GFF3 writes it
  std::string lines_;  // its rows, which its length must stand before
  Index length_ = 0;   // bases so far, without ambiguous_
  Run run_;
  std::vector<Base> ambiguous_;  // the current run of N, while it is too short to be a gap
  bool in_gap_ = false;
};

}  // namespace lockstep
