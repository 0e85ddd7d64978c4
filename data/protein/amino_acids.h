// The alphabet of proteins: one letter per residue (IUPAC-IUB 1983). Lower case means the same as
// upper case. X is any residue; the letters of residues that are rare or not fully known are X,
// too: B (D or N), Z (E or Q), J (I or L), U (selenocysteine), O (pyrrolysine).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/types.h"

namespace lockstep {

// The symbols of a protein corpus, in this order; the last one is the unknown residue.
inline constexpr std::string_view kAminoAcids = "ACDEFGHIKLMNPQRSTVWYX";
inline constexpr std::uint8_t kUnknownResidue = 20;

// Position in kAminoAcids of a letter in upper or lower case; -1 for what is no residue.
int ResidueCodeOf(char letter);

// The codes of a protein. A '*' at the end is left out: other programs write it for the stop codon.
// BadData that begins with `source` and names position and letter of what is no residue.
std::vector<std::uint8_t> ResidueCodes(const std::string& source, std::string_view letters);

}  // namespace lockstep
