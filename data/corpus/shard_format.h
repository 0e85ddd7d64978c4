// What a corpus is on disk: a folder with corpus.json and shards <split>-<5 digits>.h5. The format
// is described in docs/shard_format.md; this header has its names. A corpus is complete when
// corpus.json is there: it is written last.
#pragma once

#include <map>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "base/hdf5_file.h"
#include "base/types.h"

namespace lockstep {

// Version 2 has what version 1 has not: target sequences of their own length, names of samples,
// features and units. A corpus without them is written as version 1.
inline constexpr int kCorpusFormatVersion = 2;
inline constexpr const char* kCorpusIndexName = "corpus.json";

// Targets with this value count in no loss and no accuracy.
inline constexpr std::int32_t kIgnoredTarget = -1;
inline constexpr std::uint8_t kIgnoredTargetByte = 255;  // the same in a uint8 field

// One array of a sample: "inputs" or "targets", a row per step of its sequence.
struct FieldSpec {
  ElementType type = ElementType::kUint8;  // uint8 or int32: symbols or classes; float32: features
  Index width = 1;                         // elements a step; 1 for symbols
};

// Offsets in a shard file, in bytes, of the arrays of its datasets.
struct ShardPlaces {
  Index offsets = 0;
  Index sample_ids = 0;
  Index inputs_checksums = 0;
  Index targets_checksums = 0;
  Index inputs = 0;
  Index targets = 0;
  Index target_offsets = 0;  // where targets have a length of their own
  Index names = 0;           // where samples have names
  Index name_offsets = 0;
};

struct ShardInfo {
  std::string file;  // within the corpus folder
  Index sequences = 0;
  Index steps = 0;    // sum of the lengths
  Index longest = 0;  // steps of the longest sequence
  Index bytes = 0;    // size of the file
  ShardPlaces places;
  // Of every byte that is in no record: the tables, which vouch for the records, and HDF5's own.
  std::string frame_hash;
  Index targets = 0;  // rows of the targets; = steps where there is one for each step
  Index longest_targets = 0;
  Index name_bytes = 0;
};

struct SplitInfo {
  std::vector<ShardInfo> shards;
  Index sequences = 0;
  Index steps = 0;
  Index longest = 0;
  Index first_sample_id = 0;        // ids of a split are consecutive
  std::vector<Index> label_counts;  // by class; ignored targets not counted
  Index targets = 0;                // as in ShardInfo
  Index longest_targets = 0;
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
  std::string kind;  // "dna", "speech"
  FieldSpec inputs;
  FieldSpec targets;
  // Off: targets are a sequence of their own length (none is ignored, class 0 is the blank), as
  // transcripts are.
  bool targets_per_step = true;
  bool has_names = false;            // each sample has a name
  std::vector<std::string> symbols;  // input alphabet; empty for real-valued inputs
  std::vector<std::string> classes;  // names of the target classes
  // Reverse complement: what a symbol and a class become on the other strand; empty where there is
  // none.
  std::vector<int> symbol_complement;
  std::vector<int> class_complement;
  Index window = 0;      // steps of a full window, context included
  Index overlap = 0;     // context steps on each side whose targets are ignored
  std::string features;  // JSON text: how real-valued inputs were computed; empty: not known
  std::string units;     // JSON text: how texts become classes and back; empty: there is no text
  std::map<std::string, SplitInfo> splits;
  std::string
      provenance;    // JSON text: command, sources with sizes and hashes, what is known about them
  std::string hash;  // of corpus.json; identifies the corpus

  // MissingInput-like UsageError naming the splits there are.
  const SplitInfo& Split(const std::string& name) const;
};

// The oldest format version that can say what a corpus is, so that what was made before stays the
// same to the byte.
int FormatVersionOf(const CorpusInfo& info);

std::string CorpusToJson(const CorpusInfo& info);
// Checks version, hash and every count; `file` stands in messages.
CorpusInfo CorpusFromJson(const std::string& text, const std::string& file);
// The text of FOLDER/corpus.json, unchecked.
std::string ReadCorpusText(const std::string& folder);
// Reads FOLDER/corpus.json.
CorpusInfo ReadCorpusInfo(const std::string& folder);

}  // namespace lockstep
