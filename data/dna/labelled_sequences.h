// Nucleotide sequences with one label each, for classification. They are read as labelled texts
// are (data/text/labelled_formats.h: TSV, CSV, JSON lines, "label sequence"), and from FASTA files,
// where the label stands in the header:
//
//   >donor-521 label=EI        also class=EI, or the label as the only word after the name
//   CCAGCTGCATCACAGGAGGCC
//
// or is given for the whole file. Letters become A C G T N: lower case is upper case, U is T, white
// space is left out, and the IUPAC ambiguity codes are N.
#pragma once

#include "data/text/text_options.h"

namespace lockstep {

// The letters of a sequence as capitals of kDnaLetters. BadData that begins with `source` names the
// place of a letter that is no base.
std::string BasesOf(const std::string& source, std::string_view sequence);

// Makes options for labelled texts those of nucleotide sequences: how files are read, one token per
// base, the fixed vocabulary of bases.
void ForSequences(TextCorpusOptions* options);

}  // namespace lockstep
