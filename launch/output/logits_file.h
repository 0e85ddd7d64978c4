// The scores that a model gives each step, or each sequence, as HDF5 for other programs: flat
// arrays, in which the rows of sequence i are [offsets[i], offsets[i + 1]).
//
//   classes       text, one class name per line; not there where targets are real values
//   logits        float32 [rows, V], context included; one row for a sequence where the model
//   scores
//                 whole sequences; the predicted values where targets are real
//   labels        int32 [rows], the classes that the model chose for all steps of a sequence
//                 together; only of models that do so
//   offsets       int64 [N + 1]
//   sample_ids    uint64 [N]; of a genome, the number of the window
//   names         text [N]; only where the corpus has names
//   windows       int64 [N, 3]: record index, start (0-based), length; only of a genome
//   record_names  text [R]; only of a genome
//
// docs/logits_format.md says how to read it. Memory does not grow with the file.
#pragma once

#include <optional>
#include <span>
#include <string>

#include "base/hdf5_rows.h"
#include "data/corpus/shard_format.h"
#include "launch/output/part_file.h"

namespace lockstep {

class LogitsFile {
 public:
  // IoError (cannot create) when `path` exists.
  LogitsFile(const std::string& path, const CorpusInfo& corpus);

  // The next sequence: its `logits` [steps, V], or [1, V].
  void Add(std::uint64_t sample_id, std::span<const float> logits);
  // For a model that chooses the labels of all steps together, after each Add: [steps].
  void AddLabels(std::span<const std::int32_t> labels);
  // For a corpus with names, after each Add.
  void AddName(const std::string& name);
  // For a genome, after each Add. Windows come record by record.
  void AddWindow(Index record, const std::string& record_name, Index start, Index length);
  void Finish();

 private:
  PartFile part_;
  Hdf5File file_;
  Index width_;
  Hdf5Rows logits_, offsets_, sample_ids_;
  std::optional<Hdf5Texts> names_, record_names_;
  std::optional<Hdf5Rows> labels_, windows_;
  Index records_ = 0;
};

}  // namespace lockstep
