#include "worker/comm/together.h"

#include <exception>
#include <string>

#include "base/foreign_error.h"

namespace lockstep {

void Together(const Communicator& comm, const std::function<void()>& work) {
  std::string message;
  ExitCode code = ExitCode::kDone;
  try {
    work();
  } catch (const Error& error) {
    message = error.what();
    code = error.code();
  } catch (const std::exception& foreign) {
    const Error error = ForeignError(foreign);
    message = error.what();
    code = error.code();
  }
  const Index none = comm.size();
  const Index speaker = comm.Min(code == ExitCode::kDone ? none : comm.rank());
  if (speaker == none) return;
  const bool speaks = comm.rank() == speaker;
  const Index agreed = comm.Max(speaks ? static_cast<Index>(code) : Index{0});
  throw AgreedError(static_cast<ExitCode>(agreed), speaks ? message : "");
}

}  // namespace lockstep
