// Translates between flat arrays and the named arrays of a checkpoint: each parameter is stored
// under its own name at the root, each moment under optimizer/<moment>/<parameter name>.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "checkpoint/checkpoint_file.h"
#include "worker/params/parameter_layout.h"

namespace lockstep {

// The name under which a checkpoint holds a moment of a parameter.
std::string MomentName(const std::string& moment, const std::string& parameter);

// BadData that names the first parameter of the model that a checkpoint lacks or has in another
// shape, or the first array that does not belong to the model. To be called before memory is taken
// for a model whose sizes come from the checkpoint: they may be forged, its arrays are as large as
// the file.
void CheckParameters(const CheckpointContent& content, const std::string& file,
                     const ParameterLayout& layout);

// Copies the parameters of a checkpoint into the flat array `values`. BadData that names the first
// one that is missing, has another shape, or does not belong to the model.
void RestoreParameters(const CheckpointContent& content, const std::string& file,
                       const ParameterLayout& layout, std::span<float> values);

// BadData where parameters are not those that were saved, by their hash in the state, which may be
// empty, or where one is no finite number. The structure of a file may be whole and its arrays
// changed all the same, by whoever has written it again.
void CheckValues(const std::string& parameters_hash, const std::string& file,
                 const ParameterLayout& layout, std::span<const float> values);

// Copies one array that is not a parameter; BadData if it is missing or has another shape.
void RestoreWhole(const CheckpointContent& content, const std::string& file,
                  const std::string& name, const std::vector<Index>& shape,
                  std::span<float> values);

// Copies one moment of the optimiser into the flat array `values`. BadData that names the first
// array that is missing or has another shape.
void RestoreMoment(const CheckpointContent& content, const std::string& file,
                   const ParameterLayout& layout, const std::string& moment,
                   std::span<float> values);

// Appends to `views` a view of each parameter in the flat array `values`. If `moment` is not empty,
// `values` is that moment and the views get its names.
void AddViews(const ParameterLayout& layout, const std::string& moment, const float* values,
              std::vector<ArrayView>* views);

}  // namespace lockstep
