#include "launch/tasks/text/score_text.h"

#include <algorithm>
#include <cmath>
#include <ostream>

#include "base/work_progress.h"
#include "data/text/symbol_encoder.h"
#include "launch/output/text_output.h"
#include "launch/run/stream_loss.h"
#include "worker/carried_state.h"
#include "worker/comm/together.h"
#include "worker/heartbeat.h"

namespace lockstep {
namespace {

struct LineScore {
  Index symbols = 0;
  Index unknown = 0;
  double loss = 0;  // in nats
};

void Add(const LineScore& part, LineScore* total) {
  total->symbols += part.symbols;
  total->unknown += part.unknown;
  total->loss += part.loss;
}

SlotBounds BoundsOfSteps(Index steps) {
  return {.sequences = 1,
          .steps = steps,
          .rows = steps,
          .field_rows = {steps, steps},
          .longest = {steps, steps}};
}

// The model, and where it stands in the text.
class TextScorer {
 public:
  TextScorer(const TrainedModel& trained, const SymbolEncoder& encoder)
      : trained_(trained),
        unknown_(encoder.unknown()),
        steps_(StepsAtOnce(*trained.model)),
        workspace_(trained.model->WorkspaceBytes(BoundsOfSteps(steps_))),
        carried_(trained.model->carried(), 1, 1),
        before_(encoder.vocabulary().start) {
    slot_.sample_ids = {0};
    slot_.fields.resize(2);
  }

  // The symbols that come next.
  LineScore Score(std::span<const std::int32_t> ids) {
    LineScore score;
    for (; !ids.empty(); ids = ids.subspan(static_cast<std::size_t>(slot_.layout.rows()))) {
      Fill(ids.first(std::min(ids.size(), static_cast<std::size_t>(steps_))));
      carried_.BeginPart(begins_);
      begins_ = false;
      const StepSums sums = trained_.model->Evaluate(slot_, trained_.values.data(), &workspace_,
                                                     &heartbeat_, carried_.Begin(0));
      score.loss += sums.loss;
      score.symbols += sums.targets;
      score.unknown += std::ranges::count(slot_.fields[1].ids, unknown_);
    }
    return score;
  }

 private:
  void Fill(std::span<const std::int32_t> ids) {
    slot_.layout = PackedLayout({static_cast<Index>(ids.size())});
    slot_.fields[0].ids.assign(1, before_);
    slot_.fields[0].ids.insert(slot_.fields[0].ids.end(), ids.begin(), ids.end() - 1);
    slot_.fields[1].ids.assign(ids.begin(), ids.end());
    before_ = ids.back();
  }

  const TrainedModel& trained_;
  std::int32_t unknown_;  // -1, which no symbol is, where there is none
  Index steps_;
  Workspace workspace_;
  CarriedState carried_;
  Heartbeat heartbeat_;
  SlotBatch slot_;
  std::int32_t before_;
  bool begins_ = true;
};

std::string RowOf(const std::string& name, const LineScore& score) {
  const double perplexity = std::exp(score.loss / static_cast<double>(score.symbols));
  return fmt::format("{}\t{}\t{}\t{:.6f}\t{}\n", name, score.symbols, score.unknown, score.loss,
                     score.symbols == 0 ? "" : fmt::format("{:.6g}", perplexity));
}

void ScoreFile(const std::string& path, const SymbolEncoder& encoder, TextScorer* scorer,
               std::ostream& out) {
  TextPieces pieces(path, encoder.splitter().cut());
  WorkProgress progress("predict");
  LineScore line, total;
  std::vector<std::int32_t> ids;
  out << "line\tsymbols\tunknown\tnats\tperplexity\n";
  for (TextPieces::Piece piece; pieces.Next(&piece);) {
    ids.clear();
    encoder.Append(piece, &ids);
    Add(scorer->Score(ids), &line);
    progress.Tell(pieces.share_read(),
                  [&] { return fmt::format("{} lines", pieces.line_number()); });
    if (!piece.ends_line) continue;
    Add(line, &total);
    out << RowOf(std::to_string(pieces.line_number()), line);
    line = {};
  }
  if (total.symbols > 0) {
    out << RowOf("all", total);
    return;
  }
  throw BadData(
      "{}: the text is empty, so there is nothing to score; is this the file that was meant?",
      path);
}

}  // namespace

std::span<const OptionRow> ScoreTextRows() {
  static constexpr OptionRow kRows[] = {
      {"score FILE",
       "text (UTF-8, plain or gzip) whose perplexity under a language model is written, line by "
       "line "
       "and for all of it"},
  };
  return kRows;
}

SymbolEncoder EncoderOfRun(const std::string& run, const CorpusInfo& corpus) {
  if (corpus.is_stream() && !corpus.task.empty())
    return SymbolEncoder::FromTask(corpus.task, corpus.schema.VocabularyOf(corpus.leading()), run);
  throw UsageError(
      "run {} was trained on a corpus of kind \"{}\", which is no text for language models; train "
      "one on a corpus of `lockstep prepare text --task lm`",
      run, corpus.kind);
}

ExitCode ScoreText(const Communicator& comm, const Options& options, const CorpusInfo& corpus) {
  const std::string path = options.Text("score"), run = options.Text("run");
  std::optional<SymbolEncoder> encoder;
  std::optional<TextOutput> output;
  Together(comm, [&] {
    if (options.Has("logits"))
      throw UsageError("predict: --logits does not go with --score; it goes with --corpus");
    encoder = EncoderOfRun(run, corpus);
    if (comm.rank() == 0) output.emplace(options.Maybe("out"));
  });
  const auto trained = LoadForPrediction(comm, options, corpus);
  Together(comm, [&] {
    if (comm.rank() != 0) return;
    TextScorer scorer(*trained, *encoder);
    ScoreFile(path, *encoder, &scorer, output->stream());
    output->Finish();
  });
  return ExitCode::kDone;
}

}  // namespace lockstep
