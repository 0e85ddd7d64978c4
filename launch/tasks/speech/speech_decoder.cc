#include "launch/tasks/speech/speech_decoder.h"

#include <charconv>
#include <cmath>

#include "base/error.h"
#include "base/log.h"
#include "launch/run/label_texts.h"
#include "launch/tasks/speech/known_transcripts.h"
#include "worker/decode/arpa_file.h"
#include "worker/decode/ctc_align.h"
#include "worker/decode/ctc_greedy.h"
#include "worker/decode/decoder_fit.h"

namespace lockstep {
namespace {

constexpr const char* kBeamOptions[] = {"lm", "words", "beam", "n-best", "lm-weight", "word-bonus"};
constexpr double kHighestWeight = 1e6;  // larger ones drown what was heard, or overflow

DecoderLabels LabelsOf(const CorpusInfo& corpus) {
  if (HasLabelTexts(corpus)) return DecoderLabelsOf(corpus);
  throw UsageError("a corpus of kind \"{}\" has no transcripts to decode", corpus.kind);
}

bool UsesBeam(const Options& options) {
  const std::string decoder = options.Maybe("decoder").value_or(
      options.Has("lm") || options.Has("words") ? "beam" : "greedy");
  if (decoder != "greedy" && decoder != "beam") {
    throw UsageError("--decoder is \"{}\"; allowed are greedy and beam", decoder);
  }
  for (const char* name : kBeamOptions) {
    if (decoder == "greedy" && options.Has(name)) {
      throw UsageError("--{} goes with --decoder beam (the default with --lm or --words)", name);
    }
  }
  for (const char* name : {"lm-weight", "word-bonus"}) {
    if (options.Has(name) && !options.Has("lm"))
      throw UsageError("--{} goes with --lm, the language model that it weighs", name);
  }
  return decoder == "beam";
}

}  // namespace

std::span<const OptionRow> DecoderRows() {
  static constexpr OptionRow kRows[] = {
      {"decoder NAME",
       "search for transcripts: greedy or beam; default beam with --lm or --words, else greedy"},
      {"lm FILE", "n-gram language model for the beam search, an ARPA file, plain or gzip"},
      {"words FILE",
       "file of the only words that transcripts may have, one per line (beam search)"},
      {"beam N",
       "labellings that the beam search keeps after each step, from 1 to 100000; "
       "default 32"},
      Rare({"lm-weight X", "weight of the language model in the beam search; default 0.75"}),
      Rare({"word-bonus X",
            "added to the score of a transcript for each of its words, with a language model; "
            "default 1"}),
  };
  return kRows;
}

SpeechDecoder::SpeechDecoder(const Options& options, const CorpusInfo& corpus)
    : aligns_(options.Has("align")),
      wants_scores_(options.Maybe("format") == "jsonl" && !options.Has("stream")),
      labels_(LabelsOf(corpus)) {
  if (!UsesBeam(options)) return;
  constexpr Index kMost = CtcBeamOptions::kMostBeam;  // the memory of the search grows with both
  beam_options_.beam = options.Number("beam", beam_options_.beam, 1, kMost);
  beam_options_.hypotheses = options.Number("n-best", 1, 1, kMost);
  beam_options_.language_weight =
      options.Real("lm-weight", beam_options_.language_weight, 0, kHighestWeight);
  beam_options_.unit_bonus =
      options.Real("word-bonus", beam_options_.unit_bonus, -kHighestWeight, kHighestWeight);
  language_path_ = options.Maybe("lm").value_or("");
  if (!language_path_.empty()) language_ = ReadArpa(language_path_);
  const std::string words_path = options.Maybe("words").value_or("");
  if (!words_path.empty()) words_ = WordList::Read(words_path, labels_.names());
  const DecoderFiles files{language_ ? &*language_ : nullptr, language_path_,
                           words_ ? &*words_ : nullptr, words_path};
  for (const std::string& warning : CheckDecoderFiles(labels_, files)) {
    LogSharedWarning("{}", warning);
  }
  beam_.emplace(
      DecoderKnowledge{&labels_, language_ ? &*language_ : nullptr, words_ ? &*words_ : nullptr},
      beam_options_);
}

std::vector<CtcHypothesis> SpeechDecoder::Decode(const LogPosteriors& posteriors) const {
  if (beam_) return beam_->Decode(posteriors);
  CtcHypothesis found = WordsOf(DecodeGreedy(posteriors));
  if (wants_scores_)
    found.acoustic = found.total = LabellingLogProbability(posteriors, found.labels);
  return {std::move(found)};
}

CtcHypothesis SpeechDecoder::Align(const LogPosteriors& posteriors,
                                   const std::vector<Index>& labels) const {
  CheckAlignable(posteriors, labels);
  const std::vector<CtcLabel> path = AlignLabels(posteriors, labels);
  if (path.empty() && !labels.empty()) {
    throw BadData("its {} labels cannot be aligned: the model gives some of them probability 0",
                  labels.size());
  }
  CtcHypothesis found = WordsOf(path);
  found.acoustic = found.total = LabellingLogProbability(posteriors, labels);
  return found;
}

CtcHypothesis SpeechDecoder::WordsOf(std::span<const CtcLabel> path) const {
  CtcHypothesis found;
  for (const CtcLabel& label : path) found.labels.push_back(label.label);
  for (const LabelRange& range : labels_.Words(found.labels)) {
    const auto word = path.subspan(static_cast<std::size_t>(range.begin),
                                   static_cast<std::size_t>(range.count()));
    double confidence = 0;
    for (const CtcLabel& label : word) confidence += std::log(label.confidence);
    const auto labels = std::span(found.labels)
                            .subspan(static_cast<std::size_t>(range.begin),
                                     static_cast<std::size_t>(range.count()));
    found.words.push_back({labels_.Text(labels), word.front().first_frame, word.back().last_frame,
                           std::exp(confidence / static_cast<double>(word.size()))});
  }
  return found;
}

std::string SpeechDecoder::Text(std::span<const Index> labels) const {
  std::string text;
  for (const LabelRange& range : labels_.Words(labels)) {
    if (!text.empty()) text += ' ';
    text += labels_.Text(labels.subspan(static_cast<std::size_t>(range.begin),
                                        static_cast<std::size_t>(range.count())));
  }
  return text;
}

std::string SpeechDecoder::Describe() const {
  if (aligns_) return "the known words aligned";
  if (!beam_) return "greedy";
  std::string text = fmt::format("beam {}", beam_options_.beam);
  if (words_) text += fmt::format(", {} words", words_->words());
  if (language_) {
    text += fmt::format(", language model {} (weight {}, bonus {})", language_path_,
                        beam_options_.language_weight, beam_options_.unit_bonus);
  }
  return text;
}

}  // namespace lockstep
