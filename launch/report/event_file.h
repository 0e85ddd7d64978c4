// Reads the scalars of TensorBoard's event files, those of other programs, such as PyTorch's
// SummaryWriter, as well as ours. trainer/report/event_records.h describes the records.
//
// Of each record are read, if they are there: Event.wall_time (1), step (2), summary (5) and
// session_log (7); of a summary its values (1); of a value its tag (1) and its number, which is
// simple_value (2) or a tensor (8) of one float or double. All else is passed over.
//
// Nothing in a file is trusted: a length is compared with what the file has left before memory is
// taken for it, checksums must be right, and what is kept is bounded.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "launch/report/run_curves.h"

namespace lockstep {

struct EventScalars {
  std::map<std::string, Curve> by_tag;  // as written; steps need not ascend
  // Records that are passed over: their checksum is wrong, or they are no message of this form.
  Index unreadable_records = 0;
  Index left_out_values = 0;  // beyond 200 tags or 2 million values
  // Sentences for the user, each of which begins with the path of a file: up to which byte it was
  // read, if that is not its end, and how many values are left out because their tags are longer
  // than 200 bytes or their steps lie beyond +-10^15.
  std::vector<std::string> problems;
};

// Adds the scalars of one file. Errors are those of opening and reading it.
void AddEventFile(const std::string& path, EventScalars* scalars);

// `path` is a file, or a folder whose files with "tfevents" in their names are read in the order of
// their names. MissingInput if there is none.
EventScalars ReadEvents(const std::string& path);

}  // namespace lockstep
