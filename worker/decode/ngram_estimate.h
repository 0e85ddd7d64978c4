// Estimates an n-gram model from text and writes it as ARPA, so that decoding with a language model
// needs no other toolkit.
//
// Interpolated modified Kneser-Ney (Chen and Goodman 1998, section 4.1.6; discounts equation 26):
//   p(w | h) = max(0, c(h w) - D(c(h w))) / c(h .) + gamma(h) p(w | h without its first word)
//   gamma(h) = (D1 N1(h) + D2 N2(h) + D3 N3+(h)) / c(h .)
// In the highest order, and for n-grams that begin with <s>, c is the number of occurrences; for
// other n-grams of lower orders it is the number of different words that precede them. The 1-grams
// are interpolated with the uniform distribution over all words, </s> and <unk>, so that <unk> has
// a probability, as `lmplz` of KenLM does (Heafield et al. 2013).
//
// If the counts of counts leave a discount undefined (in small or artificial texts: no n-gram that
// occurs once, or a discount outside 0 < D_k <= k), all orders are smoothed after Witten and Bell
// instead (1991; interpolated, Chen and Goodman section 2.4):
//   p(w | h) = (c(h w) + N1+(h) p(w | h without its first word)) / (c(h .) + N1+(h))
#pragma once

#include <array>
#include <iosfwd>
#include <string>
#include <vector>

#include "base/types.h"
#include "worker/decode/ngram_model.h"

namespace lockstep {

enum class Smoothing { kKneserNey, kWittenBell };

// An estimated model: n-grams of each order in ascending order of their words' numbers.
struct NgramEstimate {
  static constexpr std::size_t kHighestOrder = 3;
  using Words = std::array<NgramModel::Word, kHighestOrder>;

  struct Ngram {
    Words words{};  // only the first n are used
    Index count = 0;
    double log_prob = 0;  // natural
    double backoff = 0;   // natural; 0 if no n-gram of the next order begins with this one
  };

  std::vector<std::string> vocabulary;     // <unk>, <s>, </s>, then in byte order
  std::vector<std::vector<Ngram>> ngrams;  // [order - 1]
  Smoothing smoothing = Smoothing::kKneserNey;
  std::string why_not_kneser_ney;  // empty with Kneser-Ney
  Index sentences = 0;
  Index tokens = 0;  // words without <s> and </s>
};

// Estimates a model of 1 <= order <= 3 from a text, plain or gzip, with one sentence per line and
// words separated by spaces and tabs; empty lines are skipped. Takes about 12 bytes of memory per
// token and 40 per different n-gram. BadData that names the line if it holds <s>, </s> or <unk>;
// BadData if the text has no words.
NgramEstimate EstimateNgrams(const std::string& path, Index order);

void WriteArpa(const NgramEstimate& estimate, std::ostream* out);

}  // namespace lockstep
