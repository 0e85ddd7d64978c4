// From the scores of a CTC model to words, as the user wants it done: options of evaluate and
// predict, and the decoder they ask for.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "data/corpus/shard_format.h"
#include "launch/frame/options.h"
#include "worker/decode/ctc_beam.h"
#include "worker/decode/ctc_greedy.h"

namespace lockstep {

// --decoder, --lm, --words and the numbers that go with them; --n-best is for predict alone.
std::span<const OptionRow> DecoderRows();

class SpeechDecoder {
 public:
  // UsageError where options do not go together, or the corpus has no transcripts; MissingInput and
  // BadData for language model and word list.
  SpeechDecoder(const Options& options, const CorpusInfo& corpus);
  SpeechDecoder(const SpeechDecoder&) = delete;  // the search points at model and list
  SpeechDecoder& operator=(const SpeechDecoder&) = delete;

  const DecoderLabels& labels() const { return labels_; }
  // Best first, at least one. The probability of the one that is found without a beam is computed
  // for JSON lines only, which write it. Any number of threads may call.
  std::vector<CtcHypothesis> Decode(const LogPosteriors& posteriors) const;
  // The most that Decode gives: --n-best.
  Index most_hypotheses() const { return beam_ ? beam_options_.hypotheses : 1; }
  // --align: the words are known, and only their times are to be found.
  bool aligns() const { return aligns_; }
  // The known labels on their likeliest path; `acoustic` is the logarithm of their probability,
  // over all paths. BadData if there is no path. Any number of threads may call.
  CtcHypothesis Align(const LogPosteriors& posteriors, const std::vector<Index>& labels) const;
  // The words of labels, with spaces between.
  std::string Text(std::span<const Index> labels) const;
  // "greedy", "beam 32, language model x.arpa (weight 0.75, bonus 1)": for messages.
  std::string Describe() const;

 private:
  CtcHypothesis WordsOf(std::span<const CtcLabel> path) const;  // without probabilities

  bool aligns_ = false, wants_scores_ = false;
  DecoderLabels labels_;
  std::string language_path_;
  std::optional<NgramModel> language_;
  std::optional<WordList> words_;
  CtcBeamOptions beam_options_;
  std::optional<CtcBeamDecoder> beam_;  // none: best path
};

}  // namespace lockstep
