// Coding sequences as annotations describe them: one or several rows (exons, or the two frames of a
// programmed frameshift) that are read one after the other as one protein.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "base/function_ref.h"
#include "base/types.h"
#include "data/dna/gff3.h"

namespace lockstep {

// One row: bases of a record that are read without interruption.
struct CodingPart {
  Index begin = 0;  // lowest base in the record, from 0
  Index end = 0;    // exclusive; after the origin of a circular record, positions count on
  int phase = -1;   // bases before the first whole codon in reading direction; -1: not said
  Index size() const { return end - begin; }
};

struct CodingSequence {
  std::size_t record = 0;  // index in Genome::records
  bool plus_strand = true;
  std::vector<CodingPart> parts;  // in the order in which they are read
  bool has_start = true;          // the first codon is whole and the start codon
  bool has_stop = true;           // the last codon is whole and the stop codon
  bool is_pseudo = false;         // of a pseudogene, whose frame need not be that of the rows
  Index bases() const;
  // The lowest base, and the end of the highest part.
  Index begin() const;
  Index end() const;
  // The last base of the stop codon, by which genes are compared.
  Index last_base() const { return plus_strand ? end() - 1 : begin(); }
};

// Gathers rows of type CDS (and stop_codon of GTF) into coding sequences. In GFF3, rows with the
// same ID on the same record and strand are one sequence. Rows without ID, as some tools write them
// and GTF has them, go by Parent, or by transcript_id or protein_id within a gene (gene_id,
// locus_tag), or by the gene; GFF2 by Sequence, Transcript and their like. A row without any of
// these is a sequence of its own.
class CodingSequences {
 public:
  // `record` is the index of the sequence of the row in Genome::records.
  void Add(const Gff3Row& row, std::size_t record);
  // The number of rows with an ID of their own, but with the Parent of other such rows that they do
  // not overlap: genes of an operon, or else exons whose IDs a program has numbered.
  Index SharedParents() const;
  // The number of rows that were joined because of their Parent, although each has whole codons
  // from phase 0 on, as genes of an operon have.
  Index WholeRowsOfParents() const;
  // The sequences, in the order of their first rows. `circle_of` gives the length of a circular
  // record, 0 for others: rows of one sequence at both ends of the record are joined there.
  std::vector<CodingSequence> Take(FunctionRef<Index(std::size_t)> circle_of);

 private:
  struct Gathered {
    CodingSequence sequence;
    bool is_gtf = false;
    bool has_stop_row = false;
    bool open_low = false;   // incomplete at its lowest base
    bool open_high = false;  // incomplete at its highest base
    std::string parent;
    bool by_parent = false;
  };
  using Key = std::tuple<std::size_t, char, std::string>;

  Gathered& Find(const Gff3Row& row, std::size_t record);
  static void Complete(Index circle, Gathered* gathered);

  std::vector<Gathered> gathered_;
  std::map<Key, std::size_t> by_name_;
};

}  // namespace lockstep
