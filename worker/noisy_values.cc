#include "worker/noisy_values.h"

#include "worker/kernels/weight_noise.h"

namespace lockstep {

NoisyValues::NoisyValues(double deviation, Index size)
    : deviation_(static_cast<float>(deviation)), buffer_(deviation > 0 ? size : 0) {}

void NoisyValues::Begin(const float* values, const DropoutKey& key) {
  values_ = values;
  ready_ = 0;
  key_ = key;
}

void NoisyValues::ExtendTo(Index end) {
  if (!has_noise() || end <= ready_) return;
  AddWeightNoise(DropoutRng(key_, kNoisePlace), deviation_, ready_, end, values_, buffer_.data());
  ready_ = end;
}

}  // namespace lockstep
