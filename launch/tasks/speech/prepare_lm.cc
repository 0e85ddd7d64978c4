#include "launch/tasks/speech/prepare_lm.h"

#include <fstream>
#include <iostream>

#include "base/line_reader.h"
#include "base/log.h"
#include "launch/frame/help.h"
#include "launch/frame/options.h"
#include "launch/output/cell_text.h"
#include "launch/output/part_file.h"
#include "worker/decode/arpa_file.h"
#include "worker/decode/ngram_estimate.h"

namespace lockstep {
namespace {

constexpr const char* kUsage =
    "Estimates an n-gram language model from text, for decoding speech.\n"
    "  lockstep prepare lm --text transcripts.txt --order 3 --out words.arpa --measure valid.txt\n"
    "The text has a sentence a line and spaces between words; it should be written as the model's\n"
    "labels are (case, no punctuation).\n";

constexpr OptionRow kRows[] = {
    {"text FILE", "text with one sentence per line, plain or gzip"},
    {"order N", "words of the longest n-gram, 1 to 3; default 3"},
    {"out FILE", "ARPA file to write"},
    {"measure FILE", "text, plain or gzip, whose perplexity under the new model is printed"},
};

OptionTable Describe() { return {kRows}; }

Index Order(const Options& options) {
  const Index highest = NgramEstimate::kHighestOrder;
  const Index order = options.Number("order", highest, 1);
  if (order > highest) {
    throw UsageError(
        "prepare lm: --order is {}; 1 to {} can be estimated, and models up to order {} of other "
        "tools can be read",
        order, highest, NgramModel::kHighestOrder);
  }
  return order;
}

void WriteModel(const NgramEstimate& estimate, const std::string& path) {
  PartFile part(path);
  std::ofstream file(part.temporary_path());
  if (!file) {
    throw IoError(fmt::format("cannot create {}: {}", path, ErrnoText()), ExitCode::kCannotCreate);
  }
  WriteArpa(estimate, &file);
  file.close();
  if (!file) throw IoError(fmt::format("cannot write {}: {}", path, ErrnoText()));
  part.Publish();
}

void PrintEstimate(const NgramEstimate& estimate, const std::string& path) {
  std::cout << fmt::format("{}: {} sentences, {} words, {} of them different\n", PathText(path),
                           estimate.sentences, estimate.tokens, estimate.vocabulary.size() - 3);
  for (std::size_t n = 1; n <= estimate.ngrams.size(); ++n) {
    std::cout << fmt::format("  {}-grams {:>10}\n", n, estimate.ngrams[n - 1].size());
  }
  if (estimate.smoothing == Smoothing::kWittenBell) {
    LogWarning("smoothed after Witten and Bell instead of Kneser and Ney, for want of text: {}",
               estimate.why_not_kneser_ney);
  }
}

void PrintPerplexity(const std::string& model, const std::string& text) {
  const TextScore score = ScoreText(ReadArpa(model), text);
  std::cout << fmt::format(
      "{}: perplexity {:.2f} over {} words and {} sentence ends, without {} unknown words\n",
      PathText(text), score.Perplexity(), score.words - score.unknown, score.sentences,
      score.unknown);
}

}  // namespace

ExitCode PrepareLm(const Arguments& arguments) {
  const Options options("prepare lm", Describe(), arguments);
  if (PrintsHelp(options, kUsage, Describe())) return ExitCode::kDone;
  const std::string text = options.Text("text"), out = options.Text("out");
  const auto measured = options.Maybe("measure");
  if (measured) GzipReader{*measured};  // fails now rather than after the model was written
  const NgramEstimate estimate = EstimateNgrams(text, Order(options));
  WriteModel(estimate, out);
  PrintEstimate(estimate, out);
  if (measured) PrintPerplexity(out, *measured);
  return ExitCode::kDone;
}

}  // namespace lockstep
