// What a run takes from the SLURM job that it is in.
#pragma once

#include "trainer/watch/time_limit.h"

namespace lockstep {

// `configured` (train.time_limit, train.time_margin) with the start of the program, and with the
// end of the job (SLURM_JOB_END_TIME, seconds since 1970) as limit where that comes first. An end
// that is past or no number is not of this job and is ignored with a warning.
TimeLimitOptions TimeWithinJob(const TimeLimitOptions& configured, double started_at);

}  // namespace lockstep
