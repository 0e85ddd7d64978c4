// The size of a schema as text. Every checkpoint contains it, and a vocabulary may have many names.
#pragma once

#include "data/batch/schema.h"

namespace lockstep {

// Upper bound of the length of a schema as JSON text, in bytes.
Index SchemaTextBytes(const Schema& schema);

}  // namespace lockstep
