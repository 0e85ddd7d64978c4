// The text of launch/slurm/train.sbatch, built into the program.
#pragma once

#include <string_view>

namespace lockstep {

extern const std::string_view kTrainSbatch;

}  // namespace lockstep
