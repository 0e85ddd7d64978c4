// Reads proteins with one label per residue, as letters that nobody has checked yet.
//
// FASTA: sequences in one file, labels under the same names in another, and where not all labels
// count a mask in a third, 1 for what counts and 0 for what does not:
//   >1es5-A                 >1es5-A SET=train VALIDATION=False       >1es5-A
//   VTKPTIAAVGG             CCCCCCCCCEE                              00111111111
// Columns, as Qian & Sejnowski (1988): a residue and its label per line (residue_columns.h).
#pragma once

#include <string>
#include <vector>

#include "base/types.h"
#include "data/splits/split_draw.h"

namespace lockstep {

struct LabelledProtein {
  std::string name = {};
  std::string place = {};  // "FILE:LINE: record NAME", with which messages begin
  std::size_t file = 0;    // index of its file of sequences in the order of reading
  Index line = 0;
  DataSplit split = DataSplit::kTrain;
  std::string residues = {};  // or bases
  std::string labels = {};    // as long as the residues, of which DNA codes
  std::string mask = {};      // likewise; empty: all labels count
};

// A file of sequences and where their labels stand.
struct ProteinFiles {
  std::string sequences;
  std::string labels;  // empty: the sequences are columns, which hold the labels
  std::string mask;    // empty: there is none
  // False: the header of each record of labels says its split, SET=train or SET=test and
  // VALIDATION=True or False (FLIP).
  bool has_split = true;
  DataSplit split = DataSplit::kTrain;  // of all records, if has_split
};

// Adds the proteins of the files, in the order of the file of sequences. BadData that names file,
// line and record for a name that is there twice, a sequence without labels or mask, labels without
// a sequence, a header that says no split, and columns that are none.
void ReadLabelledProteins(const ProteinFiles& files, std::size_t file,
                          std::vector<LabelledProtein>* proteins);

// True if the first line with a letter begins with '>'.
bool LooksLikeLetterFasta(const std::string& path);

}  // namespace lockstep
