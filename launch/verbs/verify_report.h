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
  // The same for a file that a running program may delete. If `check` finds it missing, and it is
  // gone, the line says so; that is no error, and the result is false.
  bool CheckWhileThere(const std::string& path, const std::function<void()>& check);

  // kDone, else what is worst: unreadable (74), damaged (65), missing (66).
  ExitCode code() const { return code_; }

 private:
  bool Report(const std::string& path, ExitCode code, std::string found);

  ExitCode code_ = ExitCode::kDone;
};

}  // namespace lockstep
