#include "launch/config/corpus_mix.h"

#include <cmath>
#include <limits>

#include "base/characters.h"
#include "base/error.h"
#include "data/stream/sample_reads.h"

namespace lockstep {

std::vector<NamedWeight> MixFromText(const std::string& text) {
  constexpr double kMost = 1e9;
  return NamedWeightsFromText(
      {"data.mix", "FOLDER", "FOLDER being that of a corpus, and WEIGHT a number above 0 up to 1e9",
       std::numeric_limits<double>::min(), kMost},
      text);
}

Index MixedReads(const NamedWeight& other, Index first_sequences, Index sequences) {
  const double reads = std::floor(other.weight * static_cast<double>(first_sequences) + 0.5);
  if (reads >= 1 && reads <= kMostSourceWeight * static_cast<double>(sequences)) {
    return static_cast<Index>(reads);
  }
  throw UsageError(
      "data.mix: {}={} asks for {} sequences of corpus {} per epoch, because --corpus has {} "
      "training sequences; allowed are 1 to {}, {} times the training sequences of {}; change the "
      "weight",
      Printable(other.name), other.weight, reads, Printable(other.name), first_sequences,
      kMostSourceWeight * static_cast<double>(sequences), kMostSourceWeight, Printable(other.name));
}

}  // namespace lockstep
