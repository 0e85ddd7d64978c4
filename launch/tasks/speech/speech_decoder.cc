#include "launch/tasks/speech/speech_decoder.h"

#include <charconv>
#include <cmath>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "worker/decode/arpa_file.h"
#include "worker/decode/ctc_greedy.h"

namespace lockstep {
namespace {

constexpr const char* kBeamOptions[] = {"lm", "words", "beam", "n-best", "lm-weight", "word-bonus"};

constexpr double kHighestWeight = 1e6;  // larger ones drown what was heard, or overflow

double Real(const Options& options, const std::string& name, double otherwise, double lowest) {
  const auto text = options.Maybe(name);
  if (!text) return otherwise;
  double value = 0;
  const auto [rest, error] = std::from_chars(text->data(), text->data() + text->size(), value);
  if (error == std::errc() && rest == text->data() + text->size() && std::isfinite(value) &&
      value >= lowest && value <= kHighestWeight) {
    return value;
  }
  throw UsageError("--{} is \"{}\"; allowed is a number {} to {}", name, *text, lowest,
                   kHighestWeight);
}

LabelKind KindOf(const CorpusInfo& corpus) {
  if (!corpus.has_target_lists() || corpus.units.empty()) {
    throw UsageError("a corpus of kind \"{}\" has no transcripts to decode", corpus.kind);
  }
  const std::string kind =
      nlohmann::json::parse(corpus.units).value("kind", std::string("letters"));
  if (kind == "letters") return LabelKind::kLetters;
  if (kind == "words") return LabelKind::kWords;
  if (kind == "pieces") return LabelKind::kPieces;
  throw BadData("corpus: units of kind \"{}\"; this program knows letters, words and pieces", kind);
}

bool UsesBeam(const Options& options) {
  const std::string decoder = options.Maybe("decoder").value_or(
      options.Has("lm") || options.Has("words") || options.Has("n-best") ? "beam" : "greedy");
  if (decoder != "greedy" && decoder != "beam") {
    throw UsageError("--decoder is \"{}\"; allowed are greedy and beam", decoder);
  }
  for (const char* name : kBeamOptions) {
    if (decoder == "greedy" && options.Has(name)) {
      throw UsageError("--{} goes with --decoder beam", name);
    }
  }
  return decoder == "beam";
}

}  // namespace

void AddDecoderOptions(Options::Description* description) {
  namespace po = boost::program_options;
  description->add_options()("decoder", po::value<std::string>(),
                             "transcripts: greedy (default without --lm, --words) or beam")(
      "lm", po::value<std::string>(), "beam: n-gram language model, ARPA, plain or gzip")(
      "words", po::value<std::string>(), "beam: file of the words that may be written, one a line")(
      "beam", po::value<std::string>(), "beam: labellings kept; default 32")(
      "lm-weight", po::value<std::string>(), "beam: weight of the language model; default 0.75")(
      "word-bonus", po::value<std::string>(),
      "beam with language model: added for each word; default 1")(
      "n-best", po::value<std::string>(), "beam: hypotheses given; default 1");
}

std::vector<std::string> DecoderOptionsGiven(const Options& options) {
  std::vector<std::string> given;
  if (options.Has("decoder")) given.push_back("decoder");
  for (const char* name : kBeamOptions) {
    if (options.Has(name)) given.push_back(name);
  }
  return given;
}

SpeechDecoder::SpeechDecoder(const Options& options, const CorpusInfo& corpus)
    : labels_(corpus.classes(), KindOf(corpus)) {
  if (!UsesBeam(options)) return;
  beam_options_.beam = options.Number("beam", beam_options_.beam, 1);
  beam_options_.hypotheses = options.Number("n-best", 1, 1);
  beam_options_.language_weight = Real(options, "lm-weight", beam_options_.language_weight, 0);
  beam_options_.unit_bonus = Real(options, "word-bonus", beam_options_.unit_bonus, -kHighestWeight);
  language_path_ = options.Maybe("lm").value_or("");
  if (!language_path_.empty()) language_ = ReadArpa(language_path_);
  if (const auto path = options.Maybe("words")) words_ = WordList::Read(*path, labels_.names());
  beam_.emplace(
      DecoderKnowledge{&labels_, language_ ? &*language_ : nullptr, words_ ? &*words_ : nullptr},
      beam_options_);
}

std::vector<CtcHypothesis> SpeechDecoder::Decode(const LogPosteriors& posteriors) const {
  if (beam_) return beam_->Decode(posteriors);
  return {BestPath(posteriors)};
}

CtcHypothesis SpeechDecoder::BestPath(const LogPosteriors& posteriors) const {
  const std::vector<CtcLabel> path = DecodeGreedy(posteriors);
  CtcHypothesis found;
  for (const CtcLabel& label : path) {
    found.labels.push_back(label.label);
    found.acoustic += std::log(label.confidence);
  }
  for (const LabelRange& range : labels_.Words(found.labels)) {
    const auto word = std::span(path).subspan(static_cast<std::size_t>(range.begin),
                                              static_cast<std::size_t>(range.count()));
    double confidence = 0;
    for (const CtcLabel& label : word) confidence += std::log(label.confidence);
    const auto labels = std::span(found.labels)
                            .subspan(static_cast<std::size_t>(range.begin),
                                     static_cast<std::size_t>(range.count()));
    found.words.push_back({labels_.Text(labels), word.front().first_frame, word.back().last_frame,
                           std::exp(confidence / static_cast<double>(word.size()))});
  }
  found.total = found.acoustic;
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
