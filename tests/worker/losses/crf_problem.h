// Sequences of one slot with random emissions, parameters and labels; loss, gradient and marginals
// of them in a workspace that is not a byte larger than the loss asks for; and the same by walking
// through all label sequences.
#pragma once

#include <cmath>
#include <limits>
#include <vector>

#include "base/counter_rng.h"
#include "worker/losses/crf_loss.h"
#include "worker/losses/crf_marginals.h"

namespace lockstep {

using Labels = std::vector<std::int32_t>;

struct CrfProblem {
  // lengths [B] descend. Every target is drawn; see Ignore. Numbers are values of float.
  CrfProblem(Index width, const std::vector<Index>& lengths, LabelOrder labels = {},
             std::uint64_t seed = 1)
      : layout(lengths), classes(width), order(std::move(labels)), rules(classes, order) {
    const CounterRng rng(seed, RandomPurpose::kTest);
    std::uint64_t draws = 0;
    const auto draw = [&] { return static_cast<double>(static_cast<float>(rng.Normal(draws++))); };
    for (Index i = 0; i < layout.rows() * classes; ++i) x.push_back(2 * draw());
    for (Index i = 0; i < classes * (classes + 2); ++i) parameters.push_back(draw());
    targets.resize(static_cast<std::size_t>(layout.rows()));
    for (std::int32_t& target : targets) {
      target = static_cast<std::int32_t>(rng.Bits(draws++) % static_cast<std::uint64_t>(classes));
    }
  }

  // Sets the labels of sequence b; -1: ignored.
  void SetLabels(Index b, const Labels& labels) {
    for (std::size_t t = 0; t < labels.size(); ++t) {
      targets[static_cast<std::size_t>(layout.Row(static_cast<Index>(t), b))] = labels[t];
    }
  }
  Workspace MakeWorkspace() const { return Workspace(CrfWorkspaceBytes(layout.steps(), classes)); }

  template <typename T>
  CrfParameters<T> In(T* flat) const {
    return {flat, flat + classes * classes, flat + classes * (classes + 1)};
  }
  template <typename S = double>
  StepSums Loss() const {
    const std::vector<S> e(x.begin(), x.end()), p(parameters.begin(), parameters.end());
    Workspace workspace = MakeWorkspace();
    return CrfLossOnly<S>(layout, targets, rules, In<const S>(p.data()), e.data(), &workspace);
  }
  // The gradients of the emissions, then those of the parameters.
  template <typename S = double>
  std::vector<S> Gradient(StepSums* sums) const {
    std::vector<S> e(x.begin(), x.end());
    const std::vector<S> p(parameters.begin(), parameters.end());
    std::vector<S> gradient(p.size());
    Workspace workspace = MakeWorkspace();
    *sums = CrfLoss<S>(layout, targets, rules, In<const S>(p.data()), e.data(),
                       In<S>(gradient.data()), &workspace);
    e.insert(e.end(), gradient.begin(), gradient.end());
    return e;
  }
  // The logarithms of the marginals [rows, classes]; sets the best labels [rows], and if `spans` is
  // given the probabilities of their spans [rows].
  template <typename S = double>
  std::vector<S> Marginals(Labels* best, const SpanTags* spans = nullptr,
                           std::vector<S>* span_probabilities = nullptr) const {
    std::vector<S> e(x.begin(), x.end());
    const std::vector<S> p(parameters.begin(), parameters.end());
    best->assign(targets.size(), -2);
    if (spans != nullptr) span_probabilities->assign(targets.size(), -2);
    Workspace workspace = MakeWorkspace();
    CrfMarginals<S>(layout, rules, In<const S>(p.data()), e.data(), best->data(), &workspace, spans,
                    spans == nullptr ? nullptr : span_probabilities->data());
    return e;
  }

  PackedLayout layout;
  Index classes;
  LabelOrder order;
  CrfRules rules;
  std::vector<double> x;           // [rows, classes]
  std::vector<double> parameters;  // transitions, start, end
  Labels targets;                  // [rows]
};

// What the definition of the field gives for one sequence.
struct CrfDefinition {
  // All elements as in CrfProblem::Gradient: expected minus observed counts.
  std::vector<double> gradient;
  std::vector<double> marginals;  // [rows, classes], only the rows of the sequence are set
  Labels best;                    // [T]
  double loss = 0;
};

// Walks all C^T label sequences of sequence b as numbers of T digits.
class CrfEnumeration {
 public:
  CrfEnumeration(const CrfProblem& problem, Index b)
      : p_(problem), b_(b), T_(problem.layout.Length(b)) {}

  CrfDefinition Run() {
    const std::size_t size = p_.x.size() + p_.parameters.size();
    std::vector<double> all(size), known(size);
    const double sum = Sum(false, &all), known_sum = Sum(true, &known);
    CrfDefinition found{std::vector<double>(size), std::vector<double>(p_.x.size()), best_, 0};
    found.loss = std::log(sum) - std::log(known_sum);
    for (std::size_t i = 0; i < size; ++i) {
      found.gradient[i] = all[i] / sum - known[i] / known_sum;
      if (i < p_.x.size()) found.marginals[i] = all[i] / sum;
    }
    return found;
  }
  // The probability of all label sequences for which holds(labels) is true.
  template <typename Holds>
  double Probability(const Holds& holds) {
    std::vector<double> all(p_.x.size() + p_.parameters.size());
    const double sum = Sum(false, &all);
    double part = 0;
    Labels y(static_cast<std::size_t>(T_), 0);
    for (std::size_t t = 0; t < y.size();) {
      if (IsAllowed(y) && holds(y)) part += std::exp(Score(y));
      for (t = 0; t < y.size() && ++y[t] == p_.classes; ++t) y[t] = 0;
    }
    return part / sum;
  }

 private:
  // The sum of exp(score), and in `through` that of the label sequences through each element.
  double Sum(bool known_only, std::vector<double>* through) {
    double sum = 0, most = -1;
    Labels y(static_cast<std::size_t>(T_), 0);
    for (std::size_t t = 0; t < y.size();) {
      if (IsAllowed(y) && (!known_only || Agrees(y))) {
        const double score = std::exp(Score(y));
        for (const std::size_t element : Elements(y)) (*through)[element] += score;
        sum += score;
        if (!known_only && score > most) {
          most = score;
          best_ = y;
        }
      }
      for (t = 0; t < y.size() && ++y[t] == p_.classes; ++t) y[t] = 0;
    }
    return sum;
  }
  bool IsAllowed(const Labels& y) const {
    bool allowed = p_.order.MayBeFirst(y.front()) && p_.order.MayBeLast(y.back());
    for (std::size_t t = 1; t < y.size(); ++t) allowed &= p_.order.MayFollow(y[t - 1], y[t]);
    return allowed;
  }
  bool Agrees(const Labels& y) const {
    for (std::size_t t = 0; t < y.size(); ++t) {
      const std::int32_t target = p_.targets[Row(t)];
      if (target >= 0 && target != y[t]) return false;
    }
    return true;
  }
  std::size_t Row(std::size_t t) const {
    return static_cast<std::size_t>(p_.layout.Row(static_cast<Index>(t), b_));
  }
  // The elements of emissions and parameters whose sum is the score.
  std::vector<std::size_t> Elements(const Labels& y) const {
    const auto C = static_cast<std::size_t>(p_.classes), P = p_.x.size();
    const auto id = [&](std::size_t t) { return static_cast<std::size_t>(y[t]); };
    std::vector<std::size_t> elements = {P + C * C + id(0), P + C * C + C + id(y.size() - 1)};
    for (std::size_t t = 0; t < y.size(); ++t) {
      elements.push_back(Row(t) * C + id(t));
      if (t > 0) elements.push_back(P + id(t - 1) * C + id(t));
    }
    return elements;
  }
  double Score(const Labels& y) const {
    double score = 0;
    for (const std::size_t at : Elements(y)) {
      score += at < p_.x.size() ? p_.x[at] : p_.parameters[at - p_.x.size()];
    }
    return score;
  }

  const CrfProblem& p_;
  Index b_;
  Index T_;
  Labels best_;
};

}  // namespace lockstep
