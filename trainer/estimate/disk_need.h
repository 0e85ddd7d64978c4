// What checkpoints take on the disk, known before the first step.
#pragma once

#include <string>

#include "base/types.h"
#include "trainer/options/trainer_options.h"
#include "worker/models/model.h"

namespace lockstep {

struct DiskNeed {
  Index file_bytes = 0;  // of a checkpoint, at most
  Index files = 0;       // at a time, at most: kept ones, the best, and one that is being written
  bool grows = false;    // beyond `files`, with every step that is kept for ever: no end is known
  Index bytes() const { return files * file_bytes; }
};

DiskNeed NeedOfDisk(const Model<float>& model, const TrainerOptions& options);

// "a checkpoint takes 12.1 MiB; at most 5 of them are there at a time, 60.5 MiB"
std::string Describe(const DiskNeed& need);

// Less what the checkpoints in `folder` take, which count as kept ones; but always one more.
Index BytesStillNeeded(const std::string& folder, const DiskNeed& need);

// Compares that with what is free for `folder`.
// IoError (kCannotCreate) when not even one more fits; else what is free, in words, which warn when
// not all will fit. Quotas are not seen.
std::string CheckDisk(const std::string& folder, const DiskNeed& need);

}  // namespace lockstep
