// What a corpus is on disk: a folder with corpus.json and shards <split>-<5 digits>.h5. The format
// is described in docs/shard_format.md; this header has its names. A corpus is complete when
// corpus.json is there: it is written last.
#pragma once

#include <map>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "base/element_type.h"
#include "base/types.h"
#include "data/batch/schema.h"

namespace lockstep {

// Version 1: the fields "inputs" and "targets", a class per step. Version 2 adds target lists with
// a length of their own, names of samples, and features and units as JSON. Version 3: any fields,
// by a schema. A corpus is written in the oldest version that can say what it is.
inline constexpr int kCorpusFormatVersion = 3;
inline constexpr const char* kCorpusIndexName = "corpus.json";

inline constexpr std::uint8_t kIgnoredTargetByte = 255;  // kIgnoredTarget in a uint8 field

// Offsets in a shard file, in bytes, of the arrays of one field.
struct FieldPlaces {
  Index values = 0;
  Index checksums = 0;
  Index offsets = 0;  // where the field has a length of its own (HasOwnLength)
};
// Offsets in a shard file, in bytes, of the arrays of its datasets.
struct ShardPlaces {
  Index offsets = 0;
  Index sample_ids = 0;
  Index names = 0;  // where samples have names
  Index name_offsets = 0;
  std::vector<FieldPlaces> fields = {};  // as Schema::fields
};

// Whether the number of rows of a field must be stored for each sample: it follows neither from its
// steps nor from there being one row per sequence.
inline bool HasOwnLength(const Field& field) {
  return field.alignment != Alignment::kStep && field.alignment != Alignment::kSequence;
}

// Rows of one field: of all samples together, and of the sample that has the most.
struct FieldCounts {
  Index rows = 0;
  Index longest = 0;
};

struct ShardInfo {
  std::string file;  // within the corpus folder
  Index sequences = 0;
  Index steps = 0;    // sum of the lengths
  Index longest = 0;  // steps of the longest sequence
  Index bytes = 0;    // size of the file
  ShardPlaces places = {};
  // Of every byte that is in no record: the tables, which vouch for the records, and HDF5's own.
  std::string frame_hash = {};
  std::vector<FieldCounts> fields = {};  // as Schema::fields
  Index name_bytes = 0;
};

struct SplitInfo {
  std::vector<ShardInfo> shards;
  Index sequences = 0;
  Index steps = 0;
  Index longest = 0;
  Index first_sample_id = 0;        // ids of a split are consecutive
  std::vector<Index> label_counts;  // by class of the target field; ignored targets not counted
  std::vector<FieldCounts> fields = {};  // as in ShardInfo
};

// Where a sample lies.
struct RecordPlace {
  std::string file;  // within the corpus folder
  Index record = 0;
};
// `sample_id` must be of the split.
RecordPlace PlaceOf(const SplitInfo& split, std::uint64_t sample_id);

// Everything corpus.json says.
struct CorpusInfo {
  std::string
      kind;  // by which the program finds what it knows of the field of use; no core code reads it
  Schema schema;
  bool has_names = false;  // each sample has a name
  Index window = 0;        // steps of a full window, context included
  Index overlap = 0;       // context steps on each side whose targets are ignored
  std::string features;    // JSON text: how real-valued inputs were computed; empty: not known
  std::string units;       // JSON text: how texts become classes and back; empty: there is no text
  std::string task;        // JSON text: what else the importer wants to remember; empty: nothing
  std::map<std::string, SplitInfo> splits;
  std::string
      provenance;    // JSON text: command, sources with sizes and hashes, what is known about them
  std::string hash;  // of corpus.json; identifies the corpus

  // MissingInput-like UsageError naming the splits there are.
  const SplitInfo& Split(const std::string& name) const;
  const Field& leading() const { return schema.fields[0]; }
  // The target field. Every corpus has one.
  const Field& target() const { return schema.fields[target_index()]; }
  std::size_t target_index() const { return *schema.Target(); }
  // Names of the ids of the leading field and of the target; empty for real values.
  const std::vector<std::string>& symbols() const { return NamesOf(leading()); }
  const std::vector<std::string>& classes() const { return NamesOf(target()); }
  // Whether the target is a list with a length of its own.
  bool has_target_lists() const { return target().alignment == Alignment::kList; }

 private:
  const std::vector<std::string>& NamesOf(const Field& field) const;
};

// The oldest format version that can say what a corpus is, so that what was made before stays the
// same to the byte.
int FormatVersionOf(const CorpusInfo& info);

std::string CorpusToJson(const CorpusInfo& info);
// A schema as it stands in corpus.json and in checkpoints. SchemaFromJson: BadData naming `file`
// and what is wrong.
nlohmann::json SchemaToJson(const Schema& schema);
Schema SchemaFromJson(const nlohmann::json& json, const std::string& file);
// Checks version, hash and every count; `file` stands in messages.
CorpusInfo CorpusFromJson(const std::string& text, const std::string& file);
// The text of FOLDER/corpus.json, unchecked.
std::string ReadCorpusText(const std::string& folder);
// Reads FOLDER/corpus.json.
CorpusInfo ReadCorpusInfo(const std::string& folder);

}  // namespace lockstep
