#include "launch/tasks/speech/utterance_picture.h"

#include <vector>

#include "data/speech/speech_features.h"
#include "launch/tasks/speech/spectrogram_svg.h"

namespace lockstep {

std::string PictureOf(const Pictured& pictured, const CorpusInfo& corpus) {
  const Index bins = SoundOptionsOf(corpus).mfc_width;
  std::vector<float> shown;  // without deltas
  for (std::size_t at = 0; at < pictured.features.size();
       at += static_cast<std::size_t>(pictured.width)) {
    const auto frame = pictured.features.subspan(at, static_cast<std::size_t>(bins));
    shown.insert(shown.end(), frame.begin(), frame.end());
  }
  const Index classes = static_cast<Index>(corpus.classes().size());
  const LogPosteriors posteriors(pictured.logits, classes);
  const CtcHypothesis& best = pictured.transcript->hypotheses.front();
  SpectrogramPicture picture;
  picture.title = pictured.transcript->utterance + ": " + HypothesisText(best);
  picture.features = shown;
  picture.bins = bins;
  picture.feature_seconds = FrameSecondsOf(corpus);
  picture.posteriors = &posteriors;
  picture.frame_seconds = pictured.transcript->frame_seconds;
  picture.labels = corpus.classes();
  picture.words = best.words;
  if (FeatureSourceOf(corpus) != UtteranceKind::kAudio) {
    picture.bin_name = "feature";
    picture.value_name = "value";
  }
  return SpectrogramSvg(picture);
}

}  // namespace lockstep
