#include "base/log.h"

#include <fcntl.h>
#include <spdlog/sinks/base_sink.h>
#include <spdlog/spdlog.h>

#include <atomic>
#include <cstdio>
#include <memory>
#include <mutex>
#include <set>

#include "base/error.h"
#include "base/log_guard.h"
#include "base/own_file.h"
#include "base/terminal.h"
#include "base/text.h"

namespace lockstep {
namespace {

// Warns once about a log that cannot be written, as on a full disk. That is no reason to end.
void TellOnce(const std::string& problem) {
  static std::atomic<bool> told{false};
  if (told.exchange(true)) return;
  const std::string line = fmt::format(
      "warning: lines of the log are lost ({}); this is said once, and the work goes on\n",
      problem);
  std::fputs(line.c_str(), stderr);
}

// Standard error. Asks for colours at each line, so that no line depends on what came first.
class ErrorStream : public spdlog::sinks::base_sink<std::mutex> {
 protected:
  void sink_it_(const spdlog::details::log_msg& message) override {
    spdlog::memory_buf_t line;
    formatter_->format(message, line);
    const std::string_view text(line.data(), line.size() - 1);  // without its end
    const LiveLinePause pause;
    const std::string shown = fmt::format("{}\n", Coloured(message.level, text));
    if (std::fwrite(shown.data(), 1, shown.size(), stderr) != shown.size())
      spdlog::throw_spdlog_ex("cannot write to standard error", errno);
  }
  void flush_() override { std::fflush(stderr); }

 private:
  static std::string Coloured(spdlog::level::level_enum level, std::string_view text) {
    if (level < spdlog::level::warn || !TerminalHasColours()) return std::string(text);
    const char* const yellow = "\033[33m";
    const char* const red = "\033[31m";
    return fmt::format("{}{}\033[0m", level == spdlog::level::warn ? yellow : red, text);
  }
};

// The text as one entry of the log: control characters are shown, and lines after the first one are
// indented, so that none of them passes for an entry of its own, whatever names the text holds.
std::string AsEntry(std::string_view text) {
  std::string entry;
  for (const char c : WithoutControls(text)) {
    if (entry.ends_with('\n') && c != ' ') entry += "  ";
    entry += c;
  }
  return entry;
}

struct State {
  int rank = 0;
  int world_size = 1;
  std::shared_ptr<spdlog::logger> logger;
  std::function<bool()> may_append;
  State() : logger(std::make_shared<spdlog::logger>("lockstep")) {
    logger->sinks().push_back(std::make_shared<ErrorStream>());
    logger->set_pattern("%v");
    logger->sinks()[0]->set_level(spdlog::level::info);
    logger->set_level(spdlog::level::debug);
    logger->flush_on(spdlog::level::debug);
    logger->set_error_handler(TellOnce);
  }
};

// A log file to which lines are appended only while the function of GuardLogFile allows it.
class GuardedFile : public spdlog::sinks::base_sink<std::mutex> {
 public:
  // IoError if the file cannot be opened or is a symbolic link.
  explicit GuardedFile(const std::string& path)
      : path_(path), file_(::fdopen(OpenOwnFile(path, O_WRONLY | O_CREAT | O_APPEND), "ab")) {}

 protected:
  void sink_it_(const spdlog::details::log_msg& message) override;
  void flush_() override {
    if (std::fflush(file_.get()) != 0) Fail();
  }

 private:
  struct Close {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  void Fail() const { spdlog::throw_spdlog_ex("cannot write to " + path_, errno); }

  std::string path_;
  std::unique_ptr<std::FILE, Close> file_;
};

State& TheState() {
  static State state;
  return state;
}

void GuardedFile::sink_it_(const spdlog::details::log_msg& message) {
  const State& state = TheState();
  if (state.may_append && !state.may_append()) return;
  spdlog::memory_buf_t line;
  formatter_->format(message, line);
  if (std::fwrite(line.data(), 1, line.size(), file_.get()) != line.size()) Fail();
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
  try {
    auto sink = std::make_shared<GuardedFile>(path);
    sink->set_pattern("%Y-%m-%d %H:%M:%S %L %v");
    TheState().logger->sinks().push_back(std::move(sink));
  } catch (const IoError& error) {
    LogWarning("{}; the log goes to standard error only", error.what());
  }
}

void LogWarningOnce(const std::string& line) {
  static std::mutex mutex;
  static std::set<std::string>* const told = new std::set<std::string>;
  const std::lock_guard lock(mutex);
  if (told->insert(line).second) LogWarning("{}", line);
}

namespace internal {

void Print(Severity severity, const std::string& text) {
  const State& state = TheState();
  if (severity <= Severity::kSharedWarning && state.rank != 0) return;
  const std::string line = AsEntry(text);
  const std::string prefix = state.world_size > 1 && state.rank != 0
                                 ? fmt::format("rank {}: ", state.rank)
                                 : std::string();
  switch (severity) {
    case Severity::kDetail:
      state.logger->debug("{}", line);
      break;
    case Severity::kInfo:
      state.logger->info("{}", line);
      break;
    case Severity::kSharedWarning:
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
