#include "launch/frame/program.h"

#include "base/foreign_error.h"
#include "base/log.h"
#include "worker/comm/together.h"

namespace lockstep {

ExitCode WithMessages(const std::function<ExitCode()>& body) {
  try {
    return body();
  } catch (const AgreedError& error) {
    if (error.speaks()) LogError("{}", error.what());
    return error.code();
  } catch (const Error& error) {
    LogError("{}", error.what());
    return error.code();
  } catch (const std::exception& foreign) {
    const Error error = ForeignError(foreign);
    LogError("{}", error.what());
    return error.code();
  }
}

ExitCode WithMpi(const std::function<ExitCode(const Communicator&)>& body) {
  const MpiSession session;
  const Communicator comm = Communicator::World();
  InitialiseLog(comm.rank(), comm.size());
  bool agreed = true;
  const ExitCode code = WithMessages([&] {
    try {
      return body(comm);
    } catch (const AgreedError&) {
      throw;
    } catch (...) {
      agreed = false;
      throw;
    }
  });
  if (!agreed && comm.size() > 1) MpiSession::Abort(static_cast<int>(code));
  return code;
}

}  // namespace lockstep
