// Measures how long a checkpoint takes to be written, on the file system where it will be.
#pragma once

#include <string>

#include "base/types.h"

namespace lockstep {

// Estimates the seconds for writing and fsyncing `bytes` in `folder` (if it does not exist, in the
// nearest folder above it that does). Writes a file of at most 64 MiB for it, and deletes it again.
// IoError if nothing can be written.
double MeasureSaveSeconds(const std::string& folder, Index bytes);

// The seconds that should pass between SLURM's signal and the time limit. They are enough for the
// current step, for two saves (one may be under way), each twice as slow as measured, and one
// minute, because SLURM checks limits only twice a minute.
Index LeadSeconds(double save_seconds);

}  // namespace lockstep
