// Coding DNA to protein: a sequence that begins in frame and, where it is whole, runs from the
// start codon to the stop codon.
#pragma once

#include <string>
#include <string_view>

#include "data/dna/genes/genetic_code.h"

namespace lockstep {

// The letters of the protein (kAminoAcids). A stop codon at the end is left out; it may be missing.
// A first codon that can begin a protein is M, whatever it stands for elsewhere: the initiator tRNA
// carries methionine. A codon with an ambiguous base is X. BadData that begins with `source` if a
// letter is no base, the number of bases is no multiple of 3, a stop codon is inside, or nothing is
// coded.
std::string TranslateCoding(const std::string& source, std::string_view bases,
                            const GeneticCode& code);

}  // namespace lockstep
