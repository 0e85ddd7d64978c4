// Counts the samples of validation and test that are in the training split, too: their figures say
// less than they seem to. Samples are told by hashes. Takes memory for those of validation and test
// alone, which must all be added first.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/types.h"
#include "data/splits/split_draw.h"

namespace lockstep {

class KnownSamples {
 public:
  // A sample of the split; one of training is left out.
  void AddOther(DataSplit split, std::uint64_t hash);
  // A sample of training, after those of the others.
  void AddTraining(std::uint64_t hash);

  // A sentence for each split of which samples are known; `unit` is what a sample is called, in
  // the plural.
  std::vector<std::string> Warnings(const std::string& unit) const;

 private:
  using Counts = std::array<Index, kDataSplits>;
  std::unordered_map<std::uint64_t, Counts> unknown_;  // by hash; those that training has are gone
  Counts known_{}, all_{};
};

}  // namespace lockstep
