#include "trainer/stop_request.h"

#include <signal.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstring>

namespace lockstep {
namespace {

constexpr std::array<int, 3> kSignals = {SIGTERM, SIGINT, SIGUSR1};
volatile std::sig_atomic_t seen_signal = 0;

}  // namespace

StopRequest::StopRequest(const std::string& run_folder) : file_(run_folder + "/stop") {
  seen_signal = 0;
  struct sigaction action {};
  action.sa_handler = [](int signal) { seen_signal = signal; };
  sigemptyset(&action.sa_mask);
  action.sa_flags = SA_RESTART;
  for (int signal : kSignals) sigaction(signal, &action, nullptr);
}

StopRequest::~StopRequest() {
  for (int signal : kSignals) std::signal(signal, SIG_DFL);
}

bool StopRequest::Seen() const { return seen_signal != 0 || ::access(file_.c_str(), F_OK) == 0; }

std::string StopRequest::Reason() const {
  if (seen_signal != 0) return std::string("signal: ") + ::strsignal(seen_signal);
  return ::access(file_.c_str(), F_OK) == 0 ? "stop file " + file_
                                            : "another rank was asked to stop";
}

void StopRequest::RemoveFile() const { ::unlink(file_.c_str()); }

}  // namespace lockstep
