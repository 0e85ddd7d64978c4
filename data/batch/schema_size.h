// How large a schema is as text: its names go into every checkpoint, and a vocabulary may have
// many.
#pragma once

#include "data/batch/schema.h"

namespace lockstep {

// Upper bound of the length of a schema as JSON text, in bytes.
Index SchemaTextBytes(const Schema& schema);

}  // namespace lockstep
