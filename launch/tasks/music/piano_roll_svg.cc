#include "launch/tasks/music/piano_roll_svg.h"

#include <algorithm>

#include "launch/output/svg_canvas.h"

namespace lockstep {
namespace {

// Layout in pixels.
constexpr double kLeft = 56, kRight = 16, kTop = 40, kBottom = 44;
constexpr double kRowHeight = 8, kStepWidth = 12, kMostWidth = 4096;
constexpr std::size_t kOctave = 12;
constexpr std::size_t kFirstC = 3;  // key of C1
constexpr Index kMostBeatLabels = 40;

// The lowest and one past the highest key to draw: whole octaves from a C, two at least.
struct KeyRange {
  std::size_t begin = kFirstC + 2 * kOctave;
  std::size_t end = kFirstC + 4 * kOctave;
};

KeyRange RangeOf(const PianoRoll& roll) {
  KeySet used;
  for (const KeySet& step : roll.steps) used |= step;
  KeyRange range;
  for (std::size_t key = 0; key < kKeys; ++key) {
    if (!used[key]) continue;
    while (key < range.begin) range.begin = range.begin < kOctave ? 0 : range.begin - kOctave;
    while (key >= range.end) range.end = std::min(range.end + kOctave, kKeys);
  }
  return range;
}

class Drawing {
 public:
  Drawing(const PianoRoll& roll, Index steps_per_beat, Index prefix_steps)
      : roll_(roll),
        steps_per_beat_(steps_per_beat),
        prefix_steps_(prefix_steps),
        range_(RangeOf(roll)),
        steps_(std::ssize(roll.steps)),
        step_width_(
            std::min(kStepWidth, kMostWidth / static_cast<double>(std::max<Index>(steps_, 1)))),
        height_(kRowHeight * static_cast<double>(range_.end - range_.begin)) {}

  std::string Draw() {
    svg_.Begin(X(steps_) + kRight, kTop + height_ + kBottom, roll_.name);
    svg_.Text(kLeft, 24, "font-size=\"16\" font-weight=\"bold\"", roll_.name);
    DrawKeys();
    DrawBeats();
    for (std::size_t key = range_.begin; key < range_.end; ++key) DrawNotes(key);
    return svg_.Finish();
  }

 private:
  double X(Index step) const { return kLeft + static_cast<double>(step) * step_width_; }
  double Y(std::size_t key) const {  // of the upper edge
    return kTop + kRowHeight * static_cast<double>(range_.end - 1 - key);
  }

  // The rows of black keys are shaded; each C has its name.
  void DrawKeys() {
    const std::vector<std::string> names = KeyNames();
    for (std::size_t key = range_.begin; key < range_.end; ++key) {
      if (names[key].find('#') != std::string::npos) {
        svg_.Add("<rect x=\"{}\" y=\"{}\" width=\"{:.1f}\" height=\"{}\" fill=\"#f2f2f2\"/>", kLeft,
                 Y(key), X(steps_) - kLeft, kRowHeight);
      }
      if (key % kOctave != kFirstC) continue;
      svg_.Text(kLeft - 8, Y(key) + kRowHeight, "text-anchor=\"end\"", names[key]);
      svg_.Line(kLeft, Y(key) + kRowHeight, X(steps_), Y(key) + kRowHeight, "#bbb");
    }
  }

  void DrawBeats() {
    const Index beats = steps_ / steps_per_beat_;
    const Index every = std::max<Index>(1, (beats + kMostBeatLabels - 1) / kMostBeatLabels);
    for (Index beat = 0; beat <= beats; beat += every) {
      const double x = X(beat * steps_per_beat_);
      svg_.Line(x, kTop, x, kTop + height_ + 4, "#ddd");
      svg_.Text(x, kTop + height_ + 18, "text-anchor=\"middle\"", fmt::format("{}", beat));
    }
    svg_.Text(kLeft + (X(steps_) - kLeft) / 2, kTop + height_ + 36, "text-anchor=\"middle\"",
              "beats");
  }

  void DrawNotes(std::size_t key) {
    for (Index first = 0; first < steps_;) {
      Index last = first;
      while (last < steps_ && roll_.steps[static_cast<std::size_t>(last)][key] &&
             (last < prefix_steps_) == (first < prefix_steps_)) {
        ++last;
      }
      if (last > first) {
        svg_.Add("<rect x=\"{:.2f}\" y=\"{}\" width=\"{:.2f}\" height=\"{}\" fill=\"{}\"/>",
                 X(first), Y(key) + 0.5, X(last) - X(first), kRowHeight - 1,
                 first < prefix_steps_ ? "#999" : "#0072b2");
      }
      first = std::max(last, first + 1);
    }
  }

  const PianoRoll& roll_;
  const Index steps_per_beat_, prefix_steps_;
  const KeyRange range_;
  const Index steps_;
  const double step_width_, height_;
  SvgCanvas svg_;
};

}  // namespace

std::string PianoRollSvg(const PianoRoll& roll, Index steps_per_beat, Index prefix_steps) {
  return Drawing(roll, steps_per_beat, prefix_steps).Draw();
}

}  // namespace lockstep
