#include "launch/slurm/slurm_job.h"

#include <chrono>
#include <cstdlib>
#include <optional>
#include <string_view>

#include "base/log.h"
#include "base/phase_timer.h"
#include "base/text.h"

namespace lockstep {
namespace {

constexpr const char* kEndName = "SLURM_JOB_END_TIME";

double SecondsSince1970() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration<double>(now).count();
}

std::optional<double> SecondsToJobEnd() {
  const char* const value = std::getenv(kEndName);
  if (value == nullptr) return std::nullopt;
  const std::string_view text = value;
  double end = 0;
  const bool is_number = ReadNumber(text, &end);
  const double left = end - SecondsSince1970();
  if (is_number && left > 0) return left;
  LogWarning("{} is \"{}\", which is not a time in the future; it is ignored", kEndName, text);
  return std::nullopt;
}

}  // namespace

TimeLimitOptions TimeWithinJob(const TimeLimitOptions& configured, double started_at) {
  TimeLimitOptions options = configured;
  options.started_at = started_at;
  if (const std::optional<double> left = SecondsToJobEnd()) {
    const double seconds = Seconds() - started_at + *left;
    if (options.seconds == 0 || seconds < options.seconds) options.seconds = seconds;
  }
  return options;
}

}  // namespace lockstep
