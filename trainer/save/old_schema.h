// The schema of a checkpoint that was written before checkpoints held one, worked out from the
// shapes of its arrays. Such checkpoints know two models only: a class per step, or labels in a
// list, of symbols or of features.
#pragma once

#include <string>

#include "checkpoint/checkpoint_file.h"
#include "data/batch/schema.h"

namespace lockstep {

// BadData naming `file` and the array that is missing. Names of ids are not known and empty; the
// target is said to have a row per step, since its parameters are the same for a list.
Schema OldSchemaOf(const CheckpointContent& content, const std::string& file);

}  // namespace lockstep
