#include "launch/tasks/text/predict_text.h"

#include <ostream>

#include "base/line_reader.h"
#include "data/text/text_encoder.h"
#include "launch/output/text_output.h"
#include "launch/run/class_predictor.h"

namespace lockstep {
namespace {

// Lines and their ids, in the same order.
struct EncodedLines {
  std::vector<std::string> texts;
  std::vector<std::vector<std::int32_t>> ids;
};

// Some lines; none at the end. Every line must have a token.
EncodedLines NextLines(const TextEncoder& encoder, const std::string& path, LineReader* lines) {
  EncodedLines found;
  std::string_view line;
  while (static_cast<Index>(found.texts.size()) < ClassPredictor::kSequencesAtATime &&
         lines->Next(&line)) {
    found.texts.emplace_back(line);
    found.ids.push_back(encoder.Encode(line));
    if (!found.ids.back().empty()) continue;
    throw BadData("{}:{}: the line has no token, so it has no class; leave it out", path,
                  lines->line_number());
  }
  return found;
}

void WriteClasses(const TextEncoder& encoder, const std::string& path,
                  const ClassPredictor& predictor, LineReader* lines, std::ostream* output) {
  for (EncodedLines some = NextLines(encoder, path, lines); !some.texts.empty();
       some = NextLines(encoder, path, lines)) {
    const std::vector<PredictedClass> classes = predictor.Predict(some.ids);
    for (std::size_t i = 0; i < classes.size(); ++i) {
      *output << fmt::format("{}\t{:.4f}\t{}\n", classes[i].name, classes[i].probability,
                             some.texts[i]);
    }
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
  RequireClassPerSequence("text", run, corpus, "texts");
  const TextEncoder encoder =
      TextEncoder::FromTask(corpus.task, corpus.schema.VocabularyOf(corpus.leading()), run);
  LineReader lines(path, kUtf8);
  TextOutput output(options.Maybe("out"));
  const auto trained = LoadForPrediction(options, corpus);
  WriteClasses(encoder, path, ClassPredictor(*trained, corpus, threads), &lines, &output.stream());
  output.Finish();
  return ExitCode::kDone;
}

}  // namespace lockstep
