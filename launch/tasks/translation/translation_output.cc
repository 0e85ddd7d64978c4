#include "launch/tasks/translation/translation_output.h"

#include "base/durable_file.h"
#include "base/log.h"
#include "launch/tasks/translation/attention_svg.h"
#include "launch/tasks/translation/search_options.h"

namespace lockstep {
namespace {

constexpr Index kMostPictures = 100;

}  // namespace

Index HypothesesOf(const Options& options) { return options.Number("n-best", 1, 1, kMostBeam); }

TranslationOutput::TranslationOutput(const Options& options, const PairEncoder& encoder)
    : encoder_(encoder),
      writer_(encoder, ParseTranslationFormat(options.Maybe("format").value_or("text")),
              HypothesesOf(options) > 1),
      text_(options.Maybe("out")),
      pictures_(options.Maybe("attention").value_or("")) {
  if (!pictures_.empty()) MakeFolder(pictures_);
}

void TranslationOutput::Write(Index line, const std::string& source,
                              const std::vector<std::int32_t>& ids,
                              std::span<const std::string> words,
                              const std::vector<Hypothesis>& hypotheses) {
  writer_.Write(line, source, words, hypotheses, &text_.stream());
  if (pictures_.empty() || hypotheses.empty() || hypotheses.front().attention.empty()) return;
  if (pictures_written_ == kMostPictures) {
    LogWarning("only the first {} translations get a picture in {}", kMostPictures, pictures_);
  }
  if (pictures_written_++ < kMostPictures) WritePicture(line, source, ids, hypotheses.front());
}

void TranslationOutput::WritePicture(Index line, const std::string& source,
                                     const std::vector<std::int32_t>& ids, const Hypothesis& best) {
  AttentionPicture picture;
  picture.title = fmt::format("{}: {} -> {}", line, source, encoder_.TargetText(best.tokens));
  picture.source = encoder_.SourceTokens(ids);
  picture.target = encoder_.TargetTokens(best.tokens);
  if (best.ended) picture.target.emplace_back(kSequenceEndName);
  picture.attention = best.attention;
  ReplaceDurably(fmt::format("{}/line-{:06}.svg", pictures_, line), AttentionSvg(picture));
}

void TranslationOutput::Finish() { text_.Finish(); }

}  // namespace lockstep
