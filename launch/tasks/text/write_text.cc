#include "launch/tasks/text/write_text.h"

#include <algorithm>
#include <iostream>
#include <ostream>

#include "base/error.h"
#include "base/log.h"
#include "base/rank_status.h"
#include "base/utf8.h"
#include "launch/output/text_output.h"
#include "launch/run/step_predictor.h"
#include "launch/tasks/text/score_text.h"
#include "worker/comm/together.h"

namespace lockstep {
namespace {

constexpr OptionRow kRows[] = {
    {"top-k N", "draws each symbol from the N likeliest ones only; default 0, all"},
    {"top-p SHARE",
     "draws each symbol from the likeliest ones that together have this share of the probability, "
     "above 0 to 1; default 1"},
};

// Tells once what of the prefix the model cannot know.
void WarnOfUnknown(std::vector<std::string> unknown, const SymbolEncoder& encoder) {
  constexpr std::size_t kShown = 10;
  std::ranges::sort(unknown);
  unknown.erase(std::unique(unknown.begin(), unknown.end()), unknown.end());
  if (unknown.empty()) return;
  const std::size_t more = unknown.size() - std::min(kShown, unknown.size());
  unknown.resize(unknown.size() - more);
  LogSharedWarning("--prefix has what is no symbol of the run, and is read as {}: \"{}\"{}",
                   encoder.vocabulary().names[static_cast<std::size_t>(encoder.unknown())],
                   fmt::join(unknown, "\", \""),
                   more > 0 ? fmt::format(", and {} more", more) : "");
}

// The symbols of a text that is no file; its last line has no end.
std::vector<std::int32_t> SymbolsOf(const std::string& text, const SymbolEncoder& encoder) {
  for (std::string_view rest = text; !rest.empty();) {
    if (FirstCodePoint(rest).empty() && encoder.splitter().cut() != PieceCut::kBytes)
      throw UsageError("generate: --prefix is not valid UTF-8");
    rest.remove_prefix(std::max<std::size_t>(1, FirstCodePoint(rest).size()));
  }
  std::vector<std::int32_t> ids;
  std::vector<std::string> unknown;
  for (std::string_view rest = text; !rest.empty();) {
    const std::size_t end = rest.find('\n');
    const bool has_end = end != std::string_view::npos;
    const TextPieces::Piece piece{rest.substr(0, end), has_end, has_end};
    encoder.Append(piece, &ids);
    encoder.AddUnknown(piece, &unknown);
    rest.remove_prefix(has_end ? end + 1 : rest.size());
  }
  WarnOfUnknown(std::move(unknown), encoder);
  return ids;
}

WritingOptions WritingOf(const Options& options, const SymbolEncoder& encoder) {
  constexpr double kHottest = 100;
  WritingOptions writing;
  writing.samples = options.Number("samples", writing.samples, 1);
  writing.length = options.Number("length", writing.length, 1);
  writing.draw.seed = static_cast<std::uint64_t>(options.Number("seed", 1, 0));
  writing.draw.temperature = options.Real("temperature", 1, 0, kHottest);
  writing.draw.top_k = options.Number("top-k", 0, 0);
  writing.draw.top_p = options.Real("top-p", 1, 0, 1);
  if (writing.draw.top_p == 0)
    throw UsageError("generate: --top-p is 0; allowed are shares above 0 to 1");
  writing.prefix = SymbolsOf(options.Maybe("prefix").value_or(""), encoder);
  return writing;
}

}  // namespace

void WriteSample(const TrainedModel& trained, const SymbolEncoder& encoder,
                 const WritingOptions& options, Index sample, std::ostream& out) {
  StepPredictor predictor(trained, 1);
  SymbolDraw draw(options.draw);
  SymbolSpeller speller(encoder);
  const Index given = std::ssize(options.prefix), steps = given + options.length;
  std::int32_t before = encoder.vocabulary().start;
  std::string text;
  for (Index step = 0; step < steps; ++step) {
    predictor.inputs()[0] = before;
    const std::span<const float> scores = predictor.Next();
    before = step < given ? options.prefix[static_cast<std::size_t>(step)]
                          : draw.Draw(scores, sample, step);
    text = speller.Next(before);
    out << text << std::flush;
    Status().Beat();
  }
  if (!text.ends_with('\n')) out << "\n";
}

std::span<const OptionRow> WriteTextRows() { return kRows; }

ExitCode WriteText(const Communicator& comm, const Options& options, const CorpusInfo& corpus) {
  std::optional<SymbolEncoder> encoder;
  WritingOptions writing;
  std::optional<TextOutput> output;
  Together(comm, [&] {
    encoder = EncoderOfRun(options.Text("run"), corpus);
    writing = WritingOf(options, *encoder);
    if (comm.rank() == 0) output.emplace(options.Maybe("out"));
  });
  const auto trained = LoadForPrediction(comm, options, corpus);
  Together(comm, [&] {
    if (comm.rank() != 0) return;
    for (Index sample = 0; sample < writing.samples; ++sample) {
      if (sample > 0) output->stream() << "\n";  // a blank line between two texts
      WriteSample(*trained, *encoder, writing, sample, output->stream());
    }
    output->Finish();
  });
  return ExitCode::kDone;
}

}  // namespace lockstep
