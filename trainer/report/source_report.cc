#include "trainer/report/source_report.h"

#include "base/characters.h"
#include "base/error.h"
#include "base/log.h"
#include "data/corpus/source_table.h"

namespace lockstep {

void TellSourceWeights(const CorpusInfo& corpus, const std::vector<double>& weights) {
  constexpr std::size_t kShown = 10;
  if (weights.empty()) return;
  const std::vector<std::string> names = SourcesOf(corpus);
  const std::vector<SourceCounts> counts = CountSources(corpus, corpus.Split("train"));
  std::size_t told = 0;
  for (std::size_t s = 0; s < names.size(); ++s) {
    if (counts[s].sequences == 0) continue;
    const std::string line = fmt::format("source {}: weight {}, {} sequences", Printable(names[s]),
                                         weights[s], counts[s].sequences);
    ++told <= kShown ? LogInfo("{}", line) : LogDetail("{}", line);
  }
  if (told > kShown) LogInfo("{} more sources are listed in log.txt", told - kShown);
}

}  // namespace lockstep
