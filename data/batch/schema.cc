#include "data/batch/schema.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>

#include "base/error.h"

namespace lockstep {
namespace {

constexpr std::array<const char*, 5> kAlignmentNames = {"step", "sequence", "list", "own_steps",
                                                        "list_in_step"};
constexpr Index kMostElements = 1 << 20;  // per row

// Each id must be the complement of its complement.
std::optional<std::string> FindComplementProblem(const Vocabulary& vocabulary) {
  const std::size_t size = vocabulary.names.size();
  if (vocabulary.complement.empty()) return std::nullopt;
  if (vocabulary.complement.size() != size) {
    return fmt::format("has {} complements for {} names", vocabulary.complement.size(), size);
  }
  for (std::size_t i = 0; i < size; ++i) {
    const int partner = vocabulary.complement[i];
    if (partner < 0 || partner >= static_cast<int>(size) ||
        vocabulary.complement[static_cast<std::size_t>(partner)] != static_cast<int>(i)) {
      return fmt::format("has the complement {} for {}, but not the other way round", partner, i);
    }
  }
  return std::nullopt;
}

std::optional<std::string> FindVocabularyProblem(const Vocabulary& vocabulary) {
  const std::size_t size = vocabulary.names.size();
  const auto fail = [&](const std::string& what) {
    return fmt::format("vocabulary \"{}\" {}", vocabulary.name, what);
  };
  if (vocabulary.unknown < -1 || vocabulary.unknown >= static_cast<int>(size)) {
    return fail(fmt::format("has the id {} for unknown names; allowed are -1 to {}",
                            vocabulary.unknown, static_cast<int>(size) - 1));
  }
  if (vocabulary.start < -1 || vocabulary.start >= static_cast<int>(size)) {
    return fail(fmt::format("has the id {} for the start of a stream; allowed are -1 to {}",
                            vocabulary.start, static_cast<int>(size) - 1));
  }
  if (vocabulary.end < -1 || vocabulary.end >= static_cast<int>(size)) {
    return fail(fmt::format("has the id {} for the end of a sequence; allowed are -1 to {}",
                            vocabulary.end, static_cast<int>(size) - 1));
  }
  if (auto problem = FindComplementProblem(vocabulary)) return fail(*problem);
  if (auto problem = FindOrderProblem(vocabulary.order, size, vocabulary.complement)) {
    return fail(*problem);
  }
  return std::nullopt;
}

// True if a name can be that of a field. Fields give their names to datasets of a shard, so they
// must not have the names of other datasets.
bool IsFieldName(const std::string& name) {
  constexpr std::size_t kLongest = 64;
  constexpr std::array<std::string_view, 4> kTaken = {"offsets", "sample_ids", "names",
                                                      "name_offsets"};
  const auto is_allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
  };
  return !name.empty() && name.size() <= kLongest && name[0] >= 'a' && name[0] <= 'z' &&
         std::all_of(name.begin(), name.end(), is_allowed) && !name.ends_with("_offsets") &&
         !name.ends_with("_checksums") &&
         std::find(kTaken.begin(), kTaken.end(), name) == kTaken.end();
}

std::optional<std::string> FindFieldProblem(const Schema& schema, const Field& field) {
  const auto fail = [&](const std::string& what) {
    return fmt::format("field \"{}\" {}", field.name, what);
  };
  if (field.width < 1 || field.width > kMostElements) {
    return fail(
        fmt::format("has {} elements per row; allowed are 1 to {}", field.width, kMostElements));
  }
  if (field.is_real() && field.vocabulary != -1)
    return fail("holds real values, but has a vocabulary");
  if (!field.is_real() &&
      (field.vocabulary < 0 || field.vocabulary >= static_cast<int>(schema.vocabularies.size()))) {
    return fail("holds ids, but has no vocabulary");
  }
  if (!field.is_real() && schema.IdsOf(field) == 0) return fail("has a vocabulary without names");
  if (field.alignment == Alignment::kListInStep &&
      (field.type != ElementType::kInt32 || field.width != 1)) {
    return fail("holds a list for each step, which must be of int32, one element wide");
  }
  return std::nullopt;
}

}  // namespace

const char* AlignmentName(Alignment alignment) {
  return kAlignmentNames[static_cast<std::size_t>(alignment)];
}

std::optional<Alignment> AlignmentFromName(std::string_view name) {
  const auto found = std::find(kAlignmentNames.begin(), kAlignmentNames.end(), name);
  if (found == kAlignmentNames.end()) return std::nullopt;
  return static_cast<Alignment>(found - kAlignmentNames.begin());
}

std::optional<std::size_t> Schema::Target() const {
  const auto found = std::find_if(fields.begin(), fields.end(), [](const Field& field) {
    return field.role == FieldRole::kTarget;
  });
  if (found == fields.end()) return std::nullopt;
  return static_cast<std::size_t>(found - fields.begin());
}

Index Schema::IdsOf(const Field& field) const {
  return field.vocabulary < 0 ? 0 : static_cast<Index>(VocabularyOf(field).names.size());
}

const Vocabulary& Schema::VocabularyOf(const Field& field) const {
  LOCKSTEP_CHECK(field.vocabulary >= 0 && field.vocabulary < static_cast<int>(vocabularies.size()));
  return vocabularies[static_cast<std::size_t>(field.vocabulary)];
}

Schema Schema::WithDerivedTarget() const {
  Schema schema = *this;
  if (!HasDerivedTarget()) return schema;
  Field target = fields[0];
  target.name = "targets";
  target.role = FieldRole::kTarget;
  target.type = ElementType::kInt32;  // a byte could not hold 256 ids and the ignored one
  schema.fields.push_back(target);
  return schema;
}

namespace {

// What is wrong with the one field of a stream of symbols.
std::optional<std::string> FindStreamProblem(const Schema& schema) {
  const Field& symbols = schema.fields[0];
  if (schema.fields.size() != 1 || symbols.is_real() || symbols.width != 1)
    return "a stream that predicts its next symbol must have one field, of one id per step";
  const Vocabulary& vocabulary = schema.VocabularyOf(symbols);
  if (vocabulary.start >= 0) return std::nullopt;
  return fmt::format("vocabulary \"{}\" has no id to stand before the first symbol of a stream",
                     vocabulary.name);
}

}  // namespace

std::optional<std::string> FindSchemaProblem(const Schema& schema) {
  if (schema.fields.empty()) return "it has no field";
  const Field& leading = schema.fields[0];
  if (leading.alignment != Alignment::kStep || leading.role != FieldRole::kInput) {
    return fmt::format("its first field \"{}\" must be an input with one row per step",
                       leading.name);
  }
  std::set<std::string> names;
  for (const Field& field : schema.fields) {
    if (!IsFieldName(field.name)) {
      return fmt::format(
          "a field is called \"{}\"; allowed are up to 64 lower-case letters, digits and _, a "
          "letter first, but not "
          "offsets, sample_ids, names and what ends in _offsets or _checksums",
          field.name);
    }
    if (!names.insert(field.name).second) {
      return fmt::format("two fields are called \"{}\"", field.name);
    }
    if (auto problem = FindFieldProblem(schema, field)) return problem;
  }
  for (const Vocabulary& vocabulary : schema.vocabularies) {
    if (auto problem = FindVocabularyProblem(vocabulary)) return problem;
  }
  return schema.HasDerivedTarget() ? FindStreamProblem(schema) : std::nullopt;
}

Schema TwoFieldSchema(const Field& inputs, const Vocabulary& symbols, const Field& targets,
                      const Vocabulary& classes) {
  Schema schema;
  schema.fields = {inputs, targets};
  schema.fields[0].name = "inputs";
  schema.fields[0].role = FieldRole::kInput;
  schema.fields[1].name = "targets";
  schema.fields[1].role = FieldRole::kTarget;
  for (std::size_t f = 0; f < 2; ++f) {
    if (schema.fields[f].is_real()) continue;
    schema.fields[f].vocabulary = static_cast<int>(schema.vocabularies.size());
    schema.vocabularies.push_back(f == 0 ? symbols : classes);
  }
  return schema;
}

}  // namespace lockstep
