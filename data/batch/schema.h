// What a sample is made of: named fields, each with a type, a width, a vocabulary and an alignment.
// corpus.json holds the schema of a corpus, every checkpoint the schema that its model was made
// for. Models, heads, the worker and the trainer know a corpus only by its schema, never by the
// task it was made for.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/element_type.h"
#include "base/types.h"

namespace lockstep {

// Targets with this id count in no loss and no metric.
inline constexpr std::int32_t kIgnoredTarget = -1;

// How the rows of a field go with the time steps of its sample.
enum class Alignment {
  kStep,        // one row per step of the leading field: symbols, frames, tags
  kSequence,    // one row per sequence: a class, a vector, a real target
  kList,        // a list with a length of its own: labels without times
  kOwnSteps,    // a time axis of its own: a target that is longer or shorter than its source
  kListInStep,  // a list for each step: the characters of each word
};
const char* AlignmentName(Alignment alignment);
std::optional<Alignment> AlignmentFromName(std::string_view name);

// Whether a field goes into the model, or is what the model is trained to give.
enum class FieldRole { kInput, kTarget };

// The names of ids, in order. Kept with the schema so that a model can say what its classes are
// called.
struct Vocabulary {
  std::string name;                // "symbols", "classes", "words"
  std::vector<std::string> names;  // [size]
  // What each id becomes when the sequence is read backwards from its other strand; empty: there is
  // no such thing.
  std::vector<int> complement;
  int unknown = -1;  // id of everything that has no id of its own; -1: none
  bool operator==(const Vocabulary&) const = default;
};

struct Field {
  std::string name = {};  // unique within the schema: "inputs", "targets", "characters"
  ElementType type = ElementType::kUint8;  // uint8 or int32: ids; float32: real values
  Index width = 1;                         // elements per row
  Alignment alignment = Alignment::kStep;
  FieldRole role = FieldRole::kInput;
  int vocabulary = -1;  // index into Schema::vocabularies; -1: real values
  bool is_real() const { return type == ElementType::kFloat32; }
  bool operator==(const Field&) const = default;
};

struct Schema {
  std::vector<Field>
      fields;  // fields[0] leads: its steps are the steps of the sample, and it is an input
  std::vector<Vocabulary> vocabularies;
  std::string unit = "steps";   // what a user counts steps in: "bases", "frames", "tokens"
  double seconds_per_step = 0;  // 0: the steps are not moments in time

  // The first field that is a target; nothing where there is none.
  std::optional<std::size_t> Target() const;
  // Number of ids of a field; 0 where it holds real values.
  Index IdsOf(const Field& field) const;
  // The vocabulary of a field that has one.
  const Vocabulary& VocabularyOf(const Field& field) const;
  bool operator==(const Schema&) const = default;
};

// Names what is wrong with a schema and how it must be; nothing where it can be used. Every rule
// that the rest of the program relies on is checked here: fields[0] is an input with one row per
// step, names are unique, ids have a vocabulary and real values have none, widths and vocabulary
// indices are in range, complements are pairings.
std::optional<std::string> FindSchemaProblem(const Schema& schema);

// The schema of the oldest corpora: "inputs" with one row per step and "targets", classes per step
// or labels in a list of their own.
Schema TwoFieldSchema(const Field& inputs, const Vocabulary& symbols, const Field& targets,
                      const Vocabulary& classes);

}  // namespace lockstep
