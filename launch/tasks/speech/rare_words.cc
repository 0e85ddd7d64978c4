#include "launch/tasks/speech/rare_words.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <numeric>

#include "base/error.h"
#include "base/json_text.h"
#include "data/corpus/joined_corpus.h"

namespace lockstep {
namespace {

constexpr Index kFewOccurrences = 5;  // of a word; fewer hardly teach how it sounds
constexpr Index kFewWords = 2000;     // of all training transcripts together

// Number of copies of each sample that the importer has made, which teach no new words.
Index CopiesBy(const std::string& text) {
  const auto provenance = ParseJsonOrDiscard(text);
  if (!provenance.is_object() || !provenance.contains("options")) return 1;
  const nlohmann::json& options = provenance["options"];
  if (!options.is_object() || !options.contains("speeds")) return 1;
  return std::max<Index>(1, static_cast<Index>(options["speeds"].size()));
}

// The largest number if several corpora are mixed: rather one warning too many.
Index CopiesOf(const CorpusInfo& corpus) {
  Index most = 1;
  for (const std::string& text : ProvenancesOf(corpus)) most = std::max(most, CopiesBy(text));
  return most;
}

bool HasWordsAsUnits(const CorpusInfo& corpus) {
  if (!corpus.has_target_lists() || corpus.units.empty()) return false;
  const auto units = ParseJsonOrDiscard(corpus.units);
  return units.is_object() && units.value("kind", "") == "words";
}

}  // namespace

std::string RareWords(const CorpusInfo& corpus) {
  if (!HasWordsAsUnits(corpus)) return "";
  std::vector<Index> counts = corpus.Split("train").label_counts;
  if (counts.size() < 2) return "";
  counts.erase(counts.begin());  // the blank
  const Index copies = CopiesOf(corpus);
  const auto types = static_cast<Index>(counts.size());
  const Index words = std::reduce(counts.begin(), counts.end(), Index{0}) / copies;
  const Index rare =
      std::ranges::count_if(counts, [&](Index count) { return count < kFewOccurrences * copies; });
  if (3 * rare <= types && words >= kFewWords) return "";
  return fmt::format(
      "the units of the corpus are words, but its training transcripts have {} words in all, and "
      "{} of the {} different ones fewer than {} times: such words are hardly ever recognised; use "
      "letters (prepare speech --units letters), see \"What to choose\" in docs/speech.md",
      words, rare, types, kFewOccurrences);
}

}  // namespace lockstep
