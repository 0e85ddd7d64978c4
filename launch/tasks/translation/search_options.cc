#include "launch/tasks/translation/search_options.h"

#include "base/error.h"

namespace lockstep {
namespace {

constexpr double kMostPenalty = 100;

}  // namespace

std::span<const OptionRow> SearchRows() {
  static constexpr OptionRow kRows[] = {
      {"beam N",
       "hypotheses of a translation that the search keeps at each step, 1 (greedy) to 1000; "
       "default "
       "5"},
      {"length-penalty X",
       "power by which the length divides the log probability of a translation, 0 to 100; 0 "
       "prefers "
       "short ones; default 1"},
      Rare({"coverage-penalty X",
            "weight of the penalty for source tokens without attention, 0 to 100; default 0"}),
  };
  return kRows;
}

SearchOptions SearchOptionsOf(const Options& options, Index n_best) {
  SearchOptions search;
  search.beam = options.Number("beam", std::max(search.beam, n_best), 1, kMostBeam);
  if (n_best > search.beam) {
    throw UsageError(
        "--n-best is {}, but the search keeps only --beam {} hypotheses; give a larger "
        "--beam or a smaller --n-best",
        n_best, search.beam);
  }
  search.n_best = n_best;
  search.length_penalty = options.Real("length-penalty", search.length_penalty, 0, kMostPenalty);
  search.coverage_penalty =
      options.Real("coverage-penalty", search.coverage_penalty, 0, kMostPenalty);
  return search;
}

void RequireAttention(const Options& options, const TrainedModel& model) {
  if (model.config.run().trainer.model.decoder.attention != AttentionKind::kNone) return;
  for (const char* name : {"attention", "coverage-penalty", "replace-unknown"}) {
    if (!options.Has(name)) continue;
    throw UsageError(
        "--{} goes by the attention to the source, but {} was trained with model.attention = "
        "\"none\": leave it out",
        name, model.path);
  }
}

}  // namespace lockstep
