// Reads the time limit of the SLURM job in which a run runs.
#pragma once

#include "trainer/watch/time_limit.h"

namespace lockstep {

// Returns `configured` (train.time_limit, train.time_margin) with the start of the program filled
// in. If the end of the job (SLURM_JOB_END_TIME, seconds since 1970) comes before the configured
// limit, it becomes the limit. If SLURM_JOB_END_TIME is in the past or not a number, it cannot be
// that of this job and is ignored with a warning.
TimeLimitOptions TimeWithinJob(const TimeLimitOptions& configured, double started_at);

}  // namespace lockstep
