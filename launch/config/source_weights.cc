#include "launch/config/source_weights.h"

#include <fnmatch.h>

#include <algorithm>

#include "base/characters.h"
#include "base/error.h"
#include "base/text.h"
#include "data/corpus/source_table.h"
#include "data/stream/sample_reads.h"

namespace lockstep {
namespace {

SourceWeight WeightFromText(std::string_view part, const std::string& text) {
  const std::size_t equals = part.rfind('=');
  SourceWeight found;
  if (equals != std::string_view::npos) {
    found.pattern = Trim(part.substr(0, equals));
    const bool is_number = ReadNumber(Trim(part.substr(equals + 1)), &found.weight);
    const bool is_allowed = found.weight >= 0 && found.weight <= kMostSourceWeight;  // not NaN
    if (!found.pattern.empty() && is_number && is_allowed) return found;
  }
  throw UsageError(
      "data.source_weights is {}, where {} is no weight; allowed are NAME=WEIGHT with "
      "commas between, NAME being the name of a source or a pattern with * and ?, and WEIGHT a "
      "number in 0..{}",
      Printable(text), Printable(std::string(Trim(part))), kMostSourceWeight);
}

bool Matches(const std::string& pattern, const std::string& name) {
  return pattern == name || ::fnmatch(pattern.c_str(), name.c_str(), 0) == 0;
}

[[noreturn]] void FailUnmatched(const std::string& pattern, const std::vector<std::string>& names,
                                const std::vector<SourceCounts>& counts) {
  constexpr std::size_t kShown = 20;
  std::vector<std::string> sources;
  for (std::size_t s = 0; s < names.size(); ++s) {
    if (counts[s].sequences > 0) sources.push_back(Printable(names[s]));
  }
  const std::size_t all = sources.size();
  sources.resize(std::min(all, kShown));
  throw UsageError(
      "data.source_weights: no source of the training split matches {}; the sources are {}{}{}",
      Printable(pattern), fmt::join(sources, ", "),
      all > kShown ? fmt::format(" and {} more", all - kShown) : "",
      names.size() == 1 ? " (prepared from one source, or by a version that noted none)" : "");
}

void RequireSamples(const std::vector<double>& weights, const std::vector<SourceCounts>& counts) {
  double reads = 0;
  for (std::size_t s = 0; s < weights.size(); ++s) {
    reads += weights[s] * static_cast<double>(counts[s].sequences);
  }
  if (reads >= 1) return;
  throw UsageError(
      "data.source_weights leave {:.3g} sequences of the training split per epoch on average; "
      "allowed: 1 or more; give a source a larger weight",
      reads);
}

}  // namespace

std::vector<SourceWeight> SourceWeightsFromText(const std::string& text) {
  std::vector<SourceWeight> weights;
  if (Trim(text).empty()) return weights;
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find(',', begin), text.size());
    weights.push_back(WeightFromText(std::string_view(text).substr(begin, end - begin), text));
    begin = end + 1;
  }
  return weights;
}

std::vector<double> ResolveSourceWeights(const std::vector<SourceWeight>& given,
                                         const CorpusInfo& corpus) {
  if (given.empty()) return {};
  const std::vector<std::string> names = SourcesOf(corpus);
  const std::vector<SourceCounts> counts = CountSources(corpus, corpus.Split("train"));
  std::vector<double> weights(names.size(), 1);
  for (const SourceWeight& one : given) {
    bool any = false;
    for (std::size_t s = 0; s < names.size(); ++s) {
      if (counts[s].sequences == 0 || !Matches(one.pattern, names[s])) continue;
      weights[s] = one.weight;
      any = true;
    }
    if (!any) FailUnmatched(one.pattern, names, counts);
  }
  RequireSamples(weights, counts);
  const bool all_one = std::ranges::all_of(weights, [](double weight) { return weight == 1; });
  return all_one ? std::vector<double>() : weights;
}

}  // namespace lockstep
