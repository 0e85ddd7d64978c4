#include "trainer/watch/explosion_watch.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace lockstep {
namespace {

constexpr std::size_t kWindow = 100, kEnough = 20;
constexpr Index kQuietSteps = 20;

double Median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

}  // namespace

std::string Explosion::Describe() const {
  const bool grew = peak_norm > 2 * median_norm;
  const std::string norms = fmt::format(
      "gradient norm {} {:.2g} (median of the {} steps before) {} {:.2g}",
      grew ? "grew from" : "was", median_norm, window, grew ? "to" : "and at most", peak_norm);
  if (was_the_last) {
    return fmt::format("exploding gradient: loss {:.3g} at step {}, then no number; {}", at.loss,
                       at.step, norms);
  }
  return fmt::format("exploding gradient: loss {:.3g} -> {:.3g} at step {}, {}", calm_loss, at.loss,
                     at.step, norms);
}

double Explosion::SuggestedNorm() const {
  const double digit = std::pow(10.0, std::floor(std::log10(2 * median_norm)));
  return std::round(2 * median_norm / digit) * digit;
}

double ExplosionWatch::Bound() const { return std::max(untrained_loss_, calm_loss_); }

void ExplosionWatch::Trail(const WatchedStep& step) {
  recent_[seen_ % kRecent] = step;
  ++seen_;
}

bool ExplosionWatch::Spikes(const WatchedStep& step) const {
  if (step.clipped || norms_.size() < kEnough) return false;
  return step.norm > 10 * *std::max_element(norms_.begin(), norms_.end()) &&
         step.norm > 100 * Median(norms_);
}

// The median of the last five losses, including that of this step; of fewer at the start.
double ExplosionWatch::MedianLoss() const {
  std::array<double, kRecent> losses{};
  const std::size_t count = std::min(seen_, kRecent);
  for (std::size_t i = 0; i < count; ++i) losses[i] = recent_[i].loss;
  const auto end = losses.begin() + static_cast<std::ptrdiff_t>(count);
  const auto middle = losses.begin() + static_cast<std::ptrdiff_t>((count - 1) / 2);
  std::nth_element(losses.begin(), middle, end);
  return *middle;
}

bool ExplosionWatch::Explodes(const WatchedStep& step) const {
  if (seen_ < 2) return false;
  if (IsFarAbove(step.loss)) return true;
  if (seen_ >= 3 && MedianLoss() > 3 * Bound()) return true;
  return since_spike_ < static_cast<Index>(kRecent) && step.loss > 2 * Bound();
}

void ExplosionWatch::Remember(const WatchedStep& step) {
  calm_loss_ = std::min(calm_loss_, MedianLoss());
  if (norms_.size() < kWindow) {
    norms_.push_back(step.norm);
    return;
  }
  norms_[next_] = step.norm;
  next_ = (next_ + 1) % kWindow;
}

Explosion ExplosionWatch::Describing(const WatchedStep& step) const {
  double peak = 0;
  for (const WatchedStep& recent : recent_) peak = std::max(peak, recent.norm);
  return {step, static_cast<Index>(norms_.size()), Median(norms_), calm_loss_, peak, false};
}

// Steps of an explosion are not remembered; otherwise they would soon count as ordinary.
std::optional<Explosion> ExplosionWatch::Observe(const WatchedStep& step) {
  Trail(step);
  since_spike_ = Spikes(step) ? 0 : since_spike_ + 1;
  const bool explodes = Explodes(step);
  const bool is_new = explodes && loud_steps_ == 0;
  if (is_new) last_ = Describing(step);
  if (explodes) last_loud_ = step.step;
  if (!explodes) Remember(step);
  loud_steps_ = explodes ? kQuietSteps : std::max<Index>(0, loud_steps_ - 1);
  return is_new ? last_ : std::nullopt;
}

std::optional<Explosion> ExplosionWatch::Recent(Index step) const {
  return last_ && step - last_loud_ <= static_cast<Index>(kWindow) ? last_ : std::nullopt;
}

std::optional<Explosion> ExplosionWatch::AtOnce() const {
  if (seen_ == 0 || norms_.empty()) return std::nullopt;
  const WatchedStep& step = recent_[(seen_ - 1) % kRecent];
  if (step.clipped) return std::nullopt;
  Explosion found = Describing(step);
  found.was_the_last = true;
  return found;
}

}  // namespace lockstep
