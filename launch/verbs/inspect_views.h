// What `lockstep inspect` shows to people beside the fields: a table of the arrays of a model, and
// what differs between two runs, checkpoints or corpora.
#pragma once

#include <string>
#include <vector>

#include "launch/verbs/inspect_fields.h"

namespace lockstep {

// An array of parameters.
struct ModelArray {
  std::string name;
  std::vector<Index> shape;
  Index parameters = 0;
  Index bytes = 0;
  // Multiplications and additions of one forward step of one sequence: two for each element of a
  // matrix, one for that of a bias, none for an embedding, which is looked up. Pooled and dense
  // layers over a sequence run once per sequence instead.
  Index operations = 0;
};
ModelArray DescribeArray(const std::string& name, const std::vector<Index>& shape,
                         Index element_bytes);

// One line per array and one for all of them.
std::string LayerTable(const std::vector<ModelArray>& arrays);

// "NAME  VALUE  VALUE" for each field whose value differs, or that only one has; one sentence where
// none does. Where things lie and when is no difference.
std::string Differences(const std::vector<ShownField>& first,
                        const std::vector<ShownField>& second);

}  // namespace lockstep
