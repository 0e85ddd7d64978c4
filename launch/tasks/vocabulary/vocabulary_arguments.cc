#include "launch/tasks/vocabulary/vocabulary_arguments.h"

#include "base/error.h"

namespace lockstep {

VocabularyOptions VocabularyOptionsOf(const Options& options, const std::string& owner,
                                      const VocabularyOptions& otherwise) {
  for (const char* name : {"min-count", "max-vocabulary"}) {
    if (owner.empty() || !options.Has(name)) continue;
    throw UsageError(
        "--{} chooses among the tokens of the training texts, but {} has its own: leave it out",
        name, owner);
  }
  return {.min_count = options.Number("min-count", otherwise.min_count, 1),
          .max_size = options.Number("max-vocabulary", otherwise.max_size, 2)};
}

std::string GivenVocabulary(const Options& options) {
  const auto file = options.Maybe("vocabulary");
  return file ? "--vocabulary " + *file : "";
}

}  // namespace lockstep
