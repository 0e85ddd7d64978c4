#include "trainer/report/progress.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "base/duration.h"
#include "base/log.h"
#include "base/phase_timer.h"
#include "base/terminal.h"

namespace lockstep {
namespace {

constexpr double kBarSeconds = 0.2;
constexpr double kFirstLineSeconds = 2;

std::string Count(double value) {
  if (value >= 1e9) return fmt::format("{:.1f}G", value / 1e9);
  if (value >= 1e6) return fmt::format("{:.1f}M", value / 1e6);
  if (value >= 1e3) return fmt::format("{:.1f}k", value / 1e3);
  return fmt::format("{:.0f}", value);
}

std::string Bar(double share) {
  constexpr int kWidth = 20;
  const int filled = static_cast<int>(std::clamp(share, 0.0, 1.0) * kWidth);
  return "[" + std::string(static_cast<std::size_t>(filled), '#') +
         std::string(static_cast<std::size_t>(kWidth - filled), '.') + "]";
}

// A part of the line. Those with the highest number are left out first; 0 stays.
struct Part {
  int expendable = 0;
  std::string text;
};

std::vector<Part> PartsOf(const ProgressLine& l, bool live) {
  std::vector<Part> parts;
  if (live && l.share) {
    parts.push_back({7, Bar(*l.share)});
    parts.push_back({4, fmt::format("{:.0f}%", std::floor(100 * *l.share))});
  }
  parts.push_back({0, l.last_step > 0 ? fmt::format("step {}/{}", l.step, l.last_step)
                                      : fmt::format("step {}", l.step)});
  parts.push_back({8, fmt::format("epoch {}", l.epoch)});
  parts.push_back({1, fmt::format("loss {:.4f}", l.loss)});
  if (l.accuracy) parts.push_back({6, fmt::format("acc {:.2f}%", 100 * *l.accuracy)});
  parts.push_back({9, fmt::format("|g| {:.3g}", l.gradient_norm)});
  parts.push_back({10, fmt::format("lr {:.3g}", l.learning_rate)});
  parts.push_back({5, fmt::format("{} {}", Count(l.unit_rate), l.unit)});
  parts.push_back({11, fmt::format("{:.0f} GFLOP/s", l.gflops_per_second)});
  parts.push_back({13, fmt::format("data {:.1f}%", 100 * l.data_share)});
  parts.push_back({12, fmt::format("comm {:.1f}%", 100 * l.communication_share)});
  if (l.seconds_left) parts.push_back({2, "left " + DurationText(*l.seconds_left)});
  if (l.limit_left) parts.push_back({3, "limit in " + DurationText(*l.limit_left)});
  return parts;
}

std::string Join(const std::vector<Part>& parts) {
  std::string line;
  for (const Part& part : parts) line += (line.empty() ? "" : "  ") + part.text;
  return line;
}

}  // namespace

std::string FormatProgress(const ProgressLine& line, int columns, bool live) {
  std::vector<Part> parts = PartsOf(line, live);
  std::string text = Join(parts);
  while (columns > 0 && TextColumns(text) > columns && parts.size() > 1) {
    parts.erase(std::ranges::max_element(parts, {}, &Part::expendable));
    text = Join(parts);
  }
  return text;
}

Progress::Progress(const LogOptions& options, bool enabled)
    : options_(options),
      enabled_(enabled),
      terminal_(options.progress_bar && TerminalColumns() > 0),
      shown_at_(Seconds()) {}

Progress::~Progress() { Clear(); }

// Somebody who has just started a run wants to see soon that it works.
bool Progress::Due() const {
  const double lines = shown_ ? options_.seconds : std::min(options_.seconds, kFirstLineSeconds);
  return enabled_ && Seconds() - shown_at_ >= (terminal_ ? kBarSeconds : lines);
}

void Progress::Show(const ProgressLine& line) {
  shown_at_ = Seconds();
  shown_ = true;
  if (!enabled_) return;
  if (terminal_) {
    ShowLiveLine(FormatProgress(line, TerminalColumns() - 1, true));
  } else {
    LogInfo("{}", FormatProgress(line));
  }
}

void Progress::Clear() {
  if (terminal_) ClearLiveLine();
}

}  // namespace lockstep
