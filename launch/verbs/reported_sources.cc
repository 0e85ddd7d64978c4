#include "launch/verbs/reported_sources.h"

#include <algorithm>

#include "base/error.h"
#include "data/corpus/source_table.h"
#include "launch/config/corpus_mix.h"
#include "launch/config/source_weights.h"

namespace lockstep {
namespace {

constexpr const char* kTraining = "train";

std::string SettingOf(const ReportedRun& run, const char* key) {
  const auto found = run.settings.find(key);
  return found == run.settings.end() ? "" : found->second.value;
}

// The corpora of data.mix are the last sources; corpus.json does not hold how often they are read.
void AddReads(const std::vector<NamedWeight>& mix, const std::vector<SourceCounts>& counts,
              SplitInfo* split) {
  const std::size_t own = counts.size() - mix.size();
  Index sequences = 0;  // of --corpus
  for (std::size_t s = 0; s < own; ++s) sequences += counts[s].sequences;
  for (std::size_t m = 0; m < mix.size(); ++m)
    split->joined_reads.push_back(MixedReads(mix[m], sequences, counts[own + m].sequences));
}

}  // namespace

void AddSources(const CorpusInfo& corpus, ReportedRun* run) {
  if (!corpus.splits.contains(kTraining)) return;
  CorpusInfo read = corpus;
  const std::vector<std::string> names = SourcesOf(corpus);
  const std::vector<SourceCounts> counts = CountSources(corpus, corpus.Split(kTraining));
  const std::vector<NamedWeight> mix = MixFromText(SettingOf(*run, "data.mix"));
  if (names.size() < 2 || mix.size() >= names.size()) return;
  AddReads(mix, counts, &read.splits.at(kTraining));
  const std::vector<NamedWeight> given =
      SourceWeightsFromText(SettingOf(*run, "data.source_weights"));
  std::vector<double> weights = ResolveSourceWeights(given, read);
  weights.resize(names.size(), 1);  // there are none where all are 1
  const bool is_nameless = names.size() == mix.size() + 1;
  for (std::size_t s = 0; s < names.size(); ++s) {
    if (counts[s].sequences == 0) continue;
    run->sources.push_back({s == 0 && is_nameless ? "--corpus" : names[s], counts[s].sequences,
                            counts[s].steps,
                            weights[s] * static_cast<double>(counts[s].sequences)});
  }
  run->mixes_corpora = !mix.empty();
}

}  // namespace lockstep
