#include "launch/tasks/speech/speech_parts.h"

#include <fmt/format.h>

#include "data/corpus/sample_shards.h"
#include "data/speech/speech_features.h"
#include "launch/output/svg_text.h"
#include "launch/output/wide_picture.h"
#include "launch/run/label_texts.h"
#include "launch/tasks/speech/speech_recognition.h"
#include "launch/tasks/speech/utterance_picture.h"

namespace lockstep {
namespace {

constexpr Index kUtterances = 8;
constexpr Index kPictures = 2;
constexpr double kMostSeconds = 20;  // of an utterance that is drawn

}  // namespace

ReportParts MakeSpeechParts(const Communicator& comm, const SplitTest& test) {
  if (test.folder.empty() || !HasLabelTexts(*test.corpus)) return {};
  const CorpusInfo& corpus = *test.corpus;
  const SpeechDecoder decoder(Options("report", {DecoderRows()}, {}), corpus);
  SampleShards samples(test.folder, corpus, corpus.Split(test.split));
  const double step_seconds =
      FrameSecondsOf(corpus) * static_cast<double>(test.trained->stream.frames.stride);
  std::string rows, pictures;
  Index drawn = 0;
  const auto use = [&](const RecognisedUtterance& utterance) {
    const Transcript transcript{samples.NameOf(utterance.sample_id), 0, step_seconds,
                                utterance.hypotheses};
    rows += fmt::format("<tr><td>{}</td><td>{}</td><td>{}</td></tr>\n",
                        XmlText(transcript.utterance), XmlText(utterance.reference),
                        XmlText(HypothesisText(utterance.hypotheses.front())));
    const auto features = samples.FeaturesOf(utterance.sample_id);
    const double seconds = FrameSecondsOf(corpus) * static_cast<double>(std::ssize(features)) /
                           static_cast<double>(corpus.leading().width);
    if (drawn == kPictures || seconds > kMostSeconds) return;
    ++drawn;
    pictures += WidePicture(
        PictureOf({features, corpus.leading().width, utterance.logits, &transcript}, corpus));
  };
  RecogniseSplit(comm, "report utterances", {test.folder, &corpus, test.split, kUtterances},
                 *test.trained, decoder, test.threads, kUtterances, use);
  ReportParts parts = {
      {"Transcripts", fmt::format("<p>The first utterances of split {}, recognised by {}, {}.</p>\n"
                                  "<div class=\"wide\"><table>\n<tr><th>utterance</th><th>said</th>"
                                  "<th>recognised</th></tr>\n{}</table></div>\n",
                                  XmlText(test.split), XmlText(Describe(*test.trained)),
                                  decoder.Describe(), rows)}};
  if (drawn > 0) parts.push_back({"Spectrograms and posteriors", pictures});
  return parts;
}

}  // namespace lockstep
