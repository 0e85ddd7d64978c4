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

NamedWeight WeightFromText(const WeightRules& rules, std::string_view part,
                           const std::string& text) {
  const std::size_t equals = part.rfind('=');
  NamedWeight found;
  if (equals != std::string_view::npos) {
    found.name = Trim(part.substr(0, equals));
    const bool is_number = ReadNumber(Trim(part.substr(equals + 1)), &found.weight);
    const bool is_allowed = found.weight >= rules.least && found.weight <= rules.most;  // not NaN
    if (!found.name.empty() && is_number && is_allowed) return found;
  }
  throw UsageError("{} is {}, where {} is no weight; allowed are {}=WEIGHT with commas between, {}",
                   rules.key, Printable(text), Printable(std::string(Trim(part))), rules.name,
                   rules.meaning);
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

// 1 for each source of the corpus itself; for those that were joined their reads per sample.
std::vector<double> WeightsWithoutPatterns(const SplitInfo& split,
                                           const std::vector<SourceCounts>& counts) {
  std::vector<double> weights(counts.size(), 1);
  const std::size_t own = counts.size() - split.joined_reads.size();
  for (std::size_t j = 0; j < split.joined_reads.size(); ++j) {
    weights[own + j] =
        static_cast<double>(split.joined_reads[j]) / static_cast<double>(counts[own + j].sequences);
  }
  return weights;
}

}  // namespace

std::vector<NamedWeight> NamedWeightsFromText(const WeightRules& rules, const std::string& text) {
  std::vector<NamedWeight> weights;
  if (Trim(text).empty()) return weights;
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find(',', begin), text.size());
    const std::string_view part = std::string_view(text).substr(begin, end - begin);
    weights.push_back(WeightFromText(rules, part, text));
    begin = end + 1;
  }
  return weights;
}

std::vector<NamedWeight> SourceWeightsFromText(const std::string& text) {
  static const std::string kMeaning = fmt::format(
      "NAME being the name of a source or a pattern with * and ?, and WEIGHT a number in 0..{}",
      kMostSourceWeight);
  return NamedWeightsFromText(
      {"data.source_weights", "NAME", kMeaning.c_str(), 0, kMostSourceWeight}, text);
}

std::vector<double> ResolveSourceWeights(const std::vector<NamedWeight>& given,
                                         const CorpusInfo& corpus) {
  const SplitInfo& split = corpus.Split("train");
  if (given.empty() && split.joined_reads.empty()) return {};
  std::vector<std::string> names = SourcesOf(corpus);
  const std::vector<SourceCounts> counts = CountSources(corpus, split);
  std::vector<double> weights = WeightsWithoutPatterns(split, counts);
  names.resize(names.size() - split.joined_reads.size());  // those that patterns match
  for (const NamedWeight& one : given) {
    bool any = false;
    for (std::size_t s = 0; s < names.size(); ++s) {
      if (counts[s].sequences == 0 || !Matches(one.name, names[s])) continue;
      weights[s] = one.weight;
      any = true;
    }
    if (!any) FailUnmatched(one.name, names, counts);
  }
  RequireSamples(weights, counts);
  const bool all_one = std::ranges::all_of(weights, [](double weight) { return weight == 1; });
  return all_one ? std::vector<double>() : weights;
}

}  // namespace lockstep
