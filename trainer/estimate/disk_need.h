// Estimates the disk space that the checkpoints of a run take, before the first step.
#pragma once

#include <string>

#include "base/types.h"
#include "data/corpus/shard_format.h"
#include "trainer/options/trainer_options.h"
#include "worker/models/model.h"

namespace lockstep {

struct DiskNeed {
  Index file_bytes = 0;  // upper bound for one checkpoint
  Index files = 0;       // the most at one time: kept ones, the best, and one being written
  bool grows = false;    // more files than that will come, because some steps are kept for ever
  Index bytes() const { return files * file_bytes; }
};

DiskNeed NeedOfDisk(const Model<float>& model, const CorpusInfo& corpus,
                    const TrainerOptions& options);

// "a checkpoint takes 12.1 MiB; at most 5 of them are there at a time, 60.5 MiB"
std::string Describe(const DiskNeed& need);

// The bytes that the run needs in addition to the checkpoints that `folder` holds already, which
// count as kept ones. At least those of one more checkpoint.
Index BytesStillNeeded(const std::string& folder, const DiskNeed& need);

// Compares that with what is free for `folder`.
// IoError (kCannotCreate) if not even one more checkpoint fits. Otherwise returns a text that says
// how much is free, and warns if not all checkpoints will fit. Cannot see quotas.
std::string CheckDisk(const std::string& folder, const DiskNeed& need);

}  // namespace lockstep
