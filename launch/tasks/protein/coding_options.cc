#include "launch/tasks/protein/coding_options.h"

#include "base/error.h"
#include "data/dna/genes/genetic_code.h"

namespace lockstep {
namespace {

constexpr int kDefaultCode = 11;  // translates as code 1 does

constexpr OptionRow kRows[] = {
    {"dna",
     "sequences of proteins are coding DNA, from the first codon to the last, and are translated",
     OptionKind::kSwitch},
    {"genetic-code N", "NCBI number of the genetic code that DNA is translated with; default 11"},
};

}  // namespace

std::span<const OptionRow> CodingRows() { return kRows; }

std::optional<int> CodingOf(const Options& options) {
  if (!options.Has("dna")) {
    if (options.Has("genetic-code"))
      throw UsageError("--genetic-code goes with --dna, which says that sequences are coding DNA");
    return std::nullopt;
  }
  const auto number = static_cast<int>(options.Number("genetic-code", kDefaultCode, 1));
  return GeneticCode::FromNumber(number).number();
}

}  // namespace lockstep
