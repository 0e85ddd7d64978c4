// What a model says of each step, as HDF5 for other programs:
//   classes              text, a class name a line
//   logits/<sample id>   float32 [steps, classes], context included
//   windows/<sample id>  int64 [3]: record index, start (0-based), length; where there is a genome
#pragma once

#include <span>
#include <string>
#include <vector>

#include "base/hdf5_file.h"
#include "launch/output/part_file.h"

namespace lockstep {

class LogitsFile {
 public:
  // IoError (cannot create) when `path` exists.
  LogitsFile(const std::string& path, const std::vector<std::string>& classes);

  // `logits` [steps, classes]. Each id once.
  void Add(std::uint64_t sample_id, std::span<const float> logits);
  void AddWindow(std::uint64_t sample_id, Index record, Index start, Index length);
  void Finish();

 private:
  PartFile part_;
  Hdf5File file_;
  Index classes_;
};

}  // namespace lockstep
