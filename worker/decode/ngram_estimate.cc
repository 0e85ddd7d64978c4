#include "worker/decode/ngram_estimate.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <optional>
#include <ostream>
#include <string_view>
#include <unordered_map>

#include "base/error.h"
#include "base/work_progress.h"
#include "worker/decode/decoder_lines.h"

namespace lockstep {
namespace {

using Word = NgramModel::Word;
using Ngram = NgramEstimate::Ngram;
using Words = NgramEstimate::Words;

constexpr Word kBegin = 1, kEnd = 2;             // 0 is <unk>
constexpr double kLog10 = 2.302585092994045684;  // ln 10
constexpr double kNever = -99 * kLog10;          // ARPA's logarithm of 0

// All sentences one after another, each as <s> words </s>.
struct Text {
  std::vector<std::string> vocabulary = {kUnknownWord, kSentenceBegin, kSentenceEnd};
  std::vector<Word> tokens;
  Index sentences = 0;
};

class TextReader {
 public:
  explicit TextReader(const std::string& path) : lines_(path) {
    for (std::size_t i = 0; i < text_.vocabulary.size(); ++i) {
      numbers_.emplace(text_.vocabulary[i], static_cast<Word>(i));
    }
  }

  Text Read() {
    WorkProgress progress("prepare");
    for (std::string_view line; lines_.Next(&line);) {
      AddLine(line);
      progress.Tell(lines_.share_read(),
                    [&] { return fmt::format("{} sentences read", text_.sentences); });
    }
    if (text_.sentences == 0) {
      throw BadData("{}: no words in {} lines; a language model needs text, a sentence a line",
                    lines_.path(), lines_.line_number());
    }
    SortVocabulary();
    return std::move(text_);
  }

 private:
  void AddLine(std::string_view line) {
    constexpr std::string_view kSpaces = " \t";
    std::size_t begin = line.find_first_not_of(kSpaces);
    if (begin == std::string_view::npos) return;
    text_.tokens.push_back(kBegin);
    while (begin != std::string_view::npos) {
      const std::size_t end = std::min(line.find_first_of(kSpaces, begin), line.size());
      text_.tokens.push_back(Number(std::string(line.substr(begin, end - begin))));
      begin = line.find_first_not_of(kSpaces, end);
    }
    text_.tokens.push_back(kEnd);
    ++text_.sentences;
  }

  Word Number(const std::string& word) {
    const auto [entry, is_new] = numbers_.emplace(word, static_cast<Word>(text_.vocabulary.size()));
    if (is_new) text_.vocabulary.push_back(word);
    if (entry->second <= kEnd) {
      throw BadData("{}:{}: the word {} has a meaning of its own in language models; leave it out",
                    lines_.path(), lines_.line_number(), word);
    }
    return entry->second;
  }

  // Sorts the words, so that the model does not depend on the order in which they occur.
  void SortVocabulary() {
    std::vector<std::string>& words = text_.vocabulary;
    std::sort(words.begin() + kEnd + 1, words.end());
    std::vector<Word> sorted(words.size());
    for (std::size_t i = 0; i < words.size(); ++i) {
      sorted[numbers_.at(words[i])] = static_cast<Word>(i);
    }
    for (Word& token : text_.tokens) token = sorted[token];
  }

  DecoderLines lines_;
  Text text_;
  std::unordered_map<std::string, Word> numbers_;
};

// The n-grams of the text: all runs of n tokens within a sentence, sorted, each once with its
// count.
std::vector<Ngram> CountNgrams(const std::vector<Word>& tokens, std::size_t n) {
  std::vector<Words> runs;
  for (std::size_t i = 0; i + n <= tokens.size(); ++i) {
    const auto first = tokens.begin() + static_cast<std::ptrdiff_t>(i);
    const auto last = first + static_cast<std::ptrdiff_t>(n) - 1;
    if (std::find(first, last, kEnd) != last) continue;
    std::copy(first, last + 1, runs.emplace_back().begin());
  }
  std::sort(runs.begin(), runs.end());
  std::vector<Ngram> ngrams;
  for (const Words& run : runs) {
    if (ngrams.empty() || ngrams.back().words != run) ngrams.push_back({run, 0, 0, 0});
    ++ngrams.back().count;
  }
  return ngrams;
}

Words FirstWords(const Words& words, std::size_t n) {
  Words first{};
  std::copy_n(words.begin(), n, first.begin());
  return first;
}

Words LastWords(const Words& words, std::size_t order, std::size_t n) {
  Words last{};
  std::copy_n(words.begin() + static_cast<std::ptrdiff_t>(order - n), n, last.begin());
  return last;
}

// Finds an n-gram that is known to exist, because each part of a stored n-gram is stored, too.
Ngram& FindNgram(std::vector<Ngram>* ngrams, const Words& words) {
  const auto found =
      std::lower_bound(ngrams->begin(), ngrams->end(), words,
                       [](const Ngram& ngram, const Words& key) { return ngram.words < key; });
  LOCKSTEP_CHECK(found != ngrams->end() && found->words == words);
  return *found;
}

// Replaces the counts below the highest order by the number of different words that precede an
// n-gram.
void CountPredecessors(std::vector<std::vector<Ngram>>* ngrams) {
  for (std::size_t n = 1; n < ngrams->size(); ++n) {
    std::vector<Ngram>& lower = (*ngrams)[n - 1];
    for (Ngram& ngram : lower) ngram.count = ngram.words[0] == kBegin ? ngram.count : 0;
    for (const Ngram& ngram : (*ngrams)[n]) {
      ++FindNgram(&lower, LastWords(ngram.words, n + 1, n)).count;
    }
  }
}

// The discounts subtracted from counts of 1, of 2, and of 3 or more; [0] is 0.
using Discounts = std::array<double, 4>;

std::size_t DiscountClass(Index count) {
  return static_cast<std::size_t>(std::min<Index>(count, 3));
}

// Computes the discounts for the n-grams of one order. If they are not defined, returns nothing and
// sets `reason`.
std::optional<Discounts> KneserNeyDiscounts(const std::vector<Ngram>& ngrams, std::size_t order,
                                            std::string* reason) {
  std::array<double, 5> of{};  // counts of counts
  for (const Ngram& ngram : ngrams) {
    const bool scored = order > 1 || ngram.words[0] != kBegin;
    if (scored && ngram.count <= 4) ++of[static_cast<std::size_t>(ngram.count)];
  }
  Discounts discounts{};
  for (std::size_t k = 1; k <= 3; ++k) {
    const double rank = static_cast<double>(k);
    discounts[k] = rank - (rank + 1) * of[1] / (of[1] + 2 * of[2]) * of[k + 1] / of[k];
    if (discounts[k] > 0 && discounts[k] <= rank) continue;  // false for NaN
    *reason = fmt::format(
        "the discount of {}-grams with count {} is not defined ({}, {}, {} and {} of them have the "
        "counts 1 to 4)",
        order, k, of[1], of[2], of[3], of[4]);
    return std::nullopt;
  }
  return discounts;
}

// Turns counts into probabilities, beginning with the lowest order.
class Smoother {
 public:
  // Without discounts, the smoothing is that of Witten and Bell.
  Smoother(NgramEstimate* estimate, std::vector<Discounts> discounts)
      : estimate_(*estimate), discounts_(std::move(discounts)) {}

  void Run() {
    AddUnknown();
    for (order_ = 1; order_ <= estimate_.ngrams.size(); ++order_) {
      std::vector<Ngram>& ngrams = estimate_.ngrams[order_ - 1];
      for (std::size_t begin = 0, end; begin < ngrams.size(); begin = end) {
        const Words history = FirstWords(ngrams[begin].words, order_ - 1);
        for (end = begin; end < ngrams.size(); ++end) {
          if (FirstWords(ngrams[end].words, order_ - 1) != history) break;
        }
        SmoothHistory(std::span(ngrams).subspan(begin, end - begin));
      }
    }
  }

 private:
  void AddUnknown() {
    std::vector<Ngram>& words = estimate_.ngrams[0];
    words.insert(words.begin(), Ngram{});
  }

  bool IsBegin(const Ngram& ngram) const { return order_ == 1 && ngram.words[0] == kBegin; }

  double Discount(Index count) const {
    return discounts_.empty() ? 0 : discounts_[order_ - 1][DiscountClass(count)];
  }

  // Smooths all n-grams with the same history.
  void SmoothHistory(std::span<Ngram> followers) {
    double total = 0, freed = 0;
    for (const Ngram& ngram : followers) {
      if (IsBegin(ngram)) continue;
      total += static_cast<double>(ngram.count);
      freed += discounts_.empty() ? (ngram.count > 0 ? 1 : 0) : Discount(ngram.count);
    }
    if (discounts_.empty()) total += freed;
    const double gamma = freed / total;
    for (Ngram& ngram : followers) {
      const double share = (static_cast<double>(ngram.count) - Discount(ngram.count)) / total;
      ngram.log_prob = IsBegin(ngram) ? kNever : std::log(share + gamma * Lower(ngram));
    }
    if (order_ > 1) History(followers[0]).backoff = std::log(gamma);
  }

  // p(w | h without its first word). For 1-grams, the uniform distribution over all words but <s>.
  double Lower(const Ngram& ngram) {
    if (order_ == 1) return 1 / static_cast<double>(estimate_.vocabulary.size() - 1);
    const Words last = LastWords(ngram.words, order_, order_ - 1);
    return std::exp(FindNgram(&estimate_.ngrams[order_ - 2], last).log_prob);
  }

  Ngram& History(const Ngram& ngram) {
    return FindNgram(&estimate_.ngrams[order_ - 2], FirstWords(ngram.words, order_ - 1));
  }

  NgramEstimate& estimate_;
  std::vector<Discounts> discounts_;  // [order - 1]
  std::size_t order_ = 0;
};

// Returns the discounts of Kneser-Ney and adjusts the counts for it. If Kneser-Ney is not defined,
// returns an empty vector and leaves the counts unchanged.
std::vector<Discounts> ChooseSmoothing(NgramEstimate* estimate) {
  std::vector<std::vector<Ngram>> adjusted = estimate->ngrams;
  CountPredecessors(&adjusted);
  std::vector<Discounts> discounts;
  for (std::size_t n = 1; n <= adjusted.size(); ++n) {
    const auto found = KneserNeyDiscounts(adjusted[n - 1], n, &estimate->why_not_kneser_ney);
    if (!found) {
      estimate->smoothing = Smoothing::kWittenBell;
      return {};
    }
    discounts.push_back(*found);
  }
  estimate->ngrams = std::move(adjusted);
  return discounts;
}

void WriteNgram(const NgramEstimate& estimate, const Ngram& ngram, std::size_t order,
                std::ostream* out) {
  *out << fmt::format("{:.7g}\t{}", ngram.log_prob / kLog10, estimate.vocabulary[ngram.words[0]]);
  for (std::size_t i = 1; i < order; ++i) *out << ' ' << estimate.vocabulary[ngram.words[i]];
  if (order < estimate.ngrams.size()) *out << fmt::format("\t{:.7g}", ngram.backoff / kLog10);
  *out << '\n';
}

}  // namespace

NgramEstimate EstimateNgrams(const std::string& path, Index order) {
  LOCKSTEP_CHECK(order >= 1 && order <= static_cast<Index>(NgramEstimate::kHighestOrder));
  Text text = TextReader(path).Read();
  NgramEstimate estimate;
  estimate.vocabulary = std::move(text.vocabulary);
  estimate.sentences = text.sentences;
  estimate.tokens = static_cast<Index>(text.tokens.size()) - 2 * text.sentences;
  for (Index n = 1; n <= order; ++n) {
    estimate.ngrams.push_back(CountNgrams(text.tokens, static_cast<std::size_t>(n)));
  }
  Smoother(&estimate, ChooseSmoothing(&estimate)).Run();
  return estimate;
}

void WriteArpa(const NgramEstimate& estimate, std::ostream* out) {
  *out << "\\data\\\n";
  for (std::size_t n = 1; n <= estimate.ngrams.size(); ++n) {
    *out << fmt::format("ngram {}={}\n", n, estimate.ngrams[n - 1].size());
  }
  for (std::size_t n = 1; n <= estimate.ngrams.size(); ++n) {
    *out << fmt::format("\n\\{}-grams:\n", n);
    for (const Ngram& ngram : estimate.ngrams[n - 1]) WriteNgram(estimate, ngram, n, out);
  }
  *out << "\n\\end\\\n";
}

}  // namespace lockstep
