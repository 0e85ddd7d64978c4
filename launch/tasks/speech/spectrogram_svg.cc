#include "launch/tasks/speech/spectrogram_svg.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "launch/output/png_image.h"
#include "launch/output/svg_canvas.h"
#include "launch/output/svg_text.h"
#include "launch/tasks/speech/heat_map.h"
#include "worker/decode/ctc_greedy.h"

namespace lockstep {
namespace {

// Layout in pixels.
constexpr double kLeft = 70, kRight = 118, kTop = 46;
constexpr double kFeatureHeight = 220, kPosteriorHeight = 170, kWordRow = 36, kGap = 34;
constexpr double kNameRoom = 16;  // for names of labels above a posterior of 1
constexpr double kLeastWidth = 900, kMostWidth = 2400, kPixelsPerSecond = 120;
constexpr double kCharacterWidth = 8;  // of the font of the words
constexpr Index kMostRows = 256;       // of the heat map
constexpr std::size_t kMostWordRows = 6;
constexpr std::size_t kMostLines = 60;
constexpr double kLowestPeak = 0.05;  // of a label that gets a line
constexpr double kInvisible = 0.004;  // posteriors below are on the axis: less than a pixel

// Okabe and Ito 2008, colours that the colour-blind can tell apart; grey is the blank's.
constexpr const char* kLineColours[] = {"#0072b2", "#d55e00", "#009e73", "#cc79a7",
                                        "#e69f00", "#56b4e9", "#6a3d9a", "#000000"};

// Names that show nothing.
std::string VisibleName(const std::string& name) {
  return name == " " || name == "|" || name == "<space>" ? "\u2423" : name;
}

class Drawing {
 public:
  explicit Drawing(const SpectrogramPicture& picture) : picture_(picture) {
    feature_frames_ = static_cast<Index>(picture.features.size()) / picture.bins;
    seconds_ = std::max(static_cast<double>(feature_frames_) * picture.feature_seconds,
                        static_cast<double>(picture.posteriors->frames()) * picture.frame_seconds);
    width_ = std::clamp(seconds_ * kPixelsPerSecond, kLeastWidth, kMostWidth);
    posterior_top_ = kTop + kFeatureHeight + kGap;
    words_top_ = posterior_top_ + kPosteriorHeight + 12;
    PlaceWords();
    bottom_ =
        words_top_ + kWordRow * static_cast<double>(std::max<std::size_t>(row_ends_.size(), 1));
  }

  std::string Draw() {
    svg_.Begin(kLeft + width_ + kRight, bottom_ + 52, picture_.title);
    svg_.Text(kLeft, 26, "font-size=\"16\" font-weight=\"bold\"", picture_.title);
    DrawFeatures();
    DrawColourScale();
    DrawPosteriors();
    DrawLabelNames();
    DrawLegend();
    DrawWords();
    DrawTimeAxis();
    return svg_.Finish();
  }

 private:
  // Along the vertical axis, read from below.
  void AxisName(double middle, const std::string& text) {
    svg_.Add(
        "<text transform=\"translate(18 {:.1f}) rotate(-90)\" text-anchor=\"middle\">{}</text>",
        middle, XmlText(text));
  }
  void Frame(double top, double height) {
    svg_.Add(
        "<rect x=\"{}\" y=\"{}\" width=\"{:.1f}\" height=\"{}\" fill=\"none\" stroke=\"#444\"/>",
        kLeft, top, width_, height);
  }

  double X(double seconds) const { return kLeft + seconds / seconds_ * width_; }
  double FrameX(double frame) const { return X(frame * picture_.frame_seconds); }
  double PosteriorY(double posterior) const {
    return posterior_top_ + kNameRoom + (kPosteriorHeight - kNameRoom) * (1 - posterior);
  }

  void DrawFeatures() {
    const Index columns = std::min(feature_frames_, static_cast<Index>(width_));
    const HeatMap map(picture_.features, picture_.bins, columns,
                      std::min(picture_.bins, kMostRows));
    low_ = map.low();
    high_ = map.high();
    const double seconds = static_cast<double>(feature_frames_) * picture_.feature_seconds;
    svg_.Image(kLeft, kTop, X(seconds) - kLeft, kFeatureHeight,
               EncodePng(map.Pixels(), columns, ViridisPalette()));
    Frame(kTop, kFeatureHeight);
    const double bins = static_cast<double>(picture_.bins);
    for (double bin = 0; bin < bins; bin += std::max(1.0, TickStep(bins, 6))) {
      const double y = kTop + kFeatureHeight * (1 - (bin + 0.5) / bins);
      svg_.Line(kLeft - 5, y, kLeft, y, "#444");
      svg_.Text(kLeft - 8, y + 4, "text-anchor=\"end\"", fmt::format("{}", bin));
    }
    AxisName(kTop + kFeatureHeight / 2, picture_.bin_name);
  }

  void DrawColourScale() {
    const double x = kLeft + width_ + 16;
    std::vector<std::uint8_t> pixels(256);
    for (std::size_t i = 0; i < pixels.size(); ++i) pixels[i] = static_cast<std::uint8_t>(255 - i);
    svg_.Image(x, kTop + 20, 14, kFeatureHeight - 20, EncodePng(pixels, 1, ViridisPalette()));
    svg_.Text(x, kTop + 10, "", picture_.value_name);
    svg_.Text(x + 19, kTop + 30, "", fmt::format("{:.3g}", high_));
    svg_.Text(x + 19, kTop + kFeatureHeight, "", fmt::format("{:.3g}", low_));
  }

  // The labels that get a line, the highest peaks first.
  std::vector<Index> LabelsToDraw() const {
    std::vector<std::pair<double, Index>> peaks;
    for (Index c = 1; c < picture_.posteriors->classes(); ++c) {
      double peak = -1e300;
      for (Index t = 0; t < picture_.posteriors->frames(); ++t) {
        peak = std::max(peak, picture_.posteriors->At(t, c));
      }
      if (peak >= std::log(kLowestPeak)) peaks.emplace_back(-peak, c);
    }
    std::sort(peaks.begin(), peaks.end());
    peaks.resize(std::min(peaks.size(), kMostLines));
    std::vector<Index> labels;
    labels.reserve(peaks.size());
    for (const auto& [peak, label] : peaks) labels.push_back(label);
    return labels;
  }

  static const char* LineColour(Index label) {
    return label == kCtcBlank
               ? "#999"
               : kLineColours[static_cast<std::size_t>(label) % std::size(kLineColours)];
  }

  // The highest posterior of each column; parts that lie on the axis are left out.
  void DrawPosteriorLine(Index label, double thickness) {
    const Index frames = picture_.posteriors->frames();
    const Index columns = std::min(frames, static_cast<Index>(width_));
    std::string path;
    bool is_drawing = false;
    double before = 0;
    for (Index x = 0; x < columns; ++x) {
      double value = 0;
      const Index first = x * frames / columns, last = (x + 1) * frames / columns;
      for (Index t = first; t < last; ++t) {
        value = std::max(value, std::exp(picture_.posteriors->At(t, label)));
      }
      const double middle = 0.5 * static_cast<double>(first + last);
      if (value >= kInvisible && !is_drawing && x > 0) {
        path += fmt::format("M{:.1f} {:.1f}", FrameX(middle - 1), PosteriorY(before));
        is_drawing = true;
      }
      if (value >= kInvisible || is_drawing) {
        path += fmt::format("{}{:.1f} {:.1f}", path.empty() ? 'M' : 'L', FrameX(middle),
                            PosteriorY(value));
        is_drawing = value >= kInvisible;
      }
      before = value;
    }
    if (path.empty()) return;
    svg_.Add("<path d=\"{}\" fill=\"none\" stroke=\"{}\" stroke-width=\"{}\"/>", path,
             LineColour(label), thickness);
  }

  void DrawPosteriors() {
    for (const double posterior : {0.0, 0.25, 0.5, 0.75, 1.0}) {
      const double y = PosteriorY(posterior);
      svg_.Line(kLeft, y, kLeft + width_, y, "#e4e4e4");
      svg_.Text(kLeft - 8, y + 4, "text-anchor=\"end\"", fmt::format("{:.2g}", posterior));
    }
    DrawPosteriorLine(kCtcBlank, 1);
    for (const Index label : LabelsToDraw()) DrawPosteriorLine(label, 1.5);
    Frame(posterior_top_, kPosteriorHeight);
    AxisName(posterior_top_ + kPosteriorHeight / 2, "posterior");
  }

  void DrawLabelNames() {
    double room = kLeft;  // names may begin here
    for (const CtcLabel& label : DecodeGreedy(*picture_.posteriors)) {
      const std::string name = VisibleName(picture_.labels[static_cast<std::size_t>(label.label)]);
      const double x = FrameX(0.5 * static_cast<double>(label.first_frame + label.last_frame + 1));
      const double half = 0.5 * kCharacterWidth * static_cast<double>(name.size());
      if (x - half < room && half <= 2 * kCharacterWidth && x - 4 < room) continue;
      svg_.Add(
          "<text x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"middle\" font-size=\"11\" "
          "fill=\"{}\">{}</text>",
          x, PosteriorY(label.confidence) - 4, LineColour(label.label), XmlText(name));
      room = x + 5;
    }
  }

  void DrawLegend() {
    const double x = kLeft + width_ + 16, y = posterior_top_ + 14;
    svg_.Line(x, y, x + 18, y, "#999");
    svg_.Text(x + 23, y + 4, "", "blank");
    svg_.Add("<path d=\"M{0:.1f} {1:.1f}L{2:.1f} {1:.1f}\" stroke=\"{3}\" stroke-width=\"1.5\"/>",
             x, y + 20, x + 18, kLineColours[0]);
    svg_.Text(x + 23, y + 24, "", "labels,");
    svg_.Text(x + 23, y + 38, "", "named at");
    svg_.Text(x + 23, y + 52, "", "their peaks");
    svg_.Text(x, words_top_ + 14, "", "words and");
    svg_.Text(x, words_top_ + 28, "", "confidence");
    const auto left_out = std::count(rows_.begin(), rows_.end(), kMostWordRows);
    if (left_out > 0) svg_.Text(x, words_top_ + 42, "", fmt::format("(no room: {})", left_out));
  }

  static double TextWidth(const DecodedWord& word) {
    return kCharacterWidth * static_cast<double>(std::max<std::size_t>(word.text.size(), 4)) + 6;
  }
  double Middle(const DecodedWord& word) const {
    return FrameX(0.5 * static_cast<double>(word.first_frame + word.last_frame + 1));
  }

  // Each word goes to the first row where its text has room; kMostWordRows: to none.
  void PlaceWords() {
    for (const DecodedWord& word : picture_.words) {
      const double begin = std::min(FrameX(static_cast<double>(word.first_frame)),
                                    Middle(word) - 0.5 * TextWidth(word));
      std::size_t row = 0;
      while (row < row_ends_.size() && row_ends_[row] > begin) ++row;
      rows_.push_back(row);
      if (row == kMostWordRows) continue;
      if (row == row_ends_.size()) row_ends_.push_back(0);
      row_ends_[row] = std::max(FrameX(static_cast<double>(word.last_frame + 1)),
                                Middle(word) + 0.5 * TextWidth(word));
    }
  }

  void DrawWords() {
    for (std::size_t i = 0; i < picture_.words.size(); ++i) {
      if (rows_[i] == kMostWordRows) continue;
      const DecodedWord& word = picture_.words[i];
      const double top = words_top_ + kWordRow * static_cast<double>(rows_[i]);
      const double begin = FrameX(static_cast<double>(word.first_frame));
      const double end = FrameX(static_cast<double>(word.last_frame + 1));
      svg_.Add(
          "<rect x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"{}\" fill=\"#0072b2\" "
          "fill-opacity=\"{:.2f}\" stroke=\"#0072b2\"/>",
          begin, top, end - begin, kWordRow - 4, 0.05 + 0.25 * word.confidence);
      // A box may be narrower than its texts, which would be struck through by its sides.
      svg_.Add(
          "<g text-anchor=\"middle\" paint-order=\"stroke\" stroke=\"#fff\" "
          "stroke-width=\"3\" stroke-opacity=\"0.8\">");
      svg_.Text(Middle(word), top + 14, "font-size=\"13\"", word.text);
      svg_.Text(Middle(word), top + 28, "font-size=\"10\" fill=\"#555\"",
                fmt::format("{:.2f}", word.confidence));
      svg_.Add("</g>");
    }
  }

  void DrawTimeAxis() {
    const double step = TickStep(seconds_, static_cast<int>(width_ / 70));
    for (double tick = 0; tick <= seconds_ * 1.0001; tick += step) {
      svg_.Line(X(tick), bottom_, X(tick), bottom_ + 5, "#444");
      svg_.Text(X(tick), bottom_ + 19, "text-anchor=\"middle\"", fmt::format("{:.4g}", tick));
    }
    svg_.Line(kLeft, bottom_, kLeft + width_, bottom_, "#444");
    svg_.Text(kLeft + width_ / 2, bottom_ + 38, "text-anchor=\"middle\"", "time (s)");
  }

  const SpectrogramPicture& picture_;
  SvgCanvas svg_;
  Index feature_frames_ = 0;
  double seconds_ = 0, width_ = 0, posterior_top_ = 0, words_top_ = 0, bottom_ = 0;
  double low_ = 0, high_ = 0;      // of the colour scale
  std::vector<std::size_t> rows_;  // of each word
  std::vector<double> row_ends_;   // where the last word of each row ends
};

}  // namespace

std::string SpectrogramSvg(const SpectrogramPicture& picture) {
  LOCKSTEP_CHECK(picture.posteriors != nullptr && picture.bins > 0);
  LOCKSTEP_CHECK(picture.feature_seconds > 0 && picture.frame_seconds > 0);
  LOCKSTEP_CHECK_EQ(static_cast<Index>(picture.labels.size()), picture.posteriors->classes());
  if (picture.features.empty() || picture.posteriors->frames() == 0) {
    throw UsageError("{}: no frames to draw; choose an utterance that has some", picture.title);
  }
  return Drawing(picture).Draw();
}

}  // namespace lockstep
