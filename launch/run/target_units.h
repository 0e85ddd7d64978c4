// How the real targets of a corpus become values in the units of the data that it was made from.
#pragma once

#include <string>
#include <vector>

#include "data/corpus/shard_format.h"

namespace lockstep {

struct TargetUnit {
  std::string name;
  double offset = 0;
  double scale = 1;
  double mean = 0;  // about that of the targets: keeps the sums of squares small
};

// One entry per element of the target, from what the importer left in CorpusInfo::task. Without it
// the targets are called target[0], target[1], ... and stay as they are stored.
std::vector<TargetUnit> TargetUnitsOf(const CorpusInfo& corpus);
// The scales of TargetUnitsOf; empty if the targets are not real values.
std::vector<double> TargetScales(const CorpusInfo& corpus);

}  // namespace lockstep
