#include "worker/metrics/error_rate.h"

#include <algorithm>
#include <cmath>

#include "base/counter_rng.h"
#include "base/error.h"
#include "base/utf8.h"

namespace lockstep {
namespace {

constexpr Index kSubstitutionCost = 4;
constexpr Index kGapCost = 3;  // insertion or deletion
constexpr std::uint64_t kMostCells = std::uint64_t{1} << 32;

// The last edit of the cheapest path to each cell (number of reference tokens, number of hypothesis
// tokens) of the cost matrix. The edits are kept for all cells, the costs for one row only.
class EditMatrix {
 public:
  EditMatrix(std::span<const std::string> reference, std::span<const std::string> hypothesis)
      : reference_(reference), hypothesis_(hypothesis), columns_(hypothesis.size() + 1) {
    edits_.resize((reference.size() + 1) * columns_, Edit8::kInsertion);
    costs_.resize(columns_);
    for (std::size_t j = 0; j < columns_; ++j) costs_[j] = kGapCost * static_cast<Index>(j);
    for (std::size_t i = 1; i <= reference.size(); ++i) FillRow(i);
  }

  std::vector<EditStep> TraceBack() const {
    std::vector<EditStep> steps;
    std::size_t i = reference_.size(), j = hypothesis_.size();
    while (i > 0 || j > 0) {
      const Edit8 edit = edits_[i * columns_ + j];
      EditStep step;
      if (edit != Edit8::kInsertion) step.reference = static_cast<Index>(--i);
      if (edit != Edit8::kDeletion) step.hypothesis = static_cast<Index>(--j);
      step.edit = edit == Edit8::kDeletion          ? Edit::kDeletion
                  : edit == Edit8::kInsertion       ? Edit::kInsertion
                  : reference_[i] == hypothesis_[j] ? Edit::kCorrect
                                                    : Edit::kSubstitution;
      steps.push_back(step);
    }
    std::reverse(steps.begin(), steps.end());
    return steps;
  }

 private:
  enum class Edit8 : std::uint8_t { kPair, kInsertion, kDeletion };

  void FillRow(std::size_t i) {
    Index diagonal = costs_[0];  // cost of the cell above and one to the left
    costs_[0] += kGapCost;
    edits_[i * columns_] = Edit8::kDeletion;
    for (std::size_t j = 1; j < columns_; ++j) {
      const bool same = reference_[i - 1] == hypothesis_[j - 1];
      const Index pair = diagonal + (same ? 0 : kSubstitutionCost);
      const Index deletion = costs_[j] + kGapCost;
      const Index insertion = costs_[j - 1] + kGapCost;
      diagonal = costs_[j];
      costs_[j] = std::min({pair, deletion, insertion});
      edits_[i * columns_ + j] = costs_[j] == pair        ? Edit8::kPair
                                 : costs_[j] == insertion ? Edit8::kInsertion
                                                          : Edit8::kDeletion;
    }
  }

  std::span<const std::string> reference_;
  std::span<const std::string> hypothesis_;
  std::size_t columns_;
  std::vector<Edit8> edits_;
  std::vector<Index> costs_;
};

// The number of bytes of the UTF-8 character at the start of `text`; 1 if it is not valid UTF-8.
std::size_t CharacterBytes(std::string_view text) {
  return std::max(FirstCodePoint(text).size(), std::size_t{1});
}

}  // namespace

double ErrorCounts::rate() const {
  if (reference_tokens() == 0) return insertions > 0 ? 1 : 0;
  return static_cast<double>(errors()) / static_cast<double>(reference_tokens());
}

ErrorCounts& ErrorCounts::operator+=(const ErrorCounts& other) {
  correct += other.correct;
  substitutions += other.substitutions;
  insertions += other.insertions;
  deletions += other.deletions;
  return *this;
}

std::vector<EditStep> AlignTokens(std::span<const std::string> reference,
                                  std::span<const std::string> hypothesis) {
  if (std::uint64_t{reference.size() + 1} > kMostCells / (hypothesis.size() + 1)) {
    throw UsageError(
        "error rate: an utterance of {} reference and {} hypothesis tokens is too long to align "
        "(their product may reach {}); cut it into utterances",
        reference.size(), hypothesis.size(), kMostCells);
  }
  return EditMatrix(reference, hypothesis).TraceBack();
}

ErrorCounts CountErrors(std::span<const EditStep> alignment) {
  ErrorCounts counts;
  for (const EditStep& step : alignment) {
    counts.correct += step.edit == Edit::kCorrect;
    counts.substitutions += step.edit == Edit::kSubstitution;
    counts.insertions += step.edit == Edit::kInsertion;
    counts.deletions += step.edit == Edit::kDeletion;
  }
  return counts;
}

Tokens SplitWords(std::string_view text) {
  constexpr std::string_view kSpaces = " \t\r\n";
  Tokens words;
  for (std::size_t begin = text.find_first_not_of(kSpaces); begin != std::string_view::npos;) {
    const std::size_t end = std::min(text.find_first_of(kSpaces, begin), text.size());
    words.emplace_back(text.substr(begin, end - begin));
    begin = text.find_first_not_of(kSpaces, end);
  }
  return words;
}

Tokens SplitCharacters(std::string_view text) {
  Tokens characters;
  for (const std::string& word : SplitWords(text)) {
    if (!characters.empty()) characters.emplace_back(" ");
    for (std::string_view rest = word; !rest.empty();) {
      characters.emplace_back(rest.substr(0, CharacterBytes(rest)));
      rest.remove_prefix(characters.back().size());
    }
  }
  return characters;
}

ErrorCounts ErrorRate::Add(std::span<const std::string> reference,
                           std::span<const std::string> hypothesis) {
  const std::vector<EditStep> alignment = AlignTokens(reference, hypothesis);
  for (const EditStep& step : alignment) {
    if (step.edit != Edit::kSubstitution) continue;
    ++confusions_[{reference[static_cast<std::size_t>(step.reference)],
                   hypothesis[static_cast<std::size_t>(step.hypothesis)]}];
  }
  utterances_.push_back(CountErrors(alignment));
  total_ += utterances_.back();
  return utterances_.back();
}

Index ErrorRate::wrong_utterances() const {
  return std::count_if(utterances_.begin(), utterances_.end(),
                       [](const ErrorCounts& counts) { return counts.errors() > 0; });
}

std::vector<Confusion> ErrorRate::Confusions(Index most) const {
  std::vector<Confusion> all;
  for (const auto& [pair, count] : confusions_) all.push_back({pair.first, pair.second, count});
  std::stable_sort(all.begin(), all.end(),
                   [](const Confusion& a, const Confusion& b) { return a.count > b.count; });
  all.resize(std::min(all.size(), static_cast<std::size_t>(most)));
  return all;
}

ErrorCounts ErrorRate::Draw(std::uint64_t seed, Index draw) const {
  const CounterRng rng(seed, RandomPurpose::kBootstrap, static_cast<std::uint64_t>(draw));
  ErrorCounts sum;
  for (std::size_t i = 0; i < utterances_.size(); ++i) {
    sum += utterances_[rng.Below(i, utterances_.size())];
  }
  return sum;
}

RateInterval ErrorRate::Bootstrap(std::uint64_t seed, Index draws) const {
  LOCKSTEP_CHECK(draws > 0);
  std::vector<double> rates;
  rates.reserve(static_cast<std::size_t>(draws));
  for (Index draw = 0; draw < draws; ++draw) rates.push_back(Draw(seed, draw).rate());
  std::sort(rates.begin(), rates.end());
  const auto at = [&](double share) {
    return rates[static_cast<std::size_t>(std::lround(share * static_cast<double>(draws - 1)))];
  };
  return {at(0.025), at(0.975)};
}

}  // namespace lockstep
