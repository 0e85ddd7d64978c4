#include "trainer/report/source_report.h"

#include "base/characters.h"
#include "base/error.h"
#include "base/log.h"
#include "data/corpus/source_table.h"

namespace lockstep {
namespace {

// What to tell of a source; `reads` are those of an epoch if it is a corpus that was joined.
std::string LineOf(const std::string& name, Index sequences, double weight, const Index* reads) {
  if (reads == nullptr)
    return fmt::format("source {}: weight {}, {} sequences", Printable(name), weight, sequences);
  return fmt::format("corpus {}: {} sequences per epoch, drawn from {}", Printable(name), *reads,
                     sequences);
}

}  // namespace

void TellSourceWeights(const CorpusInfo& corpus, const std::vector<double>& weights) {
  constexpr std::size_t kShown = 10;
  const SplitInfo& split = corpus.Split("train");
  if (weights.empty() && split.joined_reads.empty()) return;
  const std::vector<std::string> names = SourcesOf(corpus);
  const std::vector<SourceCounts> counts = CountSources(corpus, split);
  const std::size_t own = names.size() - split.joined_reads.size();
  std::size_t told = 0;
  for (std::size_t s = 0; s < names.size(); ++s) {
    if (counts[s].sequences == 0) continue;
    const double weight = weights.empty() ? 1 : weights[s];
    const Index* const reads = s < own ? nullptr : &split.joined_reads[s - own];
    const std::string line = LineOf(names[s], counts[s].sequences, weight, reads);
    ++told <= kShown ? LogInfo("{}", line) : LogDetail("{}", line);
  }
  if (told > kShown) LogInfo("{} more sources are listed in log.txt", told - kShown);
}

}  // namespace lockstep
