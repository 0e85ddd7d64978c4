#include "launch/run/target_units.h"

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/json_node.h"
#include "base/json_text.h"

namespace lockstep {

std::vector<TargetUnit> TargetUnitsOf(const CorpusInfo& corpus) {
  std::vector<TargetUnit> units;
  const nlohmann::json task = ParseJsonOrDiscard(corpus.task);
  const JsonNode node(task, kCorpusIndexName, "task");
  if (node.Has("targets")) {
    for (const JsonNode& target : node.At("targets").Items()) {
      units.push_back({target.At("name").Text(), target.At("offset").Real(),
                       target.At("scale").Real(), target.At("mean").Real()});
    }
  }
  const std::size_t width = static_cast<std::size_t>(corpus.target().width);
  if (units.size() == width) return units;
  units.clear();
  for (std::size_t k = 0; k < width; ++k) units.push_back({fmt::format("target[{}]", k)});
  return units;
}

std::vector<double> TargetScales(const CorpusInfo& corpus) {
  std::vector<double> scales;
  if (!corpus.target().is_real()) return scales;
  for (const TargetUnit& unit : TargetUnitsOf(corpus)) scales.push_back(unit.scale);
  return scales;
}

}  // namespace lockstep
