// Which letters of labels are which class of a protein corpus.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "data/protein/labelled_proteins.h"

namespace lockstep {

class ProteinClasses {
 public:
  // With `three_states` the classes are H, E and C. Otherwise each letter that labels a residue of
  // the training split is a class, in the order of their bytes; BadData if these are fewer than
  // two.
  ProteinClasses(bool three_states, std::span<const LabelledProtein> proteins);

  const std::vector<std::string>& names() const { return names_; }
  std::size_t size() const { return names_.size(); }

  // The targets of the residues: the class of each label; kIgnoredTargetByte where the mask is 0 or
  // the label is kUnknownState. The mask, if there is one, must be as long as the labels. BadData
  // that names record and position of another letter.
  std::vector<std::uint8_t> Targets(const LabelledProtein& protein) const;

 private:
  void AddClass(char letter);

  bool three_states_;
  std::vector<std::string> names_;
  std::array<std::uint8_t, 256> class_of_;  // by letter
};

}  // namespace lockstep
