// The schema describes the samples of a corpus: named fields, each with a type, a width, a
// vocabulary and an alignment. corpus.json holds the schema of a corpus, and every checkpoint holds
// the schema that its model was made for. Models, heads, the worker and the trainer know a corpus
// only by its schema, not by the task that it was made for.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/element_type.h"
#include "base/types.h"
#include "data/batch/label_order.h"

namespace lockstep {

// A target with this id is ignored in losses and metrics.
inline constexpr std::int32_t kIgnoredTarget = -1;

// How the rows of a field correspond to the time steps of its sample.
enum class Alignment {
  kStep,        // one row per step of the leading field: symbols, frames, tags
  kSequence,    // one row per sequence: a class, a vector, a real target
  kList,        // a list with a length of its own: labels without times
  kOwnSteps,    // a time axis of its own: a target that is longer or shorter than its source
  kListInStep,  // a list for each step: the characters of each word
};
const char* AlignmentName(Alignment alignment);
std::optional<Alignment> AlignmentFromName(std::string_view name);

// Whether a field is an input of the model, or the output that it is trained to give.
enum class FieldRole { kInput, kTarget };

// The names of ids, in order. They are part of the schema so that the names of a model's classes
// are known.
struct Vocabulary {
  std::string name;                // "symbols", "classes", "words"
  std::vector<std::string> names;  // [size]
  // For sequences with two strands: complement[id] is what each id becomes when the sequence is
  // read backwards from its other strand. Empty for all other sequences.
  std::vector<int> complement;
  int unknown = -1;       // the id that stands for everything without an id; -1: there is none
  LabelOrder order = {};  // which ids may follow each other in targets; empty: all
  // The id that stands before the first symbol of a stream (Schema::predicts_next) or of a target
  // with steps of its own (Alignment::kOwnSteps), where nothing is known yet; -1: there is none.
  int start = -1;
  // The id that ends a sequence that a model writes, and the last target of each such sequence
  // (Alignment::kOwnSteps); -1: there is none.
  int end = -1;
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
  // fields[0] is the leading field: an input, whose steps are the steps of the sample.
  std::vector<Field> fields;
  std::vector<Vocabulary> vocabularies;
  std::string unit = "steps";   // the user's name for steps: "bases", "frames", "tokens"
  double seconds_per_step = 0;  // 0: the steps are not moments in time
  // True: the target of each step is what the next step has as input, so no model may see inputs
  // after the step that it predicts from. Samples without a target field are then the consecutive
  // blocks of one long stream of symbols, whose targets are not stored: HasDerivedTarget.
  bool predicts_next = false;

  // True if targets follow from the inputs of the split: symbol i of the stream is the target of
  // the step whose input is symbol i - 1 (Vocabulary::start for the first one). The batches have
  // both fields (WithDerivedTarget), the samples on disk only the symbols.
  bool HasDerivedTarget() const { return predicts_next && !Target(); }
  // The schema of batches of a stream: the same, with a field "targets" beside the inputs.
  Schema WithDerivedTarget() const;
  // The index of the first field that is a target; nothing if there is none.
  std::optional<std::size_t> Target() const;
  // The number of ids of a field; 0 if it holds real values.
  Index IdsOf(const Field& field) const;
  // The vocabulary of a field; the field must have one.
  const Vocabulary& VocabularyOf(const Field& field) const;
  bool operator==(const Schema&) const = default;
};

// Returns a text that says what is wrong with a schema and what is allowed; nothing if the schema
// can be used. Checks every rule that the rest of the program relies on: fields[0] is an input with
// one row per step, names are unique, ids have a vocabulary and real values have none, widths and
// vocabulary indices are in range, complements are pairings, and orders of labels can be used.
std::optional<std::string> FindSchemaProblem(const Schema& schema);

// The schema of the oldest corpora, which have two fields: "inputs" with one row per step, and
// "targets", which are either a class per step or a list of labels.
Schema TwoFieldSchema(const Field& inputs, const Vocabulary& symbols, const Field& targets,
                      const Vocabulary& classes);

}  // namespace lockstep
