// Verifies the files of a run.
#pragma once

#include <string>

#include "launch/verbs/verify_report.h"

namespace lockstep {

// One checkpoint: every byte against its hash, the state, and the hash of the parameters.
void VerifyCheckpointFile(const std::string& path, VerifyReport* report);

// All checkpoints of a run, newest first; metrics.jsonl and corpus.json also against the newest one
// that is whole.
void VerifyRun(const std::string& run, VerifyReport* report);

}  // namespace lockstep
