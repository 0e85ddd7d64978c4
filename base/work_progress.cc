#include "base/work_progress.h"

#include <algorithm>

#include "base/duration.h"
#include "base/log.h"
#include "base/phase_timer.h"

namespace lockstep {
namespace {

constexpr double kFirstSeconds = 2, kMostSecondsBetween = 60;
constexpr double kLeastShare = 0.005;  // below it the time left is a guess

}  // namespace

WorkProgress::WorkProgress(std::string verb)
    : verb_(std::move(verb)), begun_at_(Seconds()), next_at_(begun_at_ + kFirstSeconds) {}

void WorkProgress::Tell(double share, const std::function<std::string()>& done) {
  const double now = Seconds();
  if (now < next_at_) return;
  const double passed = now - begun_at_;
  LogInfo("{}", FormatWorkProgress(verb_, done(), share, passed));
  next_at_ = now + std::clamp(passed / 2, kFirstSeconds, kMostSecondsBetween);
}

std::string FormatWorkProgress(const std::string& verb, const std::string& done, double share,
                               double seconds) {
  const std::string text = verb + ": " + done;
  if (share < kLeastShare) return fmt::format("{}, {} passed", text, DurationText(seconds));
  const double whole = std::min(share, 1.0);
  return fmt::format("{}, {:.0f} %, {} left", text, 100 * whole,
                     DurationText(seconds * (1 - whole) / whole));
}

}  // namespace lockstep
