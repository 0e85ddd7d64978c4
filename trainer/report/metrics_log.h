// Writes metrics.jsonl, one line with a JSON object for each logged step and each validation. The
// curves of a run are drawn from this file. Only rank 0 writes it. When a run is resumed, the file
// is cut back to the length it had at the checkpoint, so that each step is in it once. This makes a
// new file: an earlier start of the run that is still alive writes to the old one, which has no
// name any more. Numbers that are not finite are written as the strings "nan", "inf" and "-inf".
//
// A failing disk does not end training at the next line: lines are kept in memory until they are
// known to be durable. Instead, the next save fails if it cannot make them durable.
#pragma once

#include <mutex>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "base/function_ref.h"
#include "base/types.h"

namespace lockstep {

class MetricsLog {
 public:
  // Opens `path` and cuts it back to `bytes`, the length that a checkpoint of `step` has stored. If
  // the file was shortened or replaced since, warns and keeps those whole lines that belong to
  // steps up to `step`. Does nothing if `path` is empty. BadData if it is not a regular file (for
  // example a symbolic link). `before_commit` is called before the file is replaced; it may throw
  // to refuse that.
  MetricsLog(
      const std::string& path, Index bytes, Index step, FunctionRef<void()> before_commit = [] {});
  ~MetricsLog();
  MetricsLog(const MetricsLog&) = delete;
  MetricsLog& operator=(const MetricsLog&) = delete;

  // Appends a line. Warns once if the disk does not take it; IoError if more lines have gathered in
  // memory than may be kept.
  void Write(const nlohmann::ordered_json& object);
  // The length of the file with all lines so far, also those that are not yet on the disk.
  Index bytes() const { return bytes_; }
  // Returns when the first `bytes` bytes are durable; IoError if that fails. Any thread.
  void Sync(Index bytes);

 private:
  bool Flush();
  void Keep(const std::string& line);
  void Warn(const std::string& problem);

  std::string path_;
  int fd_ = -1;
  Index bytes_ = 0;  // with lines that could not be written yet
  bool warned_ = false;
  std::mutex sync_mutex_;  // locked before mutex_
  std::mutex mutex_;       // guards the members below
  std::string kept_;       // the bytes [durable_, bytes_) of the file
  Index durable_ = 0;      // length covered by a successful fsync
  Index written_ = 0;      // length written to the operating system
  std::string problem_;    // error of the last write that failed
};

// A number for the log: itself, or its name when it is not finite.
nlohmann::ordered_json FiniteOrName(double value);

}  // namespace lockstep
