// Writes the figures of a run to an event file of TensorBoard while it goes on, in RUN/events,
// which `tensorboard --logdir RUN/events` reads. Only rank 0 writes it.
//
// Each start of the run writes the file anew from metrics.jsonl, which has each step once, under a
// new name, and empties the one before. So no step is there twice, whatever a kill left behind; an
// earlier start that is still alive writes to a file without a name. A TensorBoard that is running
// finds the end of the emptied file, which it would wait for if the file were gone, and goes on
// with the new one, whose first record makes it forget what it has read.
//
// The file can be made again (`lockstep report --tensorboard`), so a disk that fails does not end
// training: there is a warning, and nothing more is written until the next start.
#pragma once

#include <string>

#include "base/function_ref.h"

namespace lockstep {

class EventLog {
 public:
  // Writes nothing.
  EventLog() = default;
  // Makes the file in `folder` from the lines of `metrics_path`. `before_commit` is called before
  // it gets its name; it may throw to refuse that.
  EventLog(const std::string& folder, const std::string& metrics_path,
           FunctionRef<void()> before_commit);
  ~EventLog();
  EventLog(const EventLog&) = delete;
  EventLog& operator=(const EventLog&) = delete;

  // Appends the figures of a line of metrics.jsonl.
  void Write(const std::string& line);

 private:
  std::string path_;
  int fd_ = -1;
};

}  // namespace lockstep
