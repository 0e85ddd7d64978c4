#include "base/log.h"

#include <spdlog/sinks/base_sink.h>
#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

#include <atomic>
#include <cstdio>
#include <filesystem>
#include <mutex>

#include "base/log_guard.h"

namespace lockstep {
namespace {

// A log that cannot be written, as on a full disk, is no reason to end.
void TellOnce(const std::string& problem) {
  static std::atomic<bool> told{false};
  if (told.exchange(true)) return;
  const std::string line = fmt::format(
      "warning: lines of the log are lost ({}); this is said once, and the work goes on\n",
      problem);
  std::fputs(line.c_str(), stderr);
}

struct State {
  int rank = 0;
  int world_size = 1;
  std::shared_ptr<spdlog::logger> logger;
  std::function<bool()> may_append;
  State() : logger(std::make_shared<spdlog::logger>("lockstep")) {
    logger->sinks().push_back(std::make_shared<spdlog::sinks::stderr_color_sink_mt>());
    logger->set_pattern("%^%v%$");
    logger->flush_on(spdlog::level::info);
    logger->set_error_handler(TellOnce);
  }
};

// A file that takes lines only while somebody allows it.
class GuardedFile : public spdlog::sinks::base_sink<std::mutex> {
 public:
  explicit GuardedFile(const std::string& path) : file_(path) {}

 protected:
  void sink_it_(const spdlog::details::log_msg& line) override;
  void flush_() override { file_.flush(); }
  void set_pattern_(const std::string& pattern) override { file_.set_pattern(pattern); }

 private:
  spdlog::sinks::basic_file_sink_st file_;
};

State& TheState() {
  static State state;
  return state;
}

void GuardedFile::sink_it_(const spdlog::details::log_msg& line) {
  const State& state = TheState();
  if (!state.may_append || state.may_append()) file_.log(line);
}

}  // namespace

void InitialiseLog(int rank, int world_size) {
  TheState().rank = rank;
  TheState().world_size = world_size;
}

void GuardLogFile(std::function<bool()> may_append) {
  TheState().may_append = std::move(may_append);
}

void AppendLogTo(const std::string& path) {
  std::error_code ignored;
  if (std::filesystem::is_fifo(path, ignored)) {  // opening it waits for a reader
    LogWarning("{} is a named pipe; the log goes to standard error only", path);
    return;
  }
  try {
    auto sink = std::make_shared<GuardedFile>(path);
    sink->set_pattern("%Y-%m-%d %H:%M:%S %L %v");
    TheState().logger->sinks().push_back(std::move(sink));
  } catch (const spdlog::spdlog_ex& error) {
    LogWarning("{}; the log goes to standard error only", error.what());
  }
}

namespace internal {

void Print(Severity severity, const std::string& line) {
  const State& state = TheState();
  if (severity == Severity::kInfo && state.rank != 0) return;
  const std::string prefix = state.world_size > 1 && state.rank != 0
                                 ? fmt::format("rank {}: ", state.rank)
                                 : std::string();
  switch (severity) {
    case Severity::kInfo:
      state.logger->info("{}", line);
      break;
    case Severity::kWarning:
      state.logger->warn("{}warning: {}", prefix, line);
      break;
    case Severity::kError:
      state.logger->error("{}lockstep: error: {}", prefix, line);
      break;
  }
}

}  // namespace internal
}  // namespace lockstep
