#include "launch/tasks/translation/translation_parts.h"

#include <fmt/format.h>

#include <algorithm>

#include "data/translation/pair_encoder.h"
#include "data/translation/references.h"
#include "launch/output/svg_text.h"
#include "launch/output/wide_picture.h"
#include "launch/tasks/translation/attention_svg.h"
#include "launch/tasks/translation/split_translation.h"

namespace lockstep {
namespace {

constexpr Index kSentences = 8;
constexpr Index kPictures = 3;
constexpr std::size_t kMostTokens = 40;  // of a sentence whose attention is drawn

struct Sample {
  std::vector<std::int32_t> source;
  Hypothesis best;
};

std::vector<Sample> TranslateFirst(const Communicator& comm, const SplitTest& test,
                                   const PairEncoder& encoder) {
  SearchOptions search;
  search.keep_attention = true;
  Translator translator({test.trained}, encoder.target_words(), search, test.threads);
  std::vector<Sample> samples;
  TranslateSplit(
      comm, "report translations",
      {test.folder, test.corpus, test.split, test.trained->stream, test.threads, kSentences},
      &translator,
      [&](Index, const std::vector<std::int32_t>& source,
          const std::vector<Hypothesis>& hypotheses) {
        samples.push_back({source, hypotheses.front()});
      });
  return samples;
}

std::string Spaced(const std::vector<std::string>& tokens) {
  std::string text;
  for (const std::string& token : tokens)
    if (token != kSequenceEndName) text += (text.empty() ? "" : " ") + token;
  return text;
}

ReportPart TextsPart(const std::vector<Sample>& samples, const PairEncoder& encoder,
                     const std::vector<std::string>& references, const SplitTest& test) {
  std::string html = fmt::format(
      "<p>The first sentences of split {}, translated by {}.</p>\n<div class=\"wide\"><table>\n"
      "<tr><th>source, as tokens</th><th>translation</th><th>reference</th></tr>\n",
      XmlText(test.split), XmlText(Describe(*test.trained)));
  for (std::size_t i = 0; i < samples.size(); ++i) {
    const std::string reference = i < references.size() ? references[i] : "";
    html += fmt::format("<tr><td>{}</td><td>{}</td><td>{}</td></tr>\n",
                        XmlText(Spaced(encoder.SourceTokens(samples[i].source))),
                        XmlText(encoder.TargetText(samples[i].best.tokens)), XmlText(reference));
  }
  return {"Translations", html + "</table></div>\n"};
}

ReportPart AttentionPart(const std::vector<Sample>& samples, const PairEncoder& encoder) {
  std::string html =
      "<p>A row for each token that was written, a column for each token of the source; darker "
      "where more of the context came from.</p>\n";
  Index drawn = 0;
  for (const Sample& sample : samples) {
    const auto& attention = sample.best.attention;
    if (drawn == kPictures || attention.empty() || attention.front().empty()) continue;
    AttentionPicture picture;
    picture.title = "attention of a translation";
    picture.source = encoder.SourceTokens(sample.source);
    picture.target = encoder.TargetTokens(sample.best.tokens);
    if (sample.best.ended) picture.target.emplace_back(kSequenceEndName);
    picture.attention = attention;
    if (std::max(picture.source.size(), picture.target.size()) > kMostTokens) continue;
    html += WidePicture(AttentionSvg(picture));
    ++drawn;
  }
  return {"Attention", drawn == 0 ? "" : html};
}

}  // namespace

ReportParts MakeTranslationParts(const Communicator& comm, const SplitTest& test) {
  if (test.folder.empty()) return {};
  const PairEncoder encoder =
      PairEncoder::FromTask(test.corpus->task, test.corpus->schema, test.folder);
  const std::vector<Sample> samples = TranslateFirst(comm, test, encoder);
  const std::vector<std::string> references = ReadReferences(test.folder, *test.corpus, test.split);
  ReportParts parts = {TextsPart(samples, encoder, references, test)};
  ReportPart attention = AttentionPart(samples, encoder);
  if (!attention.html.empty()) parts.push_back(std::move(attention));
  return parts;
}

}  // namespace lockstep
