// Evidence as a model would give it that knows the classes of all bases, for tests.
#pragma once

#include <string>
#include <vector>

#include "data/dna/fasta.h"
#include "data/dna/genes/base_evidence.h"
#include "data/dna/genes/gene.h"

namespace lockstep {

inline std::vector<std::uint8_t> CodesOfText(const std::string& bases) {
  std::vector<std::uint8_t> codes;
  for (const char base : bases) codes.push_back(static_cast<std::uint8_t>(BaseCodeOf(base)));
  return codes;
}

inline std::string ReverseComplement(const std::string& bases) {
  std::string text;
  for (auto base = bases.rbegin(); base != bases.rend(); ++base) {
    text += kDnaLetters[ComplementOf(static_cast<std::uint8_t>(BaseCodeOf(*base)))];
  }
  return text;
}

// Logits [bases, kFrameClasses] that name the classes of genes with `sure` nats.
inline std::vector<float> FrameLogits(Index bases, const std::vector<Gene>& genes, float sure) {
  std::vector<float> logits(static_cast<std::size_t>(bases * kFrameClasses), 0.0f);
  const auto at = [&](Index base, int label) -> float& {
    return logits[static_cast<std::size_t>(base % bases * kFrameClasses + label)];
  };
  for (Index base = 0; base < bases; ++base) at(base, kOtherClass) = sure;
  for (const Gene& gene : genes) {
    for (Index base = gene.begin; base < gene.end; ++base) {
      const Index read = gene.plus_strand ? base - gene.begin : gene.end - 1 - base;
      CodonKind kind = CodonKind::kInner;
      if (read < 3 && !gene.open_start) kind = CodonKind::kStart;
      if (read >= gene.bases() - 3 && !gene.open_stop) kind = CodonKind::kStop;
      at(base, kOtherClass) = 0;
      at(base, FrameClass(gene.plus_strand, kind, static_cast<int>(read % 3))) = sure;
    }
  }
  return logits;
}

// A number generator for texts of bases.
class BaseDraw {
 public:
  explicit BaseDraw(std::uint64_t seed) : state_(seed) {}
  std::uint32_t Below(std::uint32_t limit) {
    state_ = state_ * 6364136223846793005u + 1442695040888963407u;
    return static_cast<std::uint32_t>(state_ >> 33) % limit;
  }
  std::string Bases(Index count) {
    std::string text;
    for (Index i = 0; i < count; ++i) text += kDnaLetters[Below(4)];
    return text;
  }
  // A gene of code 11: ATG, codons of which none is a stop or start codon, TAA.
  std::string Gene(Index codons) {
    std::string text = "ATG";
    while (static_cast<Index>(text.size()) < 3 * (codons - 1)) {
      const std::string codon = Bases(3);
      if (codon[0] != 'T' && codon.substr(1) != "TG" && codon.substr(0, 2) != "AT") text += codon;
    }
    return text + "TAA";
  }

 private:
  std::uint64_t state_;
};

}  // namespace lockstep
