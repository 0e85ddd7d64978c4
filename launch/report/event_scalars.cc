#include "launch/report/event_scalars.h"

#include <algorithm>

namespace lockstep {
namespace {

constexpr std::size_t kMostTags = 200;
constexpr Index kMostValues = 2'000'000;

}  // namespace

ScalarStore::ScalarStore(EventScalars* scalars) : scalars_(*scalars) {
  for (auto& [name, curve] : scalars_.by_tag) {
    Tag& tag = tags_[name];
    tag.curve = &curve;
    FindOrder(&tag);
    largest_step_ = std::max(largest_step_, tag.largest_step);
    values_ += std::ssize(curve.steps);
  }
}

bool ScalarStore::Add(const Event& event, const Scalar& scalar) {
  auto found = tags_.find(scalar.tag);
  if (values_ >= kMostValues) return false;
  if (found == tags_.end()) {
    if (tags_.size() >= kMostTags) return false;
    const std::string name(scalar.tag);
    found = tags_.emplace(name, Tag{&scalars_.by_tag[name]}).first;
  }
  Tag& tag = found->second;
  tag.ascends = tag.ascends && event.step >= tag.largest_step;
  tag.largest_step = std::max(tag.largest_step, event.step);
  largest_step_ = std::max(largest_step_, event.step);
  tag.curve->steps.push_back(event.step);
  tag.curve->values.push_back(scalar.value);
  tag.curve->seconds.push_back(event.seconds);
  ++values_;
  return true;
}

void ScalarStore::Forget(double step) {
  if (largest_step_ < step) return;
  largest_step_ = kNoStep;
  for (auto& [name, tag] : tags_) {
    if (tag.largest_step >= step) ForgetOf(step, &tag);
    largest_step_ = std::max(largest_step_, tag.largest_step);
  }
}

void ScalarStore::FindOrder(Tag* tag) {
  const auto& steps = tag->curve->steps;
  tag->ascends = std::ranges::is_sorted(steps);
  tag->largest_step = steps.empty() ? kNoStep : *std::ranges::max_element(steps);
}

// Moves the values before `step` to the front; returns their number.
std::size_t ScalarStore::KeepBefore(double step, Curve* curve) {
  std::size_t kept = 0;
  for (std::size_t i = 0; i < curve->steps.size(); ++i) {
    if (curve->steps[i] >= step) continue;
    curve->steps[kept] = curve->steps[i];
    curve->values[kept] = curve->values[i];
    curve->seconds[kept++] = curve->seconds[i];
  }
  return kept;
}

void ScalarStore::ForgetOf(double step, Tag* tag) {
  Curve& curve = *tag->curve;
  const std::size_t before = curve.steps.size();
  const std::size_t kept =
      tag->ascends ? static_cast<std::size_t>(std::ranges::lower_bound(curve.steps, step) -
                                              curve.steps.begin())
                   : KeepBefore(step, &curve);
  for (auto* values : {&curve.steps, &curve.values, &curve.seconds}) values->resize(kept);
  values_ -= static_cast<Index>(before - kept);
  if (tag->ascends) {
    tag->largest_step = kept == 0 ? kNoStep : curve.steps.back();
  } else {
    FindOrder(tag);
  }
}

}  // namespace lockstep
