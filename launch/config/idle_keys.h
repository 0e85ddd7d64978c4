// Keys that somebody has set and that have no effect, because of the values of others: a dropout
// between layers where there is one layer. Training goes on; a warning names them.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "launch/config/config.h"

namespace lockstep {

// A key, when it has an effect, and why it has none otherwise.
template <typename... Facts>
struct EffectRule {
  const char* key;
  bool (*has_effect)(const Facts&... facts);
  const char* why_not;
};

// "model.dropout is 0.3 (command line), which has no effect: " and why.
std::string IdleKeyText(const std::string& key, const GivenValue& given, const char* why_not);

// A sentence for each key that was given and that has no effect by its rule.
template <typename... Facts>
std::vector<std::string> FindIdle(const Config& config, std::span<const EffectRule<Facts...>> rules,
                                  const Facts&... facts) {
  std::vector<std::string> sentences;
  const auto given = config.Given();
  for (const EffectRule<Facts...>& rule : rules) {
    const auto found = given.find(rule.key);
    if (found == given.end() || rule.has_effect(facts...)) continue;
    sentences.push_back(IdleKeyText(rule.key, found->second, rule.why_not));
  }
  return sentences;
}

// By the rules that need the configuration alone.
std::vector<std::string> FindIdleKeys(const Config& config);

}  // namespace lockstep
