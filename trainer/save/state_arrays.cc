#include "trainer/save/state_arrays.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "base/error.h"

namespace lockstep {

std::string MomentName(const std::string& moment, const std::string& parameter) {
  return "optimizer/" + moment + "/" + parameter;
}

namespace {

const StoredArray& FindArray(const CheckpointContent& content, const std::string& file,
                             const std::string& name, const std::vector<Index>& shape) {
  const auto found = content.arrays.find(name);
  if (found == content.arrays.end()) {
    throw BadData("{}: array \"{}\" of the model is missing; it was written for another model",
                  file, name);
  }
  const StoredArray& array = found->second;
  if (array.type == ElementType::kFloat32 && array.shape == shape) return array;
  throw BadData("{}: array \"{}\" is {} [{}], the model has float32 [{}]", file, name,
                ElementName(array.type), fmt::join(array.shape, ", "), fmt::join(shape, ", "));
}

}  // namespace

void RestoreWhole(const CheckpointContent& content, const std::string& file,
                  const std::string& name, const std::vector<Index>& shape,
                  std::span<float> values) {
  const std::span<const float> stored = FindArray(content, file, name, shape).as<float>();
  std::copy(stored.begin(), stored.end(), values.begin());
}

namespace {

void RestoreArray(const CheckpointContent& content, const std::string& file,
                  const std::string& name, const ParameterInfo& info, std::span<float> values) {
  RestoreWhole(content, file, name, info.shape,
               values.subspan(static_cast<std::size_t>(info.offset)));
}

}  // namespace

void CheckParameters(const CheckpointContent& content, const std::string& file,
                     const ParameterLayout& layout) {
  std::set<std::string> names;
  for (const ParameterInfo& info : layout.infos()) {
    FindArray(content, file, info.name, info.shape);
    names.insert(info.name);
  }
  for (const auto& [name, array] : content.arrays) {
    if (name.find('/') != std::string::npos || names.contains(name)) continue;
    throw BadData("{}: array \"{}\" is not of this model", file, name);
  }
}

void RestoreParameters(const CheckpointContent& content, const std::string& file,
                       const ParameterLayout& layout, std::span<float> values) {
  CheckParameters(content, file, layout);
  for (const ParameterInfo& info : layout.infos()) {
    RestoreArray(content, file, info.name, info, values);
  }
}

void CheckValues(const std::string& parameters_hash, const std::string& file,
                 const ParameterLayout& layout, std::span<const float> values) {
  const std::string computed = parameters_hash.empty() ? "" : HashParameters(layout, values);
  if (computed != parameters_hash) {
    throw BadData(
        "{}: parameters_hash is {}, the arrays have {}: somebody changed the file; use another "
        "checkpoint",
        file, parameters_hash, computed);
  }
  for (const ParameterInfo& info : layout.infos()) {
    const auto array = values.subspan(static_cast<std::size_t>(info.offset),
                                      static_cast<std::size_t>(info.count()));
    if (std::ranges::all_of(array, [](float value) { return std::isfinite(value); })) continue;
    throw BadData("{}: array \"{}\" has values that are no finite numbers; use another checkpoint",
                  file, info.name);
  }
}

void RestoreMoment(const CheckpointContent& content, const std::string& file,
                   const ParameterLayout& layout, const std::string& moment,
                   std::span<float> values) {
  for (const ParameterInfo& info : layout.infos()) {
    RestoreArray(content, file, MomentName(moment, info.name), info, values);
  }
}

void AddViews(const ParameterLayout& layout, const std::string& moment, const float* values,
              std::vector<ArrayView>* views) {
  for (const ParameterInfo& info : layout.infos()) {
    const std::string name = moment.empty() ? info.name : MomentName(moment, info.name);
    views->push_back({name, ElementType::kFloat32, info.shape, values + info.offset});
  }
}

}  // namespace lockstep
