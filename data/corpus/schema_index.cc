#include "data/corpus/schema_index.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/error.h"
#include "data/corpus/shard_format.h"

namespace lockstep {
namespace {

ElementType TypeFrom(const JsonNode& node, const std::vector<ElementType>& allowed) {
  const std::string type = node.Text();
  const auto is_type = [&](ElementType t) { return ElementName(t) == type; };
  const auto found = std::find_if(allowed.begin(), allowed.end(), is_type);
  if (found == allowed.end()) node.Fail("is \"" + type + "\", which this field cannot be");
  return *found;
}

Field FieldFrom(const JsonNode& node, const std::vector<ElementType>& allowed) {
  constexpr Index kMostElements = 1 << 20;
  Field field;
  field.type = TypeFrom(node.At("type"), allowed);
  field.width = node.At("width").Integer(1, kMostElements);
  return field;
}

std::vector<std::string> NamesFrom(const JsonNode& node) {
  std::vector<std::string> names;
  for (const JsonNode& item : node.Items()) names.push_back(item.Text());
  return names;
}

std::vector<int> IdsFrom(const JsonNode& node) {
  std::vector<int> ids;
  for (const JsonNode& item : node.Items()) {
    ids.push_back(static_cast<int>(item.Integer(0, std::numeric_limits<int>::max())));
  }
  return ids;
}

void CheckSchema(const JsonNode& node, const Schema& schema) {
  if (const auto problem = FindSchemaProblem(schema))
    node.Fail("describes samples that cannot be: " + *problem);
  if (!schema.Target() && !schema.predicts_next) node.Fail("describes samples without a target");
  for (const Field& field : schema.fields) {
    constexpr Index kMostClassesInByte = kIgnoredTargetByte;
    const Index ids = schema.IdsOf(field);
    if (field.role == FieldRole::kTarget && field.type == ElementType::kUint8 &&
        ids > kMostClassesInByte) {
      node.Fail(fmt::format("has {} names for \"{}\", allowed are 1..{} for uint8 targets", ids,
                            field.name, kMostClassesInByte));
    }
    if (field.alignment == Alignment::kList && ids == 1) {
      node.Fail(fmt::format("has one name for \"{}\", which needs 2 or more: a blank and a label",
                            field.name));
    }
  }
}

// Two fields called "inputs" and "targets", each with keys of its own for its names.
Schema OldSchemaFrom(const JsonNode& root, Index version) {
  Field inputs = FieldFrom(root.At("inputs"),
                           {ElementType::kUint8, ElementType::kInt32, ElementType::kFloat32});
  Field targets = FieldFrom(root.At("targets"), {ElementType::kUint8, ElementType::kInt32});
  const Vocabulary symbols{"symbols", NamesFrom(root.At("symbols")),
                           IdsFrom(root.At("symbol_complement")), -1};
  const Vocabulary classes{"classes", NamesFrom(root.At("classes")),
                           IdsFrom(root.At("class_complement")), -1};
  if (inputs.is_real() && !symbols.names.empty()) {
    root.At("symbols").Fail("is not empty, but inputs are real-valued");
  }
  if (!inputs.is_real() && inputs.width != 1)
    root.At("inputs").Fail("has symbols wider than one element");
  if (targets.width != 1) root.At("targets").Fail("has classes wider than one element");
  if (version > 1 && !root.At("targets").At("per_step").Boolean())
    targets.alignment = Alignment::kList;
  return TwoFieldSchema(inputs, symbols, targets, classes);
}

Field NamedFieldFrom(const JsonNode& node) {
  Field field = FieldFrom(node, {ElementType::kUint8, ElementType::kInt32, ElementType::kFloat32});
  field.name = node.At("name").Text();
  const std::string alignment = node.At("alignment").Text(), role = node.At("role").Text();
  const auto found = AlignmentFromName(alignment);
  if (!found)
    node.At("alignment").Fail("is \"" + alignment + "\", which this program does not know");
  field.alignment = *found;
  if (role != "input" && role != "target")
    node.At("role").Fail("is neither \"input\" nor \"target\"");
  field.role = role == "target" ? FieldRole::kTarget : FieldRole::kInput;
  constexpr Index kMostVocabularies = 1 << 10;
  if (node.Has("vocabulary")) {
    field.vocabulary = static_cast<int>(node.At("vocabulary").Integer(0, kMostVocabularies));
  }
  return field;
}

LabelOrder OrderFrom(const JsonNode& node) {
  LabelOrder order;
  if (node.Has("followers")) {
    for (const JsonNode& item : node.At("followers").Items()) {
      order.followers.push_back(IdsFrom(item));
    }
  }
  if (node.Has("first")) order.first = IdsFrom(node.At("first"));
  if (node.Has("last")) order.last = IdsFrom(node.At("last"));
  return order;
}

Vocabulary VocabularyFrom(const JsonNode& node) {
  Vocabulary vocabulary{node.At("name").Text(), NamesFrom(node.At("names")), {}, -1};
  if (node.Has("complement")) vocabulary.complement = IdsFrom(node.At("complement"));
  if (node.Has("unknown")) {
    vocabulary.unknown =
        static_cast<int>(node.At("unknown").Integer(0, std::numeric_limits<int>::max()));
  }
  if (node.Has("start")) {
    vocabulary.start =
        static_cast<int>(node.At("start").Integer(0, std::numeric_limits<int>::max()));
  }
  if (node.Has("end")) {
    vocabulary.end = static_cast<int>(node.At("end").Integer(0, std::numeric_limits<int>::max()));
  }
  vocabulary.order = OrderFrom(node);
  return vocabulary;
}

Schema SchemaFrom(const JsonNode& node) {
  Schema schema;
  constexpr std::size_t kMostFields = 32;
  for (const JsonNode& field : node.At("fields").Items())
    schema.fields.push_back(NamedFieldFrom(field));
  if (schema.fields.size() > kMostFields) {
    node.At("fields").Fail(
        fmt::format("has {} entries, allowed are 1..{}", schema.fields.size(), kMostFields));
  }
  for (const JsonNode& item : node.At("vocabularies").Items()) {
    schema.vocabularies.push_back(VocabularyFrom(item));
  }
  if (node.Has("predicts_next")) schema.predicts_next = node.At("predicts_next").Boolean();
  schema.unit = node.At("unit").Text();
  schema.seconds_per_step = node.At("seconds_per_step").Real();
  if (!std::isfinite(schema.seconds_per_step) || schema.seconds_per_step < 0) {
    node.At("seconds_per_step").Fail("is negative or not finite");
  }
  return schema;
}

}  // namespace

Schema SchemaFromIndex(const JsonNode& node) {
  Schema schema = SchemaFrom(node);
  CheckSchema(node, schema);
  return schema;
}

Schema OldSchemaFromIndex(const JsonNode& root, Index version) {
  Schema schema = OldSchemaFrom(root, version);
  CheckSchema(root, schema);
  return schema;
}

Schema SchemaFromJson(const nlohmann::json& json, const std::string& file) {
  return SchemaFromIndex(JsonNode(json, file, "schema"));
}

}  // namespace lockstep
