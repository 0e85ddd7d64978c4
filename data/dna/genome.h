// The sequences of one or several FASTA files, joined in the order of the files: where each record
// lies among all bases.
//
// Annotations belong to sequences in one of two ways. With as many GFF files as FASTA files, the
// first GFF file describes the first FASTA file and so on, and two FASTA files may have records of
// the same name ("chr1" of two species). Otherwise each GFF file may describe records of every
// FASTA file, and all names must differ.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/types.h"
#include "data/dna/gc_bins.h"

namespace lockstep {

struct GenomeFiles {
  std::vector<std::string> fastas;
  std::vector<std::string> gffs;
  bool paired() const { return fastas.size() == gffs.size(); }
};

struct GenomeRecord {
  std::string name;
  std::size_t file = 0;  // index in GenomeFiles::fastas
  Index begin = 0;       // position of its first base among all bases, from 0
  Index length = 0;
  GcCount gc_count = {};
  Index end() const { return begin + length; }
};

struct Genome {
  std::vector<GenomeRecord> records;  // in the order of their positions
  Index bases = 0;
  Index n_bases = 0;
  // Index in `records` by the names of the records of one FASTA file (paired) or of all.
  std::vector<std::unordered_map<std::string, std::size_t>> by_name;

  // The index of the record that a GFF file names; -1 if there is none.
  Index Find(std::size_t gff, const std::string& name) const {
    const auto& names = by_name[by_name.size() == 1 ? 0 : gff];
    const auto found = names.find(name);
    return found == names.end() ? -1 : static_cast<Index>(found->second);
  }
};

// Reads all FASTA files once. BadData that names file and line if a name is there twice; UsageError
// if a file is.
Genome ScanGenome(const GenomeFiles& files);

// Reads all FASTA files again and calls `take` for the bases, in pieces that belong to one record,
// with the position of the first, `end_record` after each record, and `begin_file` with the index
// of a file before its first piece, when the last record of the file before it has ended. BadData
// if they are no longer the bases of `genome`.
void ForEachPiece(
    const GenomeFiles& files, const Genome& genome,
    const std::function<void(Index, std::span<const std::uint8_t>)>& take,
    const std::function<void()>& end_record,
    const std::function<void(std::size_t)>& begin_file = [](std::size_t) {});

}  // namespace lockstep
