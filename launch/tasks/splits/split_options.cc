#include "launch/tasks/splits/split_options.h"

namespace lockstep {
namespace {

constexpr OptionRow kRows[] = {
    {"valid-fraction X",
     "share of the training samples that becomes the validation split, 0 to 0.9; default 0"},
    {"test-fraction X",
     "share of the training samples that becomes the test split, 0 to 0.9; default 0"},
    {"fold K/N", "K/N: cross-validation, fold K of N becomes the test split; default: none"},
    Rare({"seed N", "seed of the draws of splits; default 1"}),
};

double Fraction(const Options& options, const std::string& name) {
  constexpr double kMost = 0.9;
  return options.Real(name, 0, 0, kMost);
}

}  // namespace

std::span<const OptionRow> SplitDrawRows() { return kRows; }

SplitDraw SplitDrawOf(const Options& options) {
  SplitDraw draw;
  draw.seed = static_cast<std::uint64_t>(options.Number("seed", 1, 0));
  draw.valid_fraction = Fraction(options, "valid-fraction");
  draw.test_fraction = Fraction(options, "test-fraction");
  if (const auto fold = options.Maybe("fold")) ParseFold(*fold, &draw);
  return draw;
}

}  // namespace lockstep
