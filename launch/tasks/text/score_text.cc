#include "launch/tasks/text/score_text.h"

#include <algorithm>
#include <cmath>
#include <deque>
#include <ostream>

#include "base/work_progress.h"
#include "launch/output/text_output.h"
#include "launch/run/stream_parts.h"
#include "worker/comm/together.h"

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

// Rank 0: reads a text as the parts of a stream, and writes the row of a line when all its parts
// have been scored.
class TextTable {
 public:
  TextTable(const std::string& path, const std::string& encoding, const SymbolEncoder& encoder,
            Index most_steps, std::ostream* out)
      : encoder_(encoder),
        most_steps_(static_cast<std::size_t>(most_steps)),
        out_(*out),
        pieces_(TextInput{path}, encoder.splitter().cut(), encoding),
        before_(encoder.vocabulary().start) {
    slot_.sample_ids = {0};
    slot_.fields.resize(2);
    out_ << "line\tsymbols\tunknown\tnats\tperplexity\n";
  }

  // The next part; null at the end of the text.
  const SlotBatch* Next() {
    while (left_.empty()) {
      if (!ReadPiece()) return nullptr;
    }
    Fill(left_.first(std::min(left_.size(), most_steps_)));
    left_ = left_.subspan(slot_.fields[1].ids.size());
    return &slot_;
  }

  // The sums of the oldest part that has none yet.
  void Use(const StepSums& sums) {
    line_.loss += sums.loss;
    line_.symbols += sums.targets;
    --pending_.front().parts;
    WriteLines();
  }

  // The row of the whole text. BadData if it is empty.
  void Finish() {
    if (total_.symbols > 0) return WriteRow("all", total_);
    throw BadData(
        "{}: the text is empty, so there is nothing to score; is this the file that was meant?",
        pieces_.path());
  }

 private:
  // What was read of a line at once, and how many of its parts have no sums yet.
  struct Pending {
    Index line;
    std::size_t parts;
    Index unknown;
    bool ends_line;
  };

  bool ReadPiece() {
    TextPieces::Piece piece;
    if (!pieces_.Next(&piece)) return false;
    ids_.clear();
    encoder_.Append(piece, &ids_);
    left_ = ids_;
    pending_.push_back({pieces_.line_number(), (ids_.size() + most_steps_ - 1) / most_steps_,
                        std::ranges::count(ids_, encoder_.unknown()), piece.ends_line});
    WriteLines();
    return true;
  }

  void Fill(std::span<const std::int32_t> ids) {
    slot_.layout = PackedLayout({static_cast<Index>(ids.size())});
    slot_.fields[0].ids.assign(1, before_);
    slot_.fields[0].ids.insert(slot_.fields[0].ids.end(), ids.begin(), ids.end() - 1);
    slot_.fields[1].ids.assign(ids.begin(), ids.end());
    before_ = ids.back();
  }

  void WriteLines() {
    for (; !pending_.empty() && pending_.front().parts == 0; pending_.pop_front()) {
      const Pending& done = pending_.front();
      line_.unknown += done.unknown;
      progress_.Tell(pieces_.share_read(), [&] { return fmt::format("{} lines", done.line); });
      if (!done.ends_line) continue;
      Add(line_, &total_);
      WriteRow(std::to_string(done.line), line_);
      line_ = {};
    }
  }

  void WriteRow(const std::string& name, const LineScore& score) {
    const double perplexity = std::exp(score.loss / static_cast<double>(score.symbols));
    out_ << fmt::format("{}\t{}\t{}\t{:.6f}\t{}\n", name, score.symbols, score.unknown, score.loss,
                        score.symbols == 0 ? "" : fmt::format("{:.6g}", perplexity));
  }

  const SymbolEncoder& encoder_;
  std::size_t most_steps_;
  std::ostream& out_;
  TextPieces pieces_;
  std::vector<std::int32_t> ids_;       // of the piece that was read last
  std::span<const std::int32_t> left_;  // those that are in no part yet
  std::int32_t before_;                 // the symbol before them
  SlotBatch slot_;
  std::deque<Pending> pending_;
  LineScore line_, total_;
  WorkProgress progress_{"predict"};
};

// UsageError if the file is read as bytes.
std::string EncodingOf(const Options& options, const SymbolEncoder& encoder) {
  const auto given = options.Maybe("text-encoding");
  if (given && encoder.splitter().cut() == PieceCut::kBytes)
    throw UsageError("predict: --text-encoding does not go with a run whose symbols are bytes");
  return given.value_or(kUtf8);
}

}  // namespace

std::span<const OptionRow> ScoreTextRows() {
  static constexpr OptionRow kRows[] = {
      {"score FILE",
       "text (plain or gzip), or - for standard input, whose perplexity under a language model is "
       "written, line by line and for all of it"},
      Rare({"text-encoding NAME",
            "encoding of the file that --score names, a name that `iconv -l` prints; default "
            "UTF-8"}),
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
  std::string encoding;
  std::optional<TextOutput> output;
  int threads = 1;
  Together(comm, [&] {
    if (options.Has("logits"))
      throw UsageError("predict: --logits does not go with --score; it goes with --corpus");
    threads = static_cast<int>(options.Number("threads", 1, 1));
    encoder = EncoderOfRun(run, corpus);
    encoding = EncodingOf(options, *encoder);
    if (comm.rank() == 0) output.emplace(options.Maybe("out"));
  });
  const auto trained = LoadForPrediction(comm, options, corpus);
  std::optional<TextTable> table;
  Together(comm, [&] {
    if (comm.rank() != 0) return;
    table.emplace(path, encoding, *encoder, StepsAtOnce(*trained->model), &output->stream());
  });
  EvaluateParts(comm, *trained, threads,
                {.next = [&] { return table->Next(); },
                 .use = [&](const StepSums& sums) { table->Use(sums); }});
  Together(comm, [&] {
    if (comm.rank() != 0) return;
    table->Finish();
    output->Finish();
  });
  return ExitCode::kDone;
}

}  // namespace lockstep
