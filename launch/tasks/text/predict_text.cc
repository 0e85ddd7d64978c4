#include "launch/tasks/text/predict_text.h"

#include <optional>
#include <ostream>

#include "base/line_reader.h"
#include "base/log.h"
#include "base/text.h"
#include "data/tagging/word_encoder.h"
#include "data/text/text_encoder.h"
#include "launch/output/cell_text.h"
#include "launch/output/text_output.h"
#include "launch/run/class_predictor.h"
#include "launch/run/ensemble.h"
#include "launch/tasks/text/predict_tags.h"
#include "worker/comm/together.h"

namespace lockstep {
namespace {

// The next line and its ids; false at the end. Every line must have a token.
bool NextLine(const TextEncoder& encoder, LineReader* lines, ClassInput* input) {
  std::string_view line;
  if (!lines->Next(&line)) return false;
  input->text = line;
  input->ids = encoder.Encode(line);
  if (!input->ids.empty()) return true;
  throw BadData("{}:{}: the line has no token, so it has no class; leave it out", lines->path(),
                lines->line_number());
}

// Files of rank 0.
struct TextFiles {
  TextFiles(const std::string& path, const std::optional<std::string>& out)
      : lines(TextInput{path}), output(out) {}
  LineReader lines;
  TextOutput output;
};

}  // namespace

std::span<const OptionRow> PredictTextRows() {
  static const std::vector<OptionRow> kRows = [] {
    std::vector<OptionRow> rows = {
        {"text FILE",
         "file with one text per line (UTF-8, plain or gzip), or - for standard input; each line "
         "gets a class, or with a tagger each word a tag"},
        EnsembleRow()};
    const auto of_tags = PredictTagsRows();
    rows.insert(rows.end(), of_tags.begin(), of_tags.end());
    return rows;
  }();
  return kRows;
}

ExitCode PredictText(const Communicator& comm, const Options& options, const CorpusInfo& corpus) {
  if (IsTaggingSchema(corpus.schema)) return PredictTags(comm, options, corpus);
  const std::string path = options.Text("text"), run = options.Text("run");
  std::optional<TextEncoder> encoder;
  std::optional<TextFiles> files;
  int threads = 1;
  Together(comm, [&] {
    if (options.Has("logits"))
      throw UsageError("predict: --logits does not go with --text; it goes with --corpus");
    if (const OptionRow* const row = options.FirstGiven(PredictTagsRows())) {
      throw UsageError("predict: --{} is for taggers; run {} names the class of whole texts",
                       row->name(), run);
    }
    threads = static_cast<int>(options.Number("threads", 1, 1));
    RequireClassPerSequence("text", run, corpus, "texts");
    encoder = TextEncoder::FromTask(corpus.task, corpus.schema.VocabularyOf(corpus.leading()), run);
    if (comm.rank() == 0) files.emplace(path, options.Maybe("out"));
  });
  const auto trained = LoadEnsemble(comm, options, corpus);
  ClassPrediction prediction;
  prediction.next = [&](ClassInput* input) { return NextLine(*encoder, &files->lines, input); };
  prediction.write = [&](const std::string& text, const PredictedClass& found) {
    files->output.stream() << fmt::format("{}\t{:.4f}\t{}\n", CellText(found.name),
                                          found.probability, WithoutControls(text));
  };
  prediction.may_wait = [&] { return files->lines.MayWait(); };
  prediction.flush = [&] { files->output.stream().flush(); };
  prediction.share_read = [&] { return files->lines.share_read(); };
  PredictClasses(comm, *trained, corpus, threads, prediction);
  Together(comm, [&] {
    if (!files) return;
    if (files->lines.line_number() == 0) {
      LogWarning("{}: the file is empty, so there is nothing to predict; was another one meant?",
                 path);
    }
    files->output.Finish();
  });
  return ExitCode::kDone;
}

}  // namespace lockstep
