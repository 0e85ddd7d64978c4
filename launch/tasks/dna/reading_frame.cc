#include "launch/tasks/dna/reading_frame.h"

#include <algorithm>
#include <string_view>

#include "data/dna/fasta.h"

namespace lockstep {

void ReadingFrame::Add(std::uint8_t code) {
  codon_ = {codon_[1], codon_[2], code};
  if (++bases_ < 3) return;
  const char text[] = {kDnaLetters[codon_[0]], kDnaLetters[codon_[1]], kDnaLetters[codon_[2]]};
  const std::string_view codon(text, 3);
  const bool is_stop = plus_ ? codon == "TAA" || codon == "TAG" || codon == "TGA"
                             : codon == "TTA" || codon == "CTA" || codon == "TCA";
  if (!is_stop) return;
  const Index begin = bases_ - 3;
  Stops& stops = stops_[static_cast<std::size_t>(begin % 3)];
  if (stops.count++ == 0) stops.first = begin;
  stops.last = begin;
}

int ReadingFrame::Phase() const {
  int best = 0;
  Index fewest = bases_;
  for (int phase = 0; phase < 3 && phase + 3 <= bases_; ++phase) {
    // On the - strand the first codon ends `phase` bases before the end of the run.
    const Index lowest = plus_ ? phase : bases_ - 3 - phase;
    const Stops& stops = stops_[static_cast<std::size_t>(lowest % 3)];
    const bool ends_with_stop =
        stops.count > 0 && (plus_ ? stops.last + 6 > bases_ : stops.first < 3);
    const Index count = stops.count - (ends_with_stop ? 1 : 0);
    if (count >= fewest) continue;
    fewest = count;
    best = phase;
  }
  return best;
}

}  // namespace lockstep
