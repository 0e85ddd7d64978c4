#include "trainer/step/optimizer.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "base/error.h"
#include "base/function_clones.h"
#include "trainer/step/parameter_choice.h"

namespace lockstep {
namespace {

constexpr std::array<const char*, 4> kNames = {"sgd", "rmsprop", "adam", "adamw"};

LOCKSTEP_CLONES
void SgdStep(Index count, float rate, float scale, float decay, const float* g, float* p) {
  for (Index i = 0; i < count; ++i) p[i] -= rate * (g[i] * scale + decay * p[i]);
}

LOCKSTEP_CLONES
void MomentumStep(Index count, float rate, float scale, float decay, float momentum, const float* g,
                  float* __restrict m, float* __restrict p) {
  for (Index i = 0; i < count; ++i) {
    m[i] = momentum * m[i] + (g[i] * scale + decay * p[i]);
    p[i] -= rate * m[i];
  }
}

LOCKSTEP_CLONES
void NesterovStep(Index count, float rate, float scale, float decay, float momentum, const float* g,
                  float* __restrict m, float* __restrict p) {
  for (Index i = 0; i < count; ++i) {
    const float d = g[i] * scale + decay * p[i];
    m[i] = momentum * m[i] + d;
    p[i] -= rate * (d + momentum * m[i]);
  }
}

LOCKSTEP_CLONES
void RmspropStep(Index count, float rate, float scale, float decay, float rho, float epsilon,
                 const float* g, float* __restrict s, float* __restrict p) {
  for (Index i = 0; i < count; ++i) {
    const float d = g[i] * scale + decay * p[i];
    s[i] = rho * s[i] + (1.0f - rho) * d * d;
    p[i] -= rate * d / (std::sqrt(s[i]) + epsilon);
  }
}

struct AdamRates {
  float step;        // learning rate / (1 - beta1^t)
  float root_scale;  // 1 / sqrt(1 - beta2^t)
  float beta1, beta2, epsilon;
  float decay;  // L2 term
  float keep;   // AdamW: 1 - learning rate * weight decay
};

LOCKSTEP_CLONES
void AdamStep(Index count, AdamRates r, float scale, const float* g, float* __restrict m,
              float* __restrict v, float* __restrict p) {
  for (Index i = 0; i < count; ++i) {
    const float d = g[i] * scale + r.decay * p[i];
    m[i] = r.beta1 * m[i] + (1.0f - r.beta1) * d;
    v[i] = r.beta2 * v[i] + (1.0f - r.beta2) * d * d;
    p[i] = p[i] * r.keep - r.step * m[i] / (std::sqrt(v[i]) * r.root_scale + r.epsilon);
  }
}

LOCKSTEP_CLONES
void AverageStep(Index count, float share, const float* p, float* __restrict a) {
  for (Index i = 0; i < count; ++i) a[i] += share * (p[i] - a[i]);
}

AdamRates RatesOf(const OptimizerOptions& o, double learning_rate, double first_correction,
                  double second_correction, bool decays) {
  const double decay = decays ? o.weight_decay : 0;
  const bool apart = o.kind == OptimizerKind::kAdamW;
  AdamRates rates;
  rates.step = static_cast<float>(learning_rate / first_correction);
  rates.root_scale = static_cast<float>(1 / std::sqrt(second_correction));
  rates.beta1 = static_cast<float>(o.beta1);
  rates.beta2 = static_cast<float>(o.beta2);
  rates.epsilon = static_cast<float>(o.epsilon);
  rates.decay = static_cast<float>(apart ? 0 : decay);
  rates.keep = static_cast<float>(apart ? 1 - learning_rate * decay : 1);
  return rates;
}

std::vector<std::string> NamesOfRule(const OptimizerOptions& options) {
  switch (options.kind) {
    case OptimizerKind::kSgd:
      return options.momentum > 0 ? std::vector<std::string>{"momentum"}
                                  : std::vector<std::string>{};
    case OptimizerKind::kRmsprop:
      return {"mean_square"};
    case OptimizerKind::kAdam:
    case OptimizerKind::kAdamW:
      return {"first_moment", "second_moment"};
  }
  LOCKSTEP_CHECK(false);
}

}  // namespace

std::string OptimizerName(OptimizerKind kind) { return kNames[static_cast<std::size_t>(kind)]; }

OptimizerKind OptimizerFromName(const std::string& name) {
  for (std::size_t i = 0; i < kNames.size(); ++i) {
    if (name == kNames[i]) return static_cast<OptimizerKind>(i);
  }
  throw UsageError("optimizer.name is \"{}\"; allowed are sgd, rmsprop, adam and adamw", name);
}

std::vector<std::string> Optimizer::MomentNames(const OptimizerOptions& options) {
  std::vector<std::string> names = NamesOfRule(options);
  if (options.average.kind != AverageKind::kOff) names.emplace_back(kAverageMoment);
  return names;
}

Optimizer::Optimizer(const OptimizerOptions& options, const ParameterLayout& layout,
                     std::vector<ElementRange> ranges)
    : options_(options),
      layout_(layout),
      frozen_(FrozenParameters(options.freeze, layout)),
      ranges_(std::move(ranges)) {
  Index count = 0;
  for (const ElementRange& range : ranges_) {
    first_.push_back(count);
    count += range.count();
  }
  for (const std::string& name : MomentNames(options)) {
    moments_.push_back({name, AlignedBuffer<float>(count)});
  }
}

void Optimizer::Begin(const UpdateRates& rates) {
  rates_ = rates;
  const double t = static_cast<double>(rates.update);
  first_correction_ = 1 - std::pow(options_.beta1, t);
  second_correction_ = 1 - std::pow(options_.beta2, t);
}

void Optimizer::Step(std::size_t range, const ElementRange& part, const float* gradient,
                     float* values) {
  for (std::size_t i = 0; i < layout_.infos().size(); ++i) {
    const ParameterInfo& info = layout_.infos()[i];
    const Index begin = std::max(part.begin, info.offset);
    const Index end = std::min(part.end, info.offset + info.count());
    const Index moment = first_[range] + begin - ranges_[range].begin;
    if (begin >= end) continue;
    if (!frozen_[i]) StepOne(info.decays, end - begin, moment, gradient + begin, values + begin);
    Average(end - begin, moment, frozen_[i] ? 1 : rates_.average_share, values + begin);
  }
}

// Updates `count` elements of one parameter; `at` is the index of the first in the moments.
void Optimizer::StepOne(bool decays, Index count, Index at, const float* gradient, float* values) {
  const OptimizerOptions& o = options_;
  const auto moment = [&](std::size_t which) { return moments_[which].values.data() + at; };
  const float rate = static_cast<float>(rates_.learning_rate);
  const float scale = static_cast<float>(rates_.gradient_scale);
  const float decay = static_cast<float>(decays ? o.weight_decay : 0);
  const float momentum = static_cast<float>(o.momentum);
  if (o.kind == OptimizerKind::kAdam || o.kind == OptimizerKind::kAdamW) {
    AdamStep(count, RatesOf(o, rates_.learning_rate, first_correction_, second_correction_, decays),
             scale, gradient, moment(0), moment(1), values);
  } else if (o.kind == OptimizerKind::kRmsprop) {
    RmspropStep(count, rate, scale, decay, static_cast<float>(o.rho), static_cast<float>(o.epsilon),
                gradient, moment(0), values);
  } else if (o.momentum == 0) {
    SgdStep(count, rate, scale, decay, gradient, values);
  } else if (o.nesterov) {
    NesterovStep(count, rate, scale, decay, momentum, gradient, moment(0), values);
  } else {
    MomentumStep(count, rate, scale, decay, momentum, gradient, moment(0), values);
  }
}

// At a share of 1 the average is the values themselves, without rounding.
void Optimizer::Average(Index count, Index at, double share, const float* values) {
  if (options_.average.kind == AverageKind::kOff) return;
  float* const average = moments_.back().values.data() + at;
  if (share == 1) {
    std::copy_n(values, count, average);
  } else {
    AverageStep(count, static_cast<float>(share), values, average);
  }
}

std::span<float> Optimizer::MomentOf(std::size_t which, std::size_t range) {
  return moments_[which].values.span().subspan(static_cast<std::size_t>(first_[range]),
                                               static_cast<std::size_t>(ranges_[range].count()));
}

std::span<const float> Optimizer::MomentOf(std::size_t which, std::size_t range) const {
  return const_cast<Optimizer*>(this)->MomentOf(which, range);
}

}  // namespace lockstep
