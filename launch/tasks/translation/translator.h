// Translates slots of sources by one model or by several together, on the threads of a rank.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "data/batch/batch.h"
#include "data/batch/schema.h"
#include "launch/run/record_bytes.h"
#include "launch/run/trained_model.h"
#include "worker/decode/token_search.h"

namespace lockstep {

class Translator {
 public:
  // `models` must outlive it and write ids of the vocabulary `target`. UsageError that names the
  // checkpoint of a model which does not write, and for a coverage penalty without attention.
  Translator(std::vector<const TrainedModel*> models, const Vocabulary& target,
             const SearchOptions& options, int threads);

  // The hypotheses of each sequence of a slot, in its order. Thread `member` only. Takes memory for
  // the largest slot so far.
  std::vector<std::vector<Hypothesis>> Translate(int member, const SlotBatch& sources);

  const SearchOptions& options() const { return options_; }

 private:
  using Steppers = std::vector<std::unique_ptr<TokenStepper<float>>>;
  struct Member {
    SlotBounds bounds;
    Steppers steppers;
  };
  Steppers Open(const SlotBounds& bounds) const;
  void MakeRoom(const SlotBatch& sources, Member* member) const;

  std::vector<const TrainedModel*> models_;
  std::int32_t start_;
  std::int32_t end_;
  SearchOptions options_;
  std::vector<Member> members_;
};

// Names the fields for launch/run/record_bytes.h.
template <typename Use>
void VisitFields(Hypothesis& one, const Use& use) {
  use(one.tokens);
  use(one.score);
  use(one.log_probability);
  use(one.ended);
  use(one.attention);
}

}  // namespace lockstep
