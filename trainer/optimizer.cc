#include "trainer/optimizer.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "base/error.h"

// The compiler makes one version of these loops for each instruction set and picks at run time.
// With contraction off every version rounds alike: only additions, products, quotients and roots.
#if defined(__x86_64__) && !defined(__SANITIZE_ADDRESS__) && !defined(__clang__)
#define LOCKSTEP_CLONES __attribute__((target_clones("avx512f", "avx2", "default")))
#else
#define LOCKSTEP_CLONES
#endif

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

AdamRates RatesOf(const OptimizerOptions& o, double learning_rate, Index update, bool decays) {
  const double decay = decays ? o.weight_decay : 0;
  const bool apart = o.kind == OptimizerKind::kAdamW;
  const double t = static_cast<double>(update);
  AdamRates rates;
  rates.step = static_cast<float>(learning_rate / (1 - std::pow(o.beta1, t)));
  rates.root_scale = static_cast<float>(1 / std::sqrt(1 - std::pow(o.beta2, t)));
  rates.beta1 = static_cast<float>(o.beta1);
  rates.beta2 = static_cast<float>(o.beta2);
  rates.epsilon = static_cast<float>(o.epsilon);
  rates.decay = static_cast<float>(apart ? 0 : decay);
  rates.keep = static_cast<float>(apart ? 1 - learning_rate * decay : 1);
  return rates;
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

Optimizer::Optimizer(const OptimizerOptions& options, const ParameterLayout& layout, Index begin,
                     Index count)
    : options_(options), layout_(layout), begin_(begin), count_(count) {
  for (const std::string& name : MomentNames(options)) {
    moments_.push_back({name, AlignedBuffer<float>(count)});
  }
}

void Optimizer::Step(double learning_rate, Index update, double gradient_scale,
                     const float* gradient, float* values, ThreadTeam* team) {
  const float rate = static_cast<float>(learning_rate), scale = static_cast<float>(gradient_scale);
  const auto moment = [&](std::size_t which, Index at) {
    return which < moments_.size() ? moments_[which].values.data() + at : nullptr;
  };
  // Elements [at, at + n) of the segment, all of one parameter.
  const auto run = [&](Index at, Index n, bool decays) {
    const OptimizerOptions& o = options_;
    const float decay = static_cast<float>(decays ? o.weight_decay : 0);
    const float momentum = static_cast<float>(o.momentum);
    const float* g = gradient + at;
    float* p = values + at;
    if (o.kind == OptimizerKind::kAdam || o.kind == OptimizerKind::kAdamW) {
      AdamStep(n, RatesOf(o, learning_rate, update, decays), scale, g, moment(0, at), moment(1, at),
               p);
    } else if (o.kind == OptimizerKind::kRmsprop) {
      RmspropStep(n, rate, scale, decay, static_cast<float>(o.rho), static_cast<float>(o.epsilon),
                  g, moment(0, at), p);
    } else if (o.momentum == 0) {
      SgdStep(n, rate, scale, decay, g, p);
    } else if (o.nesterov) {
      NesterovStep(n, rate, scale, decay, momentum, g, moment(0, at), p);
    } else {
      MomentumStep(n, rate, scale, decay, momentum, g, moment(0, at), p);
    }
  };
  team->Split(count_, kBlockElements, [&](Index first, Index last) {
    for (const ParameterInfo& info : layout_.infos()) {
      const Index from = std::max(begin_ + first, info.offset);
      const Index to = std::min(begin_ + last, info.offset + info.count());
      if (from < to) run(from - begin_, to - from, info.decays);
    }
  });
}

}  // namespace lockstep
