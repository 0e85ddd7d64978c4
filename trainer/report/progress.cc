#include "trainer/report/progress.h"

#include <unistd.h>

#include <algorithm>
#include <cstdio>

#include "base/duration.h"
#include "base/log.h"
#include "base/phase_timer.h"

namespace lockstep {
namespace {

constexpr double kBarSeconds = 0.2;

std::string Count(double value) {
  if (value >= 1e9) return fmt::format("{:.1f}G", value / 1e9);
  if (value >= 1e6) return fmt::format("{:.1f}M", value / 1e6);
  if (value >= 1e3) return fmt::format("{:.1f}k", value / 1e3);
  return fmt::format("{:.0f}", value);
}

// Does not use fmt::print, which throws when the terminal has been closed.
void PrintOnTerminal(const std::string& text) {
  std::fputs(text.c_str(), stderr);
  std::fflush(stderr);
}

std::string Bar(double share) {
  constexpr int kWidth = 20;
  const int filled = static_cast<int>(std::clamp(share, 0.0, 1.0) * kWidth);
  return std::string(static_cast<std::size_t>(filled), '#') +
         std::string(static_cast<std::size_t>(kWidth - filled), '.');
}

}  // namespace

std::string FormatProgress(const ProgressLine& l) {
  std::string text = fmt::format("step {}", l.step);
  if (l.last_step > 0) text += fmt::format("/{}", l.last_step);
  text += fmt::format("  epoch {}  loss {:.4f}", l.epoch, l.loss);
  if (l.accuracy) text += fmt::format("  acc {:.2f}%", 100 * *l.accuracy);
  text += fmt::format("  |g| {:.3g}  lr {:.3g}  {} {}  {:.0f} GFLOP/s  data {:.1f}%  comm {:.1f}%",
                      l.gradient_norm, l.learning_rate, Count(l.unit_rate), l.unit,
                      l.gflops_per_second, 100 * l.data_share, 100 * l.communication_share);
  if (l.last_step > 0 && l.steps_per_second > 0) {
    const double left = static_cast<double>(l.last_step - l.step) / l.steps_per_second;
    text += "  left " + DurationText(left);
  }
  return text;
}

Progress::Progress(const LogOptions& options, bool enabled)
    : options_(options),
      enabled_(enabled),
      terminal_(options.progress_bar && ::isatty(STDERR_FILENO) != 0),
      shown_at_(Seconds()) {}

Progress::~Progress() { Clear(); }

bool Progress::Due() const {
  return enabled_ && Seconds() - shown_at_ >= (terminal_ ? kBarSeconds : options_.seconds);
}

void Progress::Show(const ProgressLine& line) {
  shown_at_ = Seconds();
  if (!enabled_) return;
  if (!terminal_) {
    LogInfo("{}", FormatProgress(line));
    return;
  }
  const std::string bar =
      line.last_step > 0
          ? "[" + Bar(static_cast<double>(line.step) / static_cast<double>(line.last_step)) + "] "
          : "";
  PrintOnTerminal("\r\033[K" + bar + FormatProgress(line));
  bar_on_screen_ = true;
}

void Progress::Clear() {
  if (bar_on_screen_) PrintOnTerminal("\r\033[K");
  bar_on_screen_ = false;
}

}  // namespace lockstep
