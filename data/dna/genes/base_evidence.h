// What a model says of each base, in the form in which the gene finder reads it: 9 bytes per base,
// so that the evidence of a whole genome fits into a small file (evidence_file.h).
//
//   byte 0      the base, its place in kDnaLetters
//   bytes 1-3   log of P(coding on +, at position 1, 2, 3 of a codon) / P(other), in steps of 1/20
//   bytes 4-6   the same for the - strand
//   byte 7, 8   log odds that a start codon of the strand +, - begins with this base, in steps of
//               1/13; 0 if the model has no such class
//
// A model whose classes are strands says the same for the three positions.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/types.h"
#include "data/dna/base_labels.h"

namespace lockstep {

inline constexpr Index kEvidenceBytes = 9;

// Appends the evidence of bases. `logits` [bases, classes] are the scores of a model with that set
// of classes.
void AppendEvidence(BaseLabels labels, std::span<const std::uint8_t> codes,
                    std::span<const float> logits, std::vector<std::uint8_t>* bytes);

// The evidence of consecutive bases. Does not own the bytes.
class EvidenceView {
 public:
  explicit EvidenceView(std::span<const std::uint8_t> bytes) : bytes_(bytes) {}
  Index bases() const { return static_cast<Index>(bytes_.size()) / kEvidenceBytes; }
  std::uint8_t Code(Index base) const { return At(base, 0); }
  // `position` in the codon, 0 to 2.
  float Coding(bool plus_strand, int position, Index base) const {
    constexpr float kStep = 1.0f / 20;
    return kStep * Signed(base, 1 + (plus_strand ? 0 : kCodonPositions) + position);
  }
  float Start(bool plus_strand, Index base) const {
    constexpr float kStep = 1.0f / 13;
    return kStep * Signed(base, plus_strand ? 7 : 8);
  }

 private:
  std::uint8_t At(Index base, int byte) const {
    return bytes_[static_cast<std::size_t>(base * kEvidenceBytes + byte)];
  }
  float Signed(Index base, int byte) const {
    return static_cast<float>(static_cast<std::int8_t>(At(base, byte)));
  }

  std::span<const std::uint8_t> bytes_;
};

}  // namespace lockstep
