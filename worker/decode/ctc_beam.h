// Prefix beam search for CTC: the likeliest labelling, summed over the paths that give it, with an
// n-gram language model and a word list if wanted. Graves 2012, "Supervised sequence labelling with
// recurrent neural networks", section 7.5; Hannun et al. 2014 (arXiv:1408.2873), algorithm 1. All
// in logarithms and double.
//
//   total(labelling) = log p(labelling | frames)
//                      + language_weight * log p(its units) + unit_bonus * number of its units
//
// Units are the words when labels are letters, scored as soon as they are complete; else the
// labels. The two last terms are there with a language model only.
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
  // Labellings kept after each frame; >= 1. Time grows with it, errors fall up to some 100.
  Index beam = 32;
  // In a frame, labellings grow by its likeliest labels only: so many of them, >= 1 ...
  Index labels_per_frame = 40;
  // ... and those with at least this posterior, 0 <= x < 1. Most frames of a trained model have one
  // or two. That a label lasts is always followed.
  double label_posterior = 1e-4;
  // Labellings whose total is so far below the best are dropped; natural logarithm, > 0.
  double margin = 25;
  // Hypotheses returned at most; >= 1.
  Index hypotheses = 1;
  // Both are to be tuned on validation data; 0.5 to 2 and 0 to 3 are usual. weight >= 0.
  double language_weight = 0.75;
  double unit_bonus = 1;
  // Whether the language model scores the end of the sequence, too.
  bool score_end = true;
};

struct DecodedWord {
  std::string text;
  Index first_frame = 0;  // of its first label on the likeliest path, inclusive
  Index last_frame = 0;   // of its last label, inclusive
  // Geometric mean over its labels of the highest CTC posterior of each in its frames. The language
  // model has no part in it: a word that it put against the frames has a low one.
  double confidence = 0;
};

struct CtcHypothesis {
  std::vector<Index> labels;  // of labellings with the same words, the one with the best total
  std::vector<DecodedWord> words;
  double acoustic = 0;  // log p(labelling | frames), summed over labellings with the same words
  double language = 0;  // log p of its units, not weighted; 0 without a language model
  double total = 0;
};

class CtcBeamDecoder {
 public:
  // What `knowledge` points to must outlive the decoder. UsageError naming all options that are out
  // of range.
  CtcBeamDecoder(const DecoderKnowledge& knowledge, const CtcBeamOptions& options);

  // The best hypotheses, best first, no two of the same words; at least one. Equal totals and
  // everything that is cut are ordered by label numbers. When all labellings of the beam end in the
  // midst of a word of the list, that word is left out. Any number of threads may call.
  std::vector<CtcHypothesis> Decode(const LogPosteriors& posteriors) const;

 private:
  DecoderKnowledge knowledge_;
  CtcBeamOptions options_;
};

}  // namespace lockstep
