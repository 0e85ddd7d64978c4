// Word errors of a model whose labels spell words: what is read is compared with the labels, word
// by word (worker/metrics/error_rate.h).
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "worker/metrics/error_rate.h"

namespace lockstep {

class WordErrors {
 public:
  // `texts` [classes]: what each label adds to the text; blanks divide words. Empty: the labels
  // spell no words, and nothing is counted.
  explicit WordErrors(std::vector<std::string> texts) : texts_(std::move(texts)) {}
  bool counts() const { return !texts_.empty(); }

  // The labels must be in [0, classes). Allocates. UsageError as AlignTokens.
  ErrorCounts Count(std::span<const std::int32_t> labels, std::span<const std::int32_t> read) const;

 private:
  Tokens WordsOf(std::span<const std::int32_t> labels) const;

  std::vector<std::string> texts_;
};

}  // namespace lockstep
