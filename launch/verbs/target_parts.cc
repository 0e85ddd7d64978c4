#include "launch/verbs/target_parts.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "data/corpus/sample_shards.h"
#include "launch/output/svg_text.h"
#include "launch/report/line_chart.h"
#include "launch/run/chunk_bytes.h"
#include "launch/run/chunk_scorers.h"
#include "launch/run/split_work.h"
#include "launch/run/target_units.h"

namespace lockstep {
namespace {

constexpr std::size_t kMostTargets = 4;
constexpr std::size_t kCurves = 3;  // sequences that are drawn
constexpr std::size_t kRows = 20;   // sequences of a table

// The targets of a sequence, [rows, width]: one row, or one for each step. As they are stored; NaN
// where one is missing.
struct Sample {
  std::uint64_t id = 0;
  std::vector<float> truth, found;
};

// The targets of sequence `b` of a slot.
std::vector<float> TruthOf(const SlotBatch& slot, Index b, const FieldBatch& targets, Index width,
                           bool per_step) {
  std::vector<float> truth;
  const auto add = [&](Index row) {
    for (Index k = 0; k < width; ++k) truth.push_back(targets.values[row * width + k]);
  };
  if (!per_step) add(b);
  for (Index t = 0; per_step && t < slot.layout.steps() && b < slot.layout.active(t); ++t)
    add(slot.layout.Row(t, b));
  return truth;
}

std::string Predict(const SlotBatch& slot, const CorpusInfo& corpus,
                    const std::vector<SequenceScores>& scores) {
  const bool per_step = corpus.target().alignment == Alignment::kStep;
  const FieldBatch& targets = slot.fields[corpus.target_index()];
  std::map<std::uint64_t, Index> places;
  for (std::size_t b = 0; b < slot.sample_ids.size(); ++b)
    places[slot.sample_ids[b]] = static_cast<Index>(b);
  std::string bytes;
  for (const SequenceScores& one : scores) {
    Put(one.sample_id, &bytes);
    PutList(TruthOf(slot, places.at(one.sample_id), targets, corpus.target().width, per_step),
            &bytes);
    PutList(one.values, &bytes);
  }
  return bytes;
}

// The first sequences of the split.
std::vector<Sample> FirstSamples(const Communicator& comm, const SplitTest& test,
                                 std::size_t count) {
  ChunkScorers scorers(*test.trained, test.threads);
  SplitWork work(comm, test.folder, *test.corpus, test.split, SmallBatches(test.trained->stream),
                 test.threads);
  work.StopAfter(static_cast<Index>(count));
  std::vector<Sample> samples;
  work.Run(
      "report targets",
      [&](int member, const std::vector<SlotBatch>& slots) {
        return Predict(slots[0], *test.corpus, scorers.Score(member, slots, work.bounds()));
      },
      [&](Index, const std::string& result) {
        for (BytesReader in(result); !in.AtEnd();) {
          Sample sample{in.Take<std::uint64_t>(), in.TakeList<float>(), in.TakeList<float>()};
          if (samples.size() < count) samples.push_back(std::move(sample));
        }
      });
  return samples;
}

// One target along the steps of a sequence, in the units of the data.
Curve CurveOf(const std::vector<float>& values, std::size_t k, std::size_t width,
              const TargetUnit& unit) {
  Curve curve;
  for (std::size_t at = k; at < values.size(); at += width) {
    curve.steps.push_back(static_cast<double>(at / width + 1));
    curve.values.push_back(values[at] * unit.scale + unit.offset);
  }
  return curve;
}

std::string Curves(const std::vector<Sample>& samples, const std::vector<std::string>& names,
                   const std::vector<TargetUnit>& units, const std::string& step) {
  std::string html = "<div class=\"charts\">\n";
  for (std::size_t i = 0; i < samples.size(); ++i) {
    for (std::size_t k = 0; k < std::min(kMostTargets, units.size()); ++k) {
      const Curve truth = CurveOf(samples[i].truth, k, units.size(), units[k]);
      const Curve found = CurveOf(samples[i].found, k, units.size(), units[k]);
      html += DrawChart({.title = names[i],
                         .x_title = step,
                         .y_title = units[k].name,
                         .lines = {{"true", &truth}, {"model", &found}}});
    }
  }
  return html + "</div>\n";
}

std::string Rows(const std::vector<Sample>& samples, const std::vector<std::string>& names,
                 const std::vector<TargetUnit>& units) {
  const std::size_t targets = std::min(kMostTargets, units.size());
  std::string html = "<div class=\"wide\"><table>\n<tr><th>sequence</th>";
  for (std::size_t k = 0; k < targets; ++k)
    html += fmt::format("<th>{0}, true</th><th>{0}, model</th>", XmlText(units[k].name));
  html += "</tr>\n";
  const auto cell = [](double value) {
    return std::isnan(value) ? "<td></td>" : fmt::format("<td>{:.7g}</td>", value);
  };
  for (std::size_t i = 0; i < samples.size(); ++i) {
    html += fmt::format("<tr><td>{}</td>", XmlText(names[i]));
    for (std::size_t k = 0; k < targets; ++k)
      html += cell(samples[i].truth[k] * units[k].scale + units[k].offset) +
              cell(samples[i].found[k] * units[k].scale + units[k].offset);
    html += "</tr>\n";
  }
  return html + "</table></div>\n";
}

}  // namespace

ReportParts MakeTargetParts(const Communicator& comm, const SplitTest& test) {
  const CorpusInfo& corpus = *test.corpus;
  const Field& target = corpus.target();
  const bool per_step = target.alignment == Alignment::kStep;
  const bool in_rows = per_step || target.alignment == Alignment::kSequence;
  if (!target.is_real() || !in_rows || corpus.is_stream() || test.folder.empty()) return {};
  const std::vector<Sample> samples = FirstSamples(comm, test, per_step ? kCurves : kRows);
  SampleShards shards(test.folder, corpus, corpus.Split(test.split));
  std::vector<std::string> names;
  for (const Sample& sample : samples) names.push_back(shards.NameOf(sample.id));
  const std::vector<TargetUnit> units = TargetUnitsOf(corpus);
  std::string html =
      fmt::format("<p>The first sequences of split {}, by {}, in the units of the data.</p>\n",
                  XmlText(test.split), XmlText(Describe(*test.trained)));
  html +=
      per_step ? Curves(samples, names, units, corpus.schema.unit) : Rows(samples, names, units);
  return {{"Targets of samples", html}};
}

}  // namespace lockstep
