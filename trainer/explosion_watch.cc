#include "trainer/explosion_watch.h"

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

bool IsFarAbove(double value, const std::vector<double>& values, double medians, double largest) {
  return value > largest * *std::max_element(values.begin(), values.end()) &&
         value > medians * Median(values);
}

}  // namespace

std::string Explosion::Describe() const {
  return fmt::format(
      "exploding gradient: norm {:.2g} at step {} is {:.2g} times the median of the last {} steps, "
      "loss {:.3g} -> {:.3g}",
      at.norm, at.step, at.norm / median_norm, window, median_loss, at.loss);
}

double Explosion::SuggestedNorm() const {
  const double digit = std::pow(10.0, std::floor(std::log10(2 * median_norm)));
  return std::round(2 * median_norm / digit) * digit;
}

bool ExplosionWatch::Explodes(const WatchedStep& step) const {
  constexpr double kLeastLoss = 2;
  if (norms_.size() < kEnough) return false;
  return (!step.clipped && IsFarAbove(step.norm, norms_, 100, 10)) ||
         (step.loss > kLeastLoss && IsFarAbove(step.loss, losses_, 10, 3));
}

void ExplosionWatch::Remember(const WatchedStep& step) {
  if (norms_.size() < kWindow) {
    norms_.push_back(step.norm);
    losses_.push_back(step.loss);
    return;
  }
  norms_[next_] = step.norm;
  losses_[next_] = step.loss;
  next_ = (next_ + 1) % kWindow;
}

// What explodes is not remembered, or it would soon count as ordinary.
std::optional<Explosion> ExplosionWatch::Observe(const WatchedStep& step) {
  const bool explodes = Explodes(step);
  const bool is_new = explodes && loud_steps_ == 0;
  if (is_new) {
    last_ = Explosion{step, static_cast<Index>(norms_.size()), Median(losses_), Median(norms_)};
  }
  if (!explodes) Remember(step);
  loud_steps_ = explodes ? kQuietSteps : std::max<Index>(0, loud_steps_ - 1);
  return is_new ? last_ : std::nullopt;
}

std::optional<Explosion> ExplosionWatch::Recent(Index step) const {
  return last_ && step - last_->at.step <= static_cast<Index>(kWindow) ? last_ : std::nullopt;
}

}  // namespace lockstep
