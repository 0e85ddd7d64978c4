#include "trainer/save/start_values.h"

#include <algorithm>
#include <unordered_map>

#include "base/error.h"
#include "trainer/step/parameter_choice.h"

namespace lockstep {
namespace {

// What the places along an axis of a parameter are called.
struct AxisNames {
  const char* kind = "";                            // "symbols", "characters" or "classes"
  const std::vector<std::string>* names = nullptr;  // null: places are numbers
};

AxisNames NamesOf(const ParameterInfo& info, std::size_t axis, const Schema& schema) {
  const auto named = [&](const char* kind, const Field& field) {
    if (field.is_real()) return AxisNames{};
    const std::vector<std::string>& names = schema.VocabularyOf(field).names;
    return static_cast<Index>(names.size()) == info.shape[axis] ? AxisNames{kind, &names}
                                                                : AxisNames{};
  };
  if (info.name == "embedding.weight" && axis == 0) return named("symbols", schema.fields[0]);
  if (info.name == "characters.weight" && axis == 0) {
    const auto lists = std::ranges::find(schema.fields, Alignment::kListInStep, &Field::alignment);
    if (lists != schema.fields.end()) return named("characters", *lists);
  }
  const bool of_classes = info.name.starts_with("head.") && axis == 0;
  if (!of_classes && info.name != "head.transitions") return {};
  const auto target = schema.Target();
  return target ? named("classes", schema.fields[*target]) : AxisNames{};
}

// The place in the other run of each place of an axis; -1: it has none.
struct AxisMap {
  std::vector<Index> from;
  Index taken = 0;
  const char* kind = "";
};

AxisMap MapAxis(const ParameterInfo& mine, const Schema& my_schema, const ParameterInfo& other,
                const Schema& other_schema, std::size_t axis) {
  const AxisNames names = NamesOf(mine, axis, my_schema);
  const AxisNames old = NamesOf(other, axis, other_schema);
  AxisMap map{std::vector<Index>(static_cast<std::size_t>(mine.shape[axis]), -1), 0, names.kind};
  if (names.names == nullptr || old.names == nullptr) {
    if (mine.shape[axis] != other.shape[axis]) return map;
    for (Index& from : map.from) from = map.taken++;
    return map;
  }
  std::unordered_map<std::string_view, Index> place;
  for (const std::string& name : *old.names) place.emplace(name, std::ssize(place));
  for (std::size_t i = 0; i < map.from.size(); ++i) {
    const auto found = place.find((*names.names)[i]);
    if (found == place.end()) continue;
    map.from[i] = found->second;
    ++map.taken;
  }
  return map;
}

// Copies what both have of a parameter; "" if that is nothing, else its name for the report.
std::string CopyParameter(const StartValues& start, const ParameterInfo& other,
                          const ParameterInfo& mine, const Schema& schema,
                          std::span<float> values) {
  if (other.shape.size() != mine.shape.size()) return "";
  const AxisMap rows = MapAxis(mine, schema, other, start.schema, 0);
  AxisMap columns{{0}, 1, ""};
  if (mine.shape.size() > 1) columns = MapAxis(mine, schema, other, start.schema, 1);
  if (rows.taken == 0 || columns.taken == 0) return "";
  for (Index r = 0; r < mine.rows(); ++r) {
    for (Index c = 0; c < mine.cols(); ++c) {
      const Index row = rows.from[static_cast<std::size_t>(r)];
      const Index column = columns.from[static_cast<std::size_t>(c)];
      if (row < 0 || column < 0) continue;
      values[static_cast<std::size_t>(mine.offset + r * mine.cols() + c)] =
          start.values.data()[other.offset + row * other.cols() + column];
    }
  }
  if (rows.taken == mine.rows()) return mine.name;
  return fmt::format("{} ({} of {} {})", mine.name, rows.taken, mine.rows(), rows.kind);
}

}  // namespace

StartReport CopyStartValues(const StartValues& start, const ParameterLayout& layout,
                            const Schema& schema, std::span<float> values) {
  const std::vector<bool> chosen = ChooseParameters("train.start_parts", start.parts, layout);
  StartReport report{.path = start.path, .taken = {}, .anew = {}};
  for (std::size_t i = 0; i < layout.infos().size(); ++i) {
    const ParameterInfo& info = layout.infos()[i];
    const auto found = std::ranges::find(start.infos, info.name, &ParameterInfo::name);
    std::string taken;
    if (chosen[i] && found != start.infos.end())
      taken = CopyParameter(start, *found, info, schema, values);
    taken.empty() ? report.anew.push_back(info.name) : report.taken.push_back(taken);
  }
  if (!report.taken.empty()) return report;
  throw UsageError(
      "train.start_from: no parameter of {} has the name and shape of one of this model that "
      "train.start_parts = \"{}\" names; set the keys of model.* as in that run, but for those of "
      "the head",
      start.path, start.parts);
}

}  // namespace lockstep
