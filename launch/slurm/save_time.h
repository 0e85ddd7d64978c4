// How long a checkpoint takes to come to the disk, measured where it will lie.
#pragma once

#include <string>

#include "base/types.h"

namespace lockstep {

// Seconds to write and fsync `bytes` in `folder`, or in the one above it that exists, found with a
// file of at most 64 MiB that is deleted again. IoError where nothing can be written.
double MeasureSaveSeconds(const std::string& folder, Index bytes);

// Seconds from SLURM's signal to the time limit: the step under way, two saves (one may be on its
// way), each twice as slow as measured, and a minute, as SLURM looks at limits twice a minute.
Index LeadSeconds(double save_seconds);

}  // namespace lockstep
