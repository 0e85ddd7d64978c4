// A comparison of genes with an annotation, as text and as JSON.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "data/dna/genes/gene_comparison.h"

namespace lockstep {

// Several lines, each with its end.
std::string GeneReportText(const GeneComparison& comparison);
nlohmann::ordered_json GeneReportJson(const GeneComparison& comparison);

}  // namespace lockstep
