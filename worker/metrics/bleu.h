// BLEU: how many runs of one to four tokens a translation shares with its reference (Papineni et
// al. 2002, "BLEU: a method for automatic evaluation of machine translation"), over a whole set:
//
//   BLEU = 100 * bp * exp(1/4 * sum over n = 1..4 of log(matched_n / found_n))
//   bp   = min(1, exp(1 - wanted_1 / found_1))
//
// The figures are those of sacreBLEU 2 with one reference: where no n-gram of an order matches, it
// is counted as 1/2, 1/4 ... of one ("exp" smoothing of mteval-v13a.pl), and without any match BLEU
// is 0.
#pragma once

#include <array>
#include <span>
#include <string>

#include "base/types.h"
#include "worker/metrics/bleu_tokens.h"
#include "worker/metrics/ngram_overlap.h"

namespace lockstep {

struct BleuCounts {
  static constexpr std::size_t kOrders = 4;
  std::array<NgramOverlap, kOrders> orders;

  // Adds a sentence.
  template <typename T>
  void Add(std::span<const T> hypothesis, std::span<const T> reference) {
    for (std::size_t n = 0; n < kOrders; ++n)
      orders[n] += CountNgrams(hypothesis, reference, static_cast<Index>(n) + 1);
  }
  Index found() const { return orders[0].found; }    // tokens of the hypotheses
  Index wanted() const { return orders[0].wanted; }  // tokens of the references
  // Percentages by order, smoothed; 0 from the first order that no hypothesis is long enough for.
  std::array<double, kOrders> Precisions() const;
  double BrevityPenalty() const;
  // 0 to 100. 0 if an order has no n-gram at all.
  double Score() const;
  bool operator==(const BleuCounts&) const = default;
};

struct BleuOptions {
  BleuTokenizer tokenizer = BleuTokenizer::k13a;
  bool lower_case = false;
};

// The BLEU of texts.
class Bleu {
 public:
  explicit Bleu(const BleuOptions& options = {}) : options_(options) {}
  void Add(std::string_view hypothesis, std::string_view reference);
  const BleuCounts& counts() const { return counts_; }
  // What sacreBLEU calls such a score, without its version:
  // "nrefs:1|case:mixed|eff:no|tok:13a|smooth:exp".
  std::string Signature() const;

 private:
  BleuOptions options_;
  BleuCounts counts_;
};

}  // namespace lockstep
