// What `verify` says: a line a file, and the worst that was found. A file that is damaged does not
// keep the next from being checked.
#pragma once

#include <functional>
#include <string>

#include "base/error.h"

namespace lockstep {

class VerifyReport {
 public:
  // Prints "<path>: ok", or what `check` throws. True when it is ok.
  bool Check(const std::string& path, const std::function<void()>& check);

  // kDone, else what is worst: unreadable (74), damaged (65), missing (66).
  ExitCode code() const { return code_; }

 private:
  ExitCode code_ = ExitCode::kDone;
};

}  // namespace lockstep
