// Reads the scalars of TensorBoard's event files, those of other programs, such as PyTorch's
// SummaryWriter, as well as ours. A file is a row of records (trainer/report/event_records.h), each
// of which holds a message (launch/report/event_message.h).
//
// Nothing in a file is trusted: a length is compared with what the file has left before memory is
// taken for it, checksums must be right, and what is kept is bounded.
#pragma once

#include <string>

#include "launch/report/event_scalars.h"

namespace lockstep {

// Adds the scalars of one file. Errors are those of opening and reading it.
void AddEventFile(const std::string& path, EventScalars* scalars);

// `path` is a file, or a folder whose files with "tfevents" in their names are read in the order of
// their names. MissingInput if there is none.
EventScalars ReadEvents(const std::string& path);

}  // namespace lockstep
