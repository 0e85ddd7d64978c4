// Prefix beam search for CTC: finds the likeliest labelling, whose probability is the sum over all
// paths that give it; optionally with an n-gram language model and a word list. Graves 2012,
// "Supervised sequence labelling with recurrent neural networks", section 7.5; Hannun et al. 2014
// (arXiv:1408.2873), algorithm 1. Computes in logarithms and double.
//
// The search goes through the frames. After each frame it keeps a number of labellings (the beam),
// each with the probability of all its paths up to there. In the next frame each of them may stay
// the same (a blank, or the last label goes on) or grow by one label; paths that lead to the same
// labelling are added, and the best labellings are kept. The score of a labelling is
//
//   total(labelling) = log p(labelling | frames)
//                      + language_weight * log p(its units) + unit_bonus * number of its units
//
// Units are the words if labels are letters, each scored as soon as it is complete; otherwise they
// are the labels. Without a language model, the last two terms are missing.
//
//   const CtcBeamDecoder decoder({&labels, &language_model, nullptr}, {});
//   const auto hypotheses = decoder.Decode(LogPosteriors(logits, labels.classes()));
#pragma once

#include <string>
#include <vector>

#include "worker/decode/log_posteriors.h"
#include "worker/decode/prefix_tree.h"

namespace lockstep {

struct CtcBeamOptions {
  // Far above what lowers errors, and far below what exhausts memory or overflows.
  static constexpr Index kMostBeam = 100000;

  // The number of labellings kept after each frame; 1 to kMostBeam. Time and memory grow with it;
  // errors fall up to about 100.
  Index beam = 32;
  // In each frame, labellings may grow by the likeliest labels of the frame only, at most this many
  // of them; >= 1.
  Index labels_per_frame = 40;
  // Labellings may grow only by labels with at least this posterior in the frame; 0 <= x < 1. Most
  // frames of a trained model have one or two such labels. That the last label continues is always
  // considered.
  double label_posterior = 1e-4;
  // Labellings whose total is more than this below the best are dropped; natural logarithm, > 0.
  double margin = 25;
  // The most hypotheses returned; 1 to kMostBeam.
  Index hypotheses = 1;
  // Weight of the language model; >= 0, usually 0.5 to 2. Should be tuned on validation data.
  double language_weight = 0.75;
  // Added to the total for each unit; usually 0 to 3. Should be tuned on validation data.
  double unit_bonus = 1;
  // True if the language model also scores the end of the sequence.
  bool score_end = true;
};

struct DecodedWord {
  std::string text;
  Index first_frame = 0;  // first frame of its first label on the likeliest path
  Index last_frame = 0;   // last frame (inclusive) of its last label on that path
  // The geometric mean over the word's labels of each label's highest CTC posterior in its frames.
  // The language model has no part in it, so a word that it chose against the frames has a low one.
  double confidence = 0;
};

struct CtcHypothesis {
  std::vector<Index> labels;  // the labelling with the best total of those with the same words
  std::vector<DecodedWord> words;
  double acoustic = 0;  // log p(labelling | frames), summed over labellings with the same words
  double language = 0;  // log p of its units before weighting; 0 without a language model
  double total = 0;
};

class CtcBeamDecoder {
 public:
  // What `knowledge` points to must outlive the decoder. UsageError that lists all options that are
  // out of range.
  CtcBeamDecoder(const DecoderKnowledge& knowledge, const CtcBeamOptions& options);

  // Returns the best hypotheses, best first, no two with the same words; at least one. Equal totals
  // are ordered by label numbers, also where the beam is cut. If all labellings of the beam end
  // inside a word of the word list, the unfinished word is left out. Several threads may call this
  // at the same time.
  std::vector<CtcHypothesis> Decode(const LogPosteriors& posteriors) const;

 private:
  DecoderKnowledge knowledge_;
  CtcBeamOptions options_;
};

}  // namespace lockstep
