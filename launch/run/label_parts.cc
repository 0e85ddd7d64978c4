#include "launch/run/label_parts.h"

#include <fmt/format.h>

#include <algorithm>

#include "data/stream/batch_reader.h"
#include "launch/output/svg_text.h"
#include "launch/output/wide_picture.h"
#include "launch/run/class_report.h"

namespace lockstep {
namespace {

constexpr double kFlops = 4e10;
constexpr Index kSamplesDrawn = 3;
constexpr Index kStepsDrawn = 600;

// ---- confusion matrix

// A cell is darker where a larger share of its row is in it.
std::string MatrixCell(Index count, Index row_sum) {
  const double share = row_sum == 0 ? 0 : static_cast<double>(count) / static_cast<double>(row_sum);
  return fmt::format("<td style=\"background:rgba(0,114,178,{:.2f})\">{}</td>", 0.6 * share, count);
}

std::string MatrixHtml(const ClassReport& report, const std::vector<std::string>& classes) {
  const ClassTally tally = report.Tally();
  std::string html = "<div class=\"wide\"><table class=\"matrix\">\n<tr><th>true class</th>";
  for (const std::string& name : classes)
    html += fmt::format("<th><span>{}</span></th>", XmlText(name));
  html += "<th>recall</th><th>precision</th><th>F1</th></tr>\n";
  for (Index c = 0; c < std::ssize(classes); ++c) {
    html += fmt::format("<tr><th>{}</th>", XmlText(classes[static_cast<std::size_t>(c)]));
    for (Index other = 0; other < std::ssize(classes); ++other)
      html += MatrixCell(report.Count(c, other), tally.truths(c));
    html += fmt::format("<td>{:.3f}</td><td>{:.3f}</td><td>{:.3f}</td></tr>\n", tally.Recall(c),
                        tally.Precision(c), tally.F1(c));
  }
  return html + "</table></div>\n";
}

struct Confusion {
  Index truth = 0, found = 0, count = 0;
};

// Where there are too many classes for a matrix.
std::string ConfusionsHtml(const ClassReport& report, const std::vector<std::string>& classes) {
  constexpr std::size_t kShown = 30;
  std::vector<Confusion> confusions;
  for (Index c = 0; c < std::ssize(classes); ++c) {
    for (Index other = 0; other < std::ssize(classes); ++other)
      if (other != c && report.Count(c, other) > 0)
        confusions.push_back({c, other, report.Count(c, other)});
  }
  std::ranges::stable_sort(confusions, std::ranges::greater(), &Confusion::count);
  if (confusions.size() > kShown) confusions.resize(kShown);
  std::string html =
      "<div class=\"wide\"><table>\n<tr><th>true class</th><th>predicted as</th><th>times</th>"
      "</tr>\n";
  for (const Confusion& one : confusions) {
    html += fmt::format("<tr><td>{}</td><td>{}</td><td>{}</td></tr>\n",
                        XmlText(classes[static_cast<std::size_t>(one.truth)]),
                        XmlText(classes[static_cast<std::size_t>(one.found)]), one.count);
  }
  return html + "</table></div>\n";
}

ReportPart ConfusionPart(const ClassReport& report, const SplitTest& test, Index sequences) {
  constexpr std::size_t kMostForMatrix = 25;
  const std::vector<std::string>& classes = test.corpus->classes();
  Index all = 0, right = 0;
  for (Index c = 0; c < std::ssize(classes); ++c) {
    right += report.Count(c, c);
    for (Index other = 0; other < std::ssize(classes); ++other) all += report.Count(c, other);
  }
  const Index of_split = test.corpus->Split(test.split).sequences;
  std::string html = fmt::format(
      "<p>{} of {} labels are right ({:.2f} %) in {} of split {}, by {}. A column is what the "
      "model says.</p>\n",
      right, all, all == 0 ? 0 : 100.0 * static_cast<double>(right) / static_cast<double>(all),
      sequences < of_split ? fmt::format("the first {} of {} sequences", sequences, of_split)
                           : fmt::format("all {} sequences", of_split),
      XmlText(test.split), XmlText(Describe(*test.trained)));
  html += classes.size() <= kMostForMatrix ? MatrixHtml(report, classes)
                                           : ConfusionsHtml(report, classes);
  return {"Confusion matrix", html};
}

// ---- labels of samples along their steps

// The colours of classes. Those whose names differ only in a number at their end, such as the three
// places in a codon, share one.
struct ClassColours {
  std::vector<std::string> names;   // by colour
  std::vector<std::size_t> colour;  // by class

  explicit ClassColours(const std::vector<std::string>& classes) {
    for (const std::string& name : classes) {
      const std::string stem = name.substr(0, name.find_last_not_of("0123456789") + 1);
      const auto place = std::ranges::find(names, stem.empty() ? name : stem);
      colour.push_back(static_cast<std::size_t>(place - names.begin()));
      if (place == names.end()) names.push_back(stem.empty() ? name : stem);
    }
  }
  bool fits() const { return names.size() <= kSafeColours.size(); }
};

// Draws the labels of a sample as coloured stretches: the right ones above, those of the model
// below.
class Track {
 public:
  Track(const KeptSequence& sample, const ClassColours& colours, const std::string& unit)
      : sample_(sample), colours_(colours), unit_(unit) {
    steps_ = std::min<Index>(kStepsDrawn, std::ssize(sample.truth));
  }

  std::string Svg() {
    Add("<svg class=\"track\" viewBox=\"0 0 {} {}\" role=\"img\" aria-label=\"labels of a "
        "sample\">",
        kWidth, kHeight);
    AddRow("true", 6, sample_.truth);
    AddRow("model", 30, sample_.found);
    AddAxis();
    return svg_ + "</svg>\n";
  }

 private:
  static constexpr double kWidth = 900, kHeight = 92, kLeft = 56, kRight = 26, kRow = 20;

  template <typename... Args>
  void Add(fmt::format_string<Args...> format, Args&&... args) {
    svg_ += fmt::format(format, std::forward<Args>(args)...);
    svg_ += '\n';
  }
  double X(Index step) const {
    return kLeft +
           (kWidth - kLeft - kRight) * static_cast<double>(step) / static_cast<double>(steps_);
  }

  // The colour of a label; -1: it is not known.
  int ColourOf(std::int32_t label) const {
    return label < 0 ? -1 : static_cast<int>(colours_.colour[static_cast<std::size_t>(label)]);
  }

  void AddRow(const char* name, double y, const std::vector<std::int32_t>& labels) {
    Add("<text x=\"{}\" y=\"{}\" text-anchor=\"end\">{}</text>", kLeft - 6, y + 15, name);
    for (Index first = 0, last = 0; first < steps_; first = last) {
      const int colour = ColourOf(labels[static_cast<std::size_t>(first)]);
      while (last < steps_ && ColourOf(labels[static_cast<std::size_t>(last)]) == colour) ++last;
      if (colour < 0) continue;
      Add("<rect x=\"{:.1f}\" y=\"{}\" width=\"{:.1f}\" height=\"{}\" fill=\"{}\"/>", X(first), y,
          X(last) - X(first), kRow, kSafeColours[static_cast<std::size_t>(colour)]);
    }
  }

  void AddAxis() {
    const double step = std::max(1.0, TickStep(static_cast<double>(steps_), 8));
    for (double tick = 0; tick <= static_cast<double>(steps_); tick += step) {
      const double x = X(static_cast<Index>(tick));
      Add("<path class=\"axis\" d=\"M{:.1f} 54v4\"/>", x);
      Add("<text x=\"{:.1f}\" y=\"71\" text-anchor=\"middle\">{:.0f}</text>", x, tick);
    }
    Add("<text x=\"{}\" y=\"88\" text-anchor=\"middle\">{}</text>", (kLeft + kWidth - kRight) / 2,
        XmlText(unit_));
  }

  const KeptSequence& sample_;
  const ClassColours& colours_;
  const std::string unit_;
  Index steps_;
  std::string svg_;
};

std::string ColourKey(const ClassColours& colours) {
  std::string html = "<p class=\"key\">";
  for (std::size_t c = 0; c < colours.names.size(); ++c) {
    html += fmt::format("<span><i style=\"background:{}\"></i>{}</span> ", kSafeColours[c],
                        XmlText(colours.names[c]));
  }
  return html + "</p>\n";
}

ReportPart TrackPart(const std::vector<KeptSequence>& samples, const ClassColours& colours,
                     const CorpusInfo& corpus) {
  const bool has_gaps = std::ranges::any_of(samples, [](const KeptSequence& sample) {
    return std::ranges::any_of(sample.truth, [](std::int32_t label) { return label < 0; });
  });
  std::string html = fmt::format(
      "<p>The first {} {} of the first samples: right labels above, those of the model "
      "below.{}</p>\n{}",
      kStepsDrawn, XmlText(corpus.schema.unit),
      has_gaps ? " Where nothing is drawn above, the label is not known." : "", ColourKey(colours));
  for (const KeptSequence& sample : samples)
    html += WidePicture(Track(sample, colours, corpus.schema.unit).Svg());
  return {"Labels of samples", html};
}

}  // namespace

Index SequencesWithin(const SplitTest& test, double flops, Index fewest) {
  const SplitInfo& split = test.corpus->Split(test.split);
  const Index count = std::max<Index>(split.sequences, 1);
  const Index targets =
      WritesTargets(*test.corpus) ? split.fields[test.corpus->target_index()].rows / count : 0;
  const double each = test.trained->model->Flops(1, split.steps / count + 1, targets);
  const double most = std::min(flops / std::max(each, 1.0), static_cast<double>(count));
  return std::max(std::min(fewest, count), static_cast<Index>(most));
}

ReportParts MakeLabelParts(const Communicator& comm, const SplitTest& test) {
  const Field& target = test.corpus->target();
  const bool in_rows =
      target.alignment == Alignment::kSequence || target.alignment == Alignment::kStep;
  const bool is_one = target.width == 1 && !target.is_real() && !test.corpus->is_stream();
  if (!in_rows || !is_one || test.folder.empty()) return {};
  const ClassColours colours(test.corpus->classes());
  const bool draws = target.alignment == Alignment::kStep && colours.fits();
  const Index most = SequencesWithin(test, kFlops, 8);
  FewSequences few{most, draws ? kSamplesDrawn : 0, {}};
  const ClassReport report =
      ReportClasses(comm, test.folder, *test.corpus, test.split, *test.trained, test.threads, &few);
  ReportParts parts = {ConfusionPart(report, test, few.predicted)};
  if (!few.kept.empty()) parts.push_back(TrackPart(few.kept, colours, *test.corpus));
  return parts;
}

}  // namespace lockstep
