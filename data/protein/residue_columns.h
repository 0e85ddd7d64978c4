// Reads chains of residues in columns: "A h", a residue and its label, on each line, and between
// chains "<>", "end" or "<end>", one of them or several. This is the form in which the data of Qian
// & Sejnowski (1988) are kept, whose chains lack now the one mark and now the other.
#pragma once

#include <string>

#include "base/line_reader.h"

namespace lockstep {

struct ColumnChain {
  Index line = 0;  // of its first residue
  std::string residues;
  std::string labels;  // as long as the residues
};

class ResidueColumns {
 public:
  // MissingInput if the file does not exist.
  explicit ResidueColumns(const std::string& path) : lines_(path, AnyBytes{}) {}

  // Sets `chain` to the next one; false at the end. A chain goes on until a line "<>", "end" or
  // "<end>"; what has none of these between is one chain. BadData that names file and line for a
  // line that is neither a mark nor two letters, and for a file without residues.
  bool Next(ColumnChain* chain);

 private:
  // Adds the residue of a line to the chain; false for a mark, which ends it.
  bool Add(std::string_view line, ColumnChain* chain) const;

  LineReader lines_;
  bool any_ = false;  // a chain was returned
};

}  // namespace lockstep
