#include "launch/verbs/verify_report.h"

#include <iostream>

#include "base/output_name.h"
#include "launch/output/cell_text.h"

namespace lockstep {
namespace {

// Usage errors cannot come from the command line here: they are about what a file holds.
ExitCode CodeOf(const Error& error) {
  const bool kept = error.code() == ExitCode::kMissingInput || error.code() == ExitCode::kIo;
  return kept ? error.code() : ExitCode::kBadData;
}

ExitCode Worse(ExitCode a, ExitCode b) {
  for (const ExitCode code : {ExitCode::kIo, ExitCode::kBadData, ExitCode::kMissingInput}) {
    if (a == code || b == code) return code;
  }
  return ExitCode::kDone;
}

}  // namespace

bool VerifyReport::Check(const std::string& path, const std::function<void()>& check) {
  try {
    check();
    return Report(path, ExitCode::kDone, "ok");
  } catch (const Error& error) {
    return Report(path, CodeOf(error), error.what());
  }
}

bool VerifyReport::CheckWhileThere(const std::string& path, const std::function<void()>& check) {
  try {
    check();
    return Report(path, ExitCode::kDone, "ok");
  } catch (const Error& error) {
    const bool is_gone = error.code() == ExitCode::kMissingInput && !IsTaken(path);
    if (!is_gone) return Report(path, CodeOf(error), error.what());
  }
  Report(path, ExitCode::kDone, "gone; the run that trains here has deleted it meanwhile");
  return false;
}

bool VerifyReport::Report(const std::string& path, ExitCode code, std::string found) {
  if (found.starts_with(path + ": ")) found.erase(0, path.size() + 2);
  std::cout << PathText(path) << ": " << CellText(found) << std::endl;
  code_ = Worse(code_, code);
  return code == ExitCode::kDone;
}

}  // namespace lockstep
