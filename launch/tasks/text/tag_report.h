// Precision, recall and F1 of the spans that a model found in a split, by type and over all types,
// as the script conlleval of the CoNLL shared tasks counts them.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "data/batch/span_tags.h"
#include "launch/run/scoring.h"

namespace lockstep {

// The spans of one type, or of all.
struct SpanCounts {
  Index known = 0;
  Index found = 0;
  Index right = 0;  // known and found
  // 0 where there is nothing to divide by.
  double Precision() const;
  double Recall() const;
  double F1() const;
};

class TagReport {
 public:
  explicit TagReport(const SpanTags& tags) : types_(tags.types()), counts_(types_.size()) {}

  // Adds the counts of a sequence; both as long as each other.
  void Add(const SpanTags& tags, std::span<const std::int32_t> known,
           std::span<const std::int32_t> found);
  std::vector<SpanCounts>& counts() { return counts_; }  // by type
  SpanCounts All() const;

  nlohmann::ordered_json ToJson() const;
  std::string ToText() const;

 private:
  std::vector<std::string> types_;
  std::vector<SpanCounts> counts_;
};

// The scoring of corpora whose targets are tags of spans.
std::unique_ptr<Scoring> MakeTagScoring(const SpanTags& tags);

}  // namespace lockstep
