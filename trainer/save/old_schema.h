// Derives the schema of an old checkpoint, written before checkpoints contained a schema, from the
// shapes of its arrays. The program then had two kinds of targets only, a class per step or a list
// of labels, and two kinds of inputs, symbols or features.
#pragma once

#include <string>

#include "checkpoint/checkpoint_file.h"
#include "data/batch/schema.h"

namespace lockstep {

// BadData that names `file` and the array that is missing. The names of ids are unknown and left
// empty. The target is always taken as one per step, because a list of labels has the same
// parameters.
Schema OldSchemaOf(const CheckpointContent& content, const std::string& file);

}  // namespace lockstep
