#include "launch/verbs/inspect_views.h"

#include <algorithm>
#include <functional>
#include <map>
#include <numeric>

#include "base/error.h"
#include "launch/output/cell_text.h"

namespace lockstep {
namespace {

std::string ShapeText(const std::vector<Index>& shape) {
  return fmt::format("[{}]", fmt::join(shape, ", "));
}

std::string Line(const std::string& name, const std::string& shape, const ModelArray& counts) {
  return fmt::format("{:<36} {:>14} {:>12} {:>12} {:>14}\n", CellText(name), shape,
                     counts.parameters, counts.bytes, counts.operations);
}

// What says where and when, or once more what another field says.
bool IsLeftOut(const std::string& name) {
  return name == "path" || name == "newest" || name == "metrics_bytes" || name == "bytes" ||
         name == "layers" || name.starts_with("arrays.optimizer/");
}

std::map<std::string, std::string> Values(const std::vector<ShownField>& fields) {
  std::map<std::string, std::string> values;
  for (const ShownField& field : fields) {
    if (field.is_leaf && !IsLeftOut(field.name))
      values[field.name] = CellText(BareText(field.value));
  }
  return values;
}

std::string Short(const std::string& text) {
  constexpr std::size_t kMost = 40;
  return text.size() <= kMost ? text : text.substr(0, kMost - 3) + "...";
}

}  // namespace

ModelArray DescribeArray(const std::string& name, const std::vector<Index>& shape,
                         Index element_bytes) {
  ModelArray array{name, shape};
  array.parameters =
      std::accumulate(shape.begin(), shape.end(), Index{1}, std::multiplies<Index>());
  array.bytes = array.parameters * element_bytes;
  const bool is_looked_up = name.starts_with("embedding");
  if (!is_looked_up) array.operations = (shape.size() > 1 ? 2 : 1) * array.parameters;
  return array;
}

std::string LayerTable(const std::vector<ModelArray>& arrays) {
  std::string text = fmt::format("{:<36} {:>14} {:>12} {:>12} {:>14}\n", "array", "shape",
                                 "parameters", "bytes", "operations");
  ModelArray sum;
  for (const ModelArray& array : arrays) {
    text += Line(array.name, ShapeText(array.shape), array);
    sum.parameters += array.parameters;
    sum.bytes += array.bytes;
    sum.operations += array.operations;
  }
  return text + Line("all", "", sum);
}

std::string Differences(const std::vector<ShownField>& first,
                        const std::vector<ShownField>& second) {
  const std::map<std::string, std::string> left = Values(first), right = Values(second);
  std::map<std::string, std::string> names = left;
  names.insert(right.begin(), right.end());
  const auto value = [](const std::map<std::string, std::string>& values, const std::string& name) {
    const auto found = values.find(name);
    return found == values.end() ? std::string("(none)") : Short(found->second);
  };
  std::string text;
  for (const auto& [name, unused] : names) {
    const auto one = left.find(name), other = right.find(name);
    if (one != left.end() && other != right.end() && one->second == other->second) continue;
    text +=
        fmt::format("{:<36}  {:<40}  {}\n", CellText(name), value(left, name), value(right, name));
  }
  return text.empty() ? "no field differs\n" : text;
}

}  // namespace lockstep
