#include "worker/decode/token_search.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "base/error.h"
#include "worker/decode/token_scores.h"

namespace lockstep {
namespace {

// A hypothesis that is still written. What it has written is a list of links to the past, since
// many hypotheses share theirs.
struct Written {
  Index past = -1;  // index of the hypothesis of the step before in `links_`
  std::int32_t token = 0;
};

struct Open {
  Index source = 0;
  Index link = -1;  // its last token; -1: none
  Index row = 0;    // of the last step; before the first one, the sequence
  double log_probability = 0;
  std::vector<double> coverage;  // [source steps]: attention so far; empty if it is not needed
};

struct Candidate {
  std::size_t from = 0;  // index of the open hypothesis
  std::int32_t token = 0;
  double log_probability = 0;
};

// The larger probability first; of equal ones, the hypothesis that was better before, and then the
// smaller id. So the order is unique.
bool IsBetter(const Candidate& a, const Candidate& b) {
  if (a.log_probability != b.log_probability) return a.log_probability > b.log_probability;
  if (a.from != b.from) return a.from < b.from;
  return a.token < b.token;
}

bool HasHigherScore(const Hypothesis& a, const Hypothesis& b) {
  return a.ended != b.ended ? a.ended : a.score > b.score;
}

class Search {
 public:
  Search(std::span<TokenStepper<float>* const> models, const SlotBatch& source, std::int32_t start,
         std::int32_t end, const SearchOptions& options);
  std::vector<std::vector<Hypothesis>> Run();

 private:
  void Step();
  void Cover();
  void Extend(std::size_t first, std::size_t last, std::vector<Open>* next);
  std::vector<Candidate> BestOf(std::size_t first, std::size_t last, std::size_t most) const;
  std::vector<float> AttentionOf(const Candidate& candidate) const;
  Hypothesis Close(const Open& open, double log_probability) const;
  bool IsDecided(Index source, std::span<const Open> open) const;
  Index MostLength(Index source) const;
  double ScoreOf(double log_probability, Index length, std::span<const double> coverage) const;

  std::span<TokenStepper<float>* const> models_;
  const SlotBatch& source_;
  std::int32_t start_, end_;
  SearchOptions options_;
  TokenScores scores_;
  Index step_ = 0;          // ids written so far
  std::vector<Open> open_;  // those of a source together, the most probable first
  std::vector<Written> links_;
  std::vector<std::vector<float>> attention_;  // by link, if it is kept
  std::vector<std::vector<Hypothesis>> found_;
};

Search::Search(std::span<TokenStepper<float>* const> models, const SlotBatch& source,
               std::int32_t start, std::int32_t end, const SearchOptions& options)
    : models_(models),
      source_(source),
      start_(start),
      end_(end),
      options_(options),
      scores_(models[0]->classes()),
      found_(static_cast<std::size_t>(source.layout.sequences())) {
  LOCKSTEP_CHECK(options.beam >= 1 && options.n_best >= 1 && options.n_best <= options.beam);
  for (TokenStepper<float>* model : models) {
    LOCKSTEP_CHECK_EQ(model->classes(), scores_.classes());
    model->Begin(source);
  }
  for (Index b = 0; b < source.layout.sequences(); ++b) open_.push_back({b, -1, b, 0, {}});
}

Index Search::MostLength(Index source) const {
  const auto steps = static_cast<double>(source_.layout.Length(source));
  return std::max<Index>(1, static_cast<Index>(options_.most_ratio * steps) + options_.most_extra);
}

double Search::ScoreOf(double log_probability, Index length,
                       std::span<const double> coverage) const {
  const double penalty =
      std::pow((5.0 + static_cast<double>(length)) / 6.0, options_.length_penalty);
  // A weight that underflows to zero would make all scores of a source -inf, without an order.
  constexpr double kLeastAttended = 1e-10;
  double covered = 0;
  for (const double attended : coverage)
    covered += std::log(std::clamp(attended, kLeastAttended, 1.0));
  return log_probability / penalty + options_.coverage_penalty * covered;
}

std::vector<std::vector<Hypothesis>> Search::Run() {
  while (!open_.empty()) Step();
  for (std::vector<Hypothesis>& found : found_) {
    std::ranges::stable_sort(found, HasHigherScore);
    if (std::ssize(found) > options_.n_best) {
      found.resize(static_cast<std::size_t>(options_.n_best));
    }
  }
  return std::move(found_);
}

// One more id for each hypothesis.
void Search::Step() {
  std::vector<Index> rows;
  std::vector<std::int32_t> tokens;
  for (const Open& open : open_) {
    rows.push_back(open.row);
    tokens.push_back(open.link < 0 ? start_ : links_[static_cast<std::size_t>(open.link)].token);
  }
  scores_.Clear();
  const double share = 1.0 / static_cast<double>(models_.size());
  for (TokenStepper<float>* model : models_) scores_.Add(model->Step(rows, tokens), share);
  Cover();
  ++step_;
  std::vector<Open> next;
  for (std::size_t first = 0; first < open_.size();) {
    std::size_t last = first;
    while (last < open_.size() && open_[last].source == open_[first].source) ++last;
    Extend(first, last, &next);
    first = last;
  }
  open_ = std::move(next);
}

// Adds what the hypotheses attended to in this step, by the first model.
void Search::Cover() {
  if (options_.coverage_penalty == 0) return;
  for (std::size_t row = 0; row < open_.size(); ++row) {
    const std::span<const float> attention = models_[0]->Attention(static_cast<Index>(row));
    open_[row].coverage.resize(attention.size());
    for (std::size_t s = 0; s < attention.size(); ++s) open_[row].coverage[s] += attention[s];
  }
}

// The best `most` continuations of the hypotheses [first, last). A block of ids is left out if its
// largest sum is smaller than the last of the best: rounding keeps the order of sums.
std::vector<Candidate> Search::BestOf(std::size_t first, std::size_t last, std::size_t most) const {
  TokenScores::Block block;
  std::vector<Candidate> best;
  for (std::size_t from = first; from < last; ++from) {
    const double so_far = open_[from].log_probability;
    for (Index begin = 0; begin < scores_.classes(); begin += TokenScores::kBlock) {
      scores_.Take(static_cast<Index>(from), begin, &block);
      if (best.size() == most && so_far + block.largest < best.back().log_probability) continue;
      for (Index i = 0; i < block.count; ++i) {
        const Candidate candidate{from, static_cast<std::int32_t>(begin + i),
                                  so_far + block.log_probabilities[static_cast<std::size_t>(i)]};
        if (best.size() == most && !IsBetter(candidate, best.back())) continue;
        if (best.size() == most) best.pop_back();
        best.insert(std::ranges::upper_bound(best, candidate, IsBetter), candidate);
      }
    }
  }
  return best;
}

// Continues the hypotheses [first, last) of one source. Those that end keep their places in the
// beam, so that fewer and fewer go on.
void Search::Extend(std::size_t first, std::size_t last, std::vector<Open>* next) {
  const Index source = open_[first].source;
  std::vector<Hypothesis>& found = found_[static_cast<std::size_t>(source)];
  const std::size_t begin = next->size();
  const std::size_t places = static_cast<std::size_t>(options_.beam) - found.size();
  for (const Candidate& candidate : BestOf(first, last, places)) {
    const Open& from = open_[candidate.from];
    if (candidate.token == end_) {
      found.push_back(Close(from, candidate.log_probability));
      found.back().ended = true;
      if (options_.keep_attention) found.back().attention.push_back(AttentionOf(candidate));
      continue;
    }
    next->push_back({source, std::ssize(links_), static_cast<Index>(candidate.from),
                     candidate.log_probability, from.coverage});
    links_.push_back({from.link, candidate.token});
    if (options_.keep_attention) attention_.push_back(AttentionOf(candidate));
  }
  if (step_ < MostLength(source) && !IsDecided(source, std::span(*next).subspan(begin))) return;
  for (std::size_t i = begin; i < next->size() && std::ssize(found) < options_.n_best; ++i) {
    found.push_back(Close((*next)[i], (*next)[i].log_probability));
  }
  next->resize(begin);
}

// What the hypothesis of a candidate has just attended to.
std::vector<float> Search::AttentionOf(const Candidate& candidate) const {
  const auto attention = models_[0]->Attention(static_cast<Index>(candidate.from));
  return {attention.begin(), attention.end()};
}

// Whether enough hypotheses have ended, and none of those that go on can still be better: its
// probability only gets smaller, and its penalty at best that of the longest one.
bool Search::IsDecided(Index source, std::span<const Open> open) const {
  std::vector<double> scores;
  for (const Hypothesis& one : found_[static_cast<std::size_t>(source)]) {
    scores.push_back(one.score);
  }
  if (std::ssize(scores) < options_.n_best) return false;
  std::ranges::nth_element(scores, scores.begin() + options_.n_best - 1, std::greater());
  const double worst = scores[static_cast<std::size_t>(options_.n_best - 1)];
  return std::ranges::none_of(open, [&](const Open& one) {
    return ScoreOf(one.log_probability, MostLength(source), {}) > worst;
  });
}

// The hypothesis as it stands after step_ ids.
Hypothesis Search::Close(const Open& open, double log_probability) const {
  Hypothesis hypothesis;
  hypothesis.log_probability = log_probability;
  hypothesis.score = ScoreOf(log_probability, step_, open.coverage);
  for (Index link = open.link; link >= 0; link = links_[static_cast<std::size_t>(link)].past) {
    const auto at = static_cast<std::size_t>(link);
    hypothesis.tokens.push_back(links_[at].token);
    if (options_.keep_attention) hypothesis.attention.push_back(attention_[at]);
  }
  std::ranges::reverse(hypothesis.tokens);
  std::ranges::reverse(hypothesis.attention);
  return hypothesis;
}

}  // namespace

std::vector<std::vector<Hypothesis>> SearchTokens(std::span<TokenStepper<float>* const> models,
                                                  const SlotBatch& source, std::int32_t start,
                                                  std::int32_t end, const SearchOptions& options) {
  return Search(models, source, start, end, options).Run();
}

}  // namespace lockstep
