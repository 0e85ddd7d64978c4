// Tells people how far long work has come, in lines of the log: the first after 2 s, more of them
// at growing distances, so that a night's work is not a page of lines. Rank 0 only.
#pragma once

#include <functional>
#include <string>

namespace lockstep {

class WorkProgress {
 public:
  // `verb` begins each line: "predict".
  explicit WorkProgress(std::string verb);

  // `share` of the work is done, from 0 to 1; negative: not known. `done` says it in the unit of
  // the field, "1234 windows"; it is called only where a line is due.
  void Tell(double share, const std::function<std::string()>& done);

 private:
  std::string verb_;
  double begun_at_;
  double next_at_;
};

// "predict: 1234 windows, 37 %, 1m20s left". Without a share only the first part, and the time that
// has passed.
std::string FormatWorkProgress(const std::string& verb, const std::string& done, double share,
                               double seconds);

}  // namespace lockstep
