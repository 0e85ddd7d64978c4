// Names of arrays in a checkpoint: each parameter under its own name at the root, moments under
// optimizer/<moment>/<parameter name>.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "checkpoint/checkpoint_file.h"
#include "worker/params/parameter_layout.h"

namespace lockstep {

// Copies the parameters of a checkpoint into the flat array. BadData naming the first that is
// missing, of another shape, or not of the model.
void RestoreParameters(const CheckpointContent& content, const std::string& file,
                       const ParameterLayout& layout, std::span<float> values);

// Copies an array that is no parameter; BadData as above.
void RestoreWhole(const CheckpointContent& content, const std::string& file,
                  const std::string& name, const std::vector<Index>& shape,
                  std::span<float> values);

// The same for one moment of the optimiser.
void RestoreMoment(const CheckpointContent& content, const std::string& file,
                   const ParameterLayout& layout, const std::string& moment,
                   std::span<float> values);

// Appends a view of each parameter in the flat array `values`; of a moment unless its name is
// empty.
void AddViews(const ParameterLayout& layout, const std::string& moment, const float* values,
              std::vector<ArrayView>* views);

}  // namespace lockstep
