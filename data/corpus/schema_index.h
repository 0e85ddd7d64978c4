// The schema of a corpus as corpus.json and checkpoints have it, believing nothing.
#pragma once

#include "base/json_node.h"
#include "data/batch/schema.h"

namespace lockstep {

// From the key "schema" of version 3. BadData names the place and what is allowed there.
Schema SchemaFromIndex(const JsonNode& node);
// From the document of versions 1 and 2: two fields called "inputs" and "targets", each with keys
// of its own for its names.
Schema OldSchemaFromIndex(const JsonNode& root, Index version);

}  // namespace lockstep
