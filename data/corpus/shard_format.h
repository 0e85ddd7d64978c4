// The form of a corpus on disk: a folder with corpus.json and shards <split>-<5 digits>.h5. The
// format is described in docs/shard_format.md; this header uses the same names. A corpus is
// complete if corpus.json exists, because that is written last.
#pragma once

#include <map>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "base/hdf5_file.h"
#include "base/types.h"
#include "data/batch/schema.h"

namespace lockstep {

// Version 1 has the fields "inputs" and "targets", with one class per step. Version 2 adds targets
// that are lists, names of samples, and descriptions of features and units as JSON. Version 3
// allows any fields, described by a schema. Version 4 adds streams of symbols, whose targets are
// not stored (Schema::HasDerivedTarget). A corpus is written in the oldest version that can
// represent it.
inline constexpr int kCorpusFormatVersion = 4;
inline constexpr const char* kCorpusIndexName = "corpus.json";

inline constexpr std::uint8_t kIgnoredTargetByte = 255;  // kIgnoredTarget in a uint8 field

// The offsets in a shard file, in bytes, of the arrays of one field.
struct FieldPlaces {
  Index values = 0;
  Index checksums = 0;
  Index offsets = 0;  // only if the length of the field is stored (HasOwnLength)
};
// The offsets in a shard file, in bytes, of all its arrays.
struct ShardPlaces {
  Index offsets = 0;
  Index sample_ids = 0;
  Index names = 0;  // only if samples have names
  Index name_offsets = 0;
  Index cuts = 0;  // only if samples have word cuts
  Index cut_offsets = 0;
  std::vector<FieldPlaces> fields = {};  // as Schema::fields
};

// True if the number of rows of a field must be stored for each sample, because it is neither the
// number of steps nor one.
inline bool HasOwnLength(const Field& field) {
  return field.alignment != Alignment::kStep && field.alignment != Alignment::kSequence;
}

struct FieldCounts {
  Index rows = 0;     // rows of the field in all samples together
  Index longest = 0;  // the most rows of the field in one sample
};

struct ShardInfo {
  std::string file;  // within the corpus folder
  Index sequences = 0;
  Index steps = 0;    // sum of the lengths
  Index longest = 0;  // steps of the longest sequence
  Index bytes = 0;    // size of the file
  ShardPlaces places = {};
  // Hash of all bytes that belong to no record: the tables, which hold the checksums of the
  // records, and HDF5's own data.
  std::string frame_hash = {};
  std::vector<FieldCounts> fields = {};  // as Schema::fields
  Index name_bytes = 0;
  Index cuts = 0;  // word cuts of all samples together (word_cuts.h)
  // The two members of a shard of a joined corpus (joined_corpus.h) that are not in corpus.json:
  // the folder it is in, empty if that is the corpus folder, and what is added to its sample ids.
  std::string folder = {};
  Index id_shift = 0;
};

// The folder that holds a shard of a corpus in `folder`.
inline const std::string& FolderOf(const ShardInfo& shard, const std::string& folder) {
  return shard.folder.empty() ? folder : shard.folder;
}

// Samples of a split that follow each other and come from the same source.
struct SourceRun {
  Index source = 0;  // index in CorpusInfo::sources
  Index sequences = 0;
  Index steps = 0;
};

struct SplitInfo {
  std::vector<ShardInfo> shards;
  Index sequences = 0;
  Index steps = 0;
  Index longest = 0;
  Index first_sample_id = 0;             // the ids of a split are consecutive
  std::vector<Index> label_counts;       // by class of the target field; without ignored targets
  std::vector<FieldCounts> fields = {};  // as in ShardInfo
  // All samples in the order of their ids; empty: they are from one source (source_table.h).
  std::vector<SourceRun> sources = {};
  // For each of the last sources, which are corpora that were joined to this one
  // (joined_corpus.h): the number of samples that training reads of it in an epoch. Not in
  // corpus.json.
  std::vector<Index> joined_reads = {};
};

// The place of a sample in the corpus.
struct RecordPlace {
  std::string file;  // within the corpus folder
  Index record = 0;
  std::string folder = {};  // ShardInfo::folder
};
// The place of a sample, whose id must be in the split.
RecordPlace PlaceOf(const SplitInfo& split, std::uint64_t sample_id);

// A file of frames beside the shards (frame_store.h).
struct FrameStore {
  std::string file;  // within the corpus folder; empty: there is none
  Index width = 0;
  std::vector<Index> frames = {};  // by recording
  std::string hash = {};           // of the file
  bool empty() const { return file.empty(); }
  Index bytes() const;
};

// The contents of corpus.json.
struct CorpusInfo {
  // The name of the task, by which launch/tasks finds its code. No other code reads it.
  std::string kind;
  Schema schema;
  bool has_names = false;  // each sample has a name
  bool has_cuts = false;   // each sample has word cuts (word_cuts.h)
  Index window = 0;        // steps of a full window, context included
  Index overlap = 0;       // context steps on each side whose targets are ignored
  std::string features;    // JSON text: how real-valued inputs were computed; empty: unknown
  std::string units;       // JSON text: how text is turned into classes and back; empty: no text
  std::string task;        // JSON text: other data of the importer; empty: none
  // The names of the sources that samples were made from; empty: there is only one.
  std::vector<std::string> sources;
  std::map<std::string, SplitInfo> splits;
  FrameStore noise;  // log energies of noise, to be mixed with samples
  FrameStore rooms;  // log energies of the responses of rooms
  // JSON text: the command, and the sources with their sizes, hashes and descriptions.
  std::string provenance;
  std::string hash;  // hash of corpus.json, which identifies the corpus

  // The split of this name. UsageError that lists the existing splits if there is none.
  const SplitInfo& Split(const std::string& name) const;
  const Field& leading() const { return schema.fields[0]; }
  // The target field. Every corpus has one; of a stream it is the leading field, whose symbols are
  // inputs and targets alike (Schema::HasDerivedTarget).
  const Field& target() const { return schema.fields[target_index()]; }
  std::size_t target_index() const { return schema.HasDerivedTarget() ? 0 : *schema.Target(); }
  bool is_stream() const { return schema.HasDerivedTarget(); }
  // The names of the ids of the leading field and of the target; empty for real values.
  const std::vector<std::string>& symbols() const { return NamesOf(leading()); }
  const std::vector<std::string>& classes() const { return NamesOf(target()); }
  // True if the target is a list of labels.
  // Sequences of ids with one class each, and how they were made: new ones can be made alike.
  bool has_class_per_sequence() const {
    return !task.empty() && !leading().is_real() && !target().is_real() &&
           target().alignment == Alignment::kSequence;
  }
  bool has_target_lists() const { return target().alignment == Alignment::kList; }

 private:
  const std::vector<std::string>& NamesOf(const Field& field) const;
};

// The oldest format version that can represent a corpus. Using it keeps corpora that older programs
// could make equal to theirs, byte for byte.
int FormatVersionOf(const CorpusInfo& info);

std::string CorpusToJson(const CorpusInfo& info);
// The JSON form of a schema in corpus.json and in checkpoints. SchemaFromJson throws BadData that
// names `file` and what is wrong.
nlohmann::json SchemaToJson(const Schema& schema);
Schema SchemaFromJson(const nlohmann::json& json, const std::string& file);
// Reads the text of a corpus.json; checks version, hash and all counts. BadData that names `file`.
CorpusInfo CorpusFromJson(const std::string& text, const std::string& file);
// Returns the text of FOLDER/corpus.json, unchecked.
std::string ReadCorpusText(const std::string& folder);
// Reads and checks FOLDER/corpus.json.
CorpusInfo ReadCorpusInfo(const std::string& folder);

}  // namespace lockstep
