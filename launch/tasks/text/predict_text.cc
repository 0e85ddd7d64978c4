#include "launch/tasks/text/predict_text.h"

#include <algorithm>
#include <cmath>
#include <fstream>
#include <iostream>
#include <numeric>
#include <optional>

#include "data/text/text_encoder.h"
#include "data/text/text_lines.h"
#include "launch/output/part_file.h"
#include "worker/decode/sequence_scorer.h"

namespace lockstep {
namespace {

constexpr Index kLinesAtATime = 256, kSequencesOfASlot = 32;

struct Line {
  std::string text;
  std::vector<std::int32_t> ids;
};

// At most kLinesAtATime lines; none at the end. Every line must have a token.
std::vector<Line> NextLines(const TextEncoder& encoder, const std::string& path, TextLines* lines) {
  std::vector<Line> found;
  std::string_view line;
  while (static_cast<Index>(found.size()) < kLinesAtATime && lines->Next(&line)) {
    found.push_back({std::string(line), encoder.Encode(line)});
    if (!found.back().ids.empty()) continue;
    throw BadData("{}:{}: the line has no token, so it has no class; leave it out", path,
                  lines->line_number());
  }
  return found;
}

// The longest first, kSequencesOfASlot to a slot; the sample id is the number of the line.
std::vector<SlotBatch> PackLines(const std::vector<Line>& lines) {
  std::vector<std::size_t> order(lines.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return lines[a].ids.size() > lines[b].ids.size();
  });
  std::vector<SlotBatch> slots;
  for (std::size_t first = 0; first < order.size(); first += kSequencesOfASlot) {
    const std::size_t end = std::min(order.size(), first + kSequencesOfASlot);
    SlotBatch& slot = slots.emplace_back();
    std::vector<Index> lengths;
    for (std::size_t i = first; i < end; ++i)
      lengths.push_back(static_cast<Index>(lines[order[i]].ids.size()));
    slot.layout = PackedLayout(lengths);
    FieldBatch& tokens = slot.fields.emplace_back();
    tokens.ids.resize(static_cast<std::size_t>(slot.layout.rows()));
    for (std::size_t i = first; i < end; ++i) {
      const Index b = static_cast<Index>(i - first);
      slot.sample_ids.push_back(order[i]);
      const std::vector<std::int32_t>& ids = lines[order[i]].ids;
      for (Index t = 0; t < slot.layout.Length(b); ++t) {
        tokens.ids[static_cast<std::size_t>(slot.layout.Row(t, b))] =
            ids[static_cast<std::size_t>(t)];
      }
    }
  }
  return slots;
}

// Bounds of these very slots: one long line must not make room for a slot of lines as long as it.
SlotBounds BoundsOfSlots(const std::vector<SlotBatch>& slots) {
  SlotBounds bounds{kSequencesOfASlot, 0, 0, {0, kSequencesOfASlot}, {0, 1}};
  for (const SlotBatch& slot : slots) {
    bounds.steps = bounds.longest[0] = std::max(bounds.steps, slot.layout.steps());
    bounds.rows = bounds.field_rows[0] = std::max(bounds.rows, slot.layout.rows());
  }
  return bounds;
}

// The most probable class of a row of scores before softmax, and its probability.
std::pair<std::size_t, double> BestClass(std::span<const float> scores) {
  const auto best = std::max_element(scores.begin(), scores.end());
  double sum = 0;
  for (const float score : scores) sum += std::exp(static_cast<double>(score - *best));
  return {static_cast<std::size_t>(best - scores.begin()), 1 / sum};
}

TextEncoder EncoderOf(const std::string& run, const CorpusInfo& corpus) {
  if (corpus.task.empty() || corpus.leading().is_real() ||
      corpus.target().alignment != Alignment::kSequence) {
    throw UsageError(
        "predict --text: run {} was trained on a corpus of kind \"{}\", not on texts with a label "
        "each",
        run, corpus.kind);
  }
  return TextEncoder::FromTask(corpus.task, corpus.schema.VocabularyOf(corpus.leading()), run);
}

void WriteClasses(const std::vector<Line>& lines, const CorpusInfo& corpus,
                  const TrainedModel& trained, int threads, std::ostream* output) {
  const std::vector<SlotBatch> slots = PackLines(lines);
  SequenceScorer scorer(*trained.model, trained.values.data(), BoundsOfSlots(slots), threads);
  for (const SequenceScores& found : scorer.Score(slots)) {
    const auto [best, probability] = BestClass(found.values);
    *output << fmt::format("{}\t{:.4f}\t{}\n", corpus.classes()[best], probability,
                           lines[found.sample_id].text);
  }
}

}  // namespace

std::span<const OptionRow> PredictTextRows() {
  static constexpr OptionRow kRows[] = {
      {"text", "file with one text per line (UTF-8, plain or gzip); each line gets a class"},
  };
  return kRows;
}

ExitCode PredictText(const Options& options, const CorpusInfo& corpus) {
  const std::string path = options.Text("text"), run = options.Text("run");
  if (options.Has("logits"))
    throw UsageError("predict: --logits does not go with --text; it goes with --corpus");
  const int threads = static_cast<int>(options.Number("threads", 1, 1));
  const TextEncoder encoder = EncoderOf(run, corpus);
  TextLines lines(path, kUtf8);
  std::optional<PartFile> part;
  std::ofstream file;
  if (const auto out = options.Maybe("out")) {
    part.emplace(*out);
    file.open(part->temporary_path());
  }
  const auto trained = LoadForPrediction(options, corpus);
  std::ostream& output = part ? file : std::cout;
  for (auto some = NextLines(encoder, path, &lines); !some.empty();
       some = NextLines(encoder, path, &lines)) {
    WriteClasses(some, corpus, *trained, threads, &output);
  }
  output.flush();
  if (part) file.close();
  if (!output)
    throw IoError(fmt::format("predict --text: the classes of {} could not be written", path));
  if (part) part->Publish();
  return ExitCode::kDone;
}

}  // namespace lockstep
