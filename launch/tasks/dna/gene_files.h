// The files that tell of genes.
//
// GFF3: a row of type gene and one of type CDS for each, in the order of the sequence.
//
//   ##gff-version 3
//   ##sequence-region chr1 1 4641652
//   chr1  lockstep  gene  337  2799  812.40  +  .  ID=gene1
//   chr1  lockstep  CDS   337  2799  812.40  +  0
//   ID=cds1;Parent=gene1;start_codon=ATG;transl_table=11
//
// Positions count from 1, both inclusive, from the start codon to the stop codon. The score is the
// log of the odds of a gene (data/dna/genes/gene_scoring.h). A gene that is cut off at the end of
// its sequence, or at a gap, has the attributes partial=true and start_range=.,337 or
// end_range=2799,. as NCBI writes them. A gene over the origin of a circular sequence ends after
// it. A remnant of a gene has one row, of type pseudogene, and is not in the FASTA files.
//
// FASTA: proteins and nucleotides of the genes in the direction in which they are read, named as in
// the GFF3 file. bedGraph: the probability that a base is coding, for each strand.
#pragma once

#include <fstream>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "data/dna/genes/evidence_file.h"
#include "data/dna/genes/gene.h"
#include "data/dna/genes/genetic_code.h"
#include "launch/output/part_file.h"

namespace lockstep {

struct GeneFileNames {
  std::string gff;
  std::optional<std::string> proteins;
  std::optional<std::string> nucleotides;
  std::optional<std::string> track;
};

class GeneFiles {
 public:
  // IoError (cannot create) when one of the files exists already.
  GeneFiles(const GeneFileNames& names, const GeneticCode& code);

  // Begins a record, whose genes then come in order, in any number of parts.
  void BeginRecord(const EvidenceRecord& record);
  void Add(const EvidenceFile& evidence, const EvidenceRecord& record,
           const std::vector<Gene>& genes);
  // Writes the track, if it was asked for, and publishes the files.
  void Finish(const EvidenceFile& evidence);

  Index genes() const { return genes_; }
  Index partial_genes() const { return partial_genes_; }
  Index remnants() const { return remnants_; }

 private:
  struct File {
    explicit File(const std::string& path);
    PartFile part;
    std::ofstream stream;
  };

  void AddRows(const EvidenceRecord& record, const Gene& gene, const std::string& bases);
  void AddRemnant(const EvidenceRecord& record, const Gene& gene);
  void AddProtein(const std::string& header, const Gene& gene,
                  const std::vector<std::uint8_t>& codes);
  void WriteTrack(const EvidenceFile& evidence, bool plus_strand);
  static void Publish(File* file);

  GeneticCode code_;
  File gff_;
  std::unique_ptr<File> proteins_, nucleotides_, track_;
  Index genes_ = 0;
  Index partial_genes_ = 0;
  Index remnants_ = 0;
};

}  // namespace lockstep
