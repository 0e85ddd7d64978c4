#include "data/protein/amino_acids.h"

#include "base/characters.h"
#include "base/error.h"

namespace lockstep {
namespace {

constexpr std::string_view kReadAsUnknown = "BZJUO";
static_assert(kAminoAcids[kUnknownResidue] == 'X' && kAminoAcids.size() == kUnknownResidue + 1);

[[noreturn]] void FailLetter(const std::string& source, std::size_t at, char letter) {
  const bool is_stop = letter == '*';
  throw BadData("{}: letter {}, {}, is {}; allowed are the 20 amino acids and X B Z J U O", source,
                at + 1, Printable(std::string(1, letter)),
                is_stop ? "a stop inside the protein" : "no residue");
}

}  // namespace

int ResidueCodeOf(char letter) {
  const char upper =
      letter >= 'a' && letter <= 'z' ? static_cast<char>(letter - 'a' + 'A') : letter;
  if (kReadAsUnknown.find(upper) != std::string_view::npos) return kUnknownResidue;
  const std::size_t found = kAminoAcids.find(upper);
  return found == std::string_view::npos ? -1 : static_cast<int>(found);
}

std::vector<std::uint8_t> ResidueCodes(const std::string& source, std::string_view letters) {
  if (letters.ends_with('*')) letters.remove_suffix(1);
  if (letters.empty()) throw BadData("{}: has no residue", source);
  std::vector<std::uint8_t> codes(letters.size());
  for (std::size_t i = 0; i < letters.size(); ++i) {
    const int code = ResidueCodeOf(letters[i]);
    if (code < 0) FailLetter(source, i, letters[i]);
    codes[i] = static_cast<std::uint8_t>(code);
  }
  return codes;
}

}  // namespace lockstep
