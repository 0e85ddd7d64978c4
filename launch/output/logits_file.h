// The scores that a model gives each step, or each sequence, as HDF5 for other programs:
//   classes              text, one class name per line; not there where targets are real values
//   logits/<sample id>   float32 [steps, classes], context included; one row where the model scores
//                        whole sequences; the predicted values where targets are real
//   windows/<sample id>  int64 [3]: record index, start (0-based), length; where there is a genome
#pragma once

#include <span>
#include <string>

#include "base/hdf5_file.h"
#include "data/corpus/shard_format.h"
#include "launch/output/part_file.h"

namespace lockstep {

class LogitsFile {
 public:
  // IoError (cannot create) when `path` exists.
  LogitsFile(const std::string& path, const CorpusInfo& corpus);

  // `logits` [steps, classes], or [1, classes]. Each id once.
  void Add(std::uint64_t sample_id, std::span<const float> logits);
  void AddWindow(std::uint64_t sample_id, Index record, Index start, Index length);
  void Finish();

 private:
  PartFile part_;
  Hdf5File file_;
  Index width_;
};

}  // namespace lockstep
