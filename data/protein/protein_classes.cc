#include "data/protein/protein_classes.h"

#include "base/characters.h"
#include "base/error.h"
#include "data/corpus/shard_format.h"
#include "data/protein/state_letters.h"

namespace lockstep {
namespace {

constexpr char kFirstSign = '!', kLastSign = '~';  // the letters that can be seen

bool IsMasked(const LabelledProtein& protein, std::size_t i) {
  return !protein.mask.empty() && protein.mask[i] == '0';
}

void CheckMask(const LabelledProtein& protein) {
  const std::size_t bad = protein.mask.find_first_not_of("01");
  if (bad == std::string::npos) return;
  throw BadData("{}: letter {} of its mask, {}, is neither 1 (counts) nor 0 (does not)",
                protein.place, bad + 1, Printable(protein.mask.substr(bad, 1)));
}

}  // namespace

ProteinClasses::ProteinClasses(bool three_states, std::span<const LabelledProtein> proteins)
    : three_states_(three_states) {
  class_of_.fill(kIgnoredTargetByte);
  std::array<bool, 256> seen{};
  for (const LabelledProtein& protein : proteins) {
    if (protein.split != DataSplit::kTrain) continue;
    for (const char letter : protein.labels) seen[static_cast<unsigned char>(letter)] = true;
  }
  if (three_states) {
    for (const char letter : kThreeStates) AddClass(letter);
    return;
  }
  for (char letter = kFirstSign; letter < kLastSign + 1; ++letter)
    if (seen[static_cast<unsigned char>(letter)] && letter != kUnknownState) AddClass(letter);
  if (names_.size() < 2) {
    throw BadData("the proteins of the training split have {} different labels; allowed: 2 or more",
                  names_.size());
  }
}

void ProteinClasses::AddClass(char letter) {
  class_of_[static_cast<unsigned char>(letter)] = static_cast<std::uint8_t>(names_.size());
  names_.emplace_back(1, letter);
}

std::vector<std::uint8_t> ProteinClasses::Targets(const LabelledProtein& protein) const {
  CheckMask(protein);
  std::vector<std::uint8_t> targets(protein.labels.size(), kIgnoredTargetByte);
  for (std::size_t i = 0; i < targets.size(); ++i) {
    const char letter = protein.labels[i];
    if (letter == kUnknownState) continue;
    const char state = three_states_ ? ThreeStateOf(letter) : letter;
    const std::uint8_t found = class_of_[static_cast<unsigned char>(state)];
    if (found == kIgnoredTargetByte) {
      throw BadData("{}: label {}, {}, is {}", protein.place, i + 1,
                    Printable(std::string(1, letter)),
                    three_states_ ? "no state of DSSP; allowed are H G I E B T S P C L - _ ~ and ? "
                                    "for an unknown one"
                                  : "no label of the training split, nor ? for an unknown one");
    }
    if (!IsMasked(protein, i)) targets[i] = found;
  }
  return targets;
}

}  // namespace lockstep
