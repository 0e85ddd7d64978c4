// metrics.jsonl: one JSON object a line for each logged step and each validation; the truth from
// which curves are drawn. Written by rank 0, line by line. On resume it is cut back to where the
// checkpoint was taken, so that each step stands in it once; the file is a new one then, so that an
// earlier start that is still alive writes to none that has a name. Numbers that are not finite are
// written as the strings "nan", "inf" and "-inf".
//
// A disk that fails does not end training at the next line: lines are kept until they are known to
// be durable, and a save that cannot make them so fails.
#pragma once

#include <mutex>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "base/function_ref.h"
#include "base/types.h"

namespace lockstep {

class MetricsLog {
 public:
  // Opens `path`, cut back to the `bytes` that a checkpoint of `step` has named, or does nothing
  // when path is empty. Where somebody has taken lines away since, a warning says so, and the whole
  // lines that are left of steps up to `step` stay. BadData when it is no regular file, as a
  // symbolic link is none.
  // `before_commit` is called before the file is replaced; it throws to refuse.
  MetricsLog(
      const std::string& path, Index bytes, Index step, FunctionRef<void()> before_commit = [] {});
  ~MetricsLog();
  MetricsLog(const MetricsLog&) = delete;
  MetricsLog& operator=(const MetricsLog&) = delete;

  // Warns once when the disk takes no more; IoError when more has gathered than may be kept.
  void Write(const nlohmann::ordered_json& object);
  // Length of the file with all lines so far.
  Index bytes() const { return bytes_; }
  // Returns when the first `bytes` are durable; IoError. Any thread.
  void Sync(Index bytes);

 private:
  bool Flush();
  void Keep(const std::string& line);
  void Warn(const std::string& problem);

  std::string path_;
  int fd_ = -1;
  Index bytes_ = 0;  // with those that could not be written
  bool warned_ = false;
  std::mutex sync_mutex_;  // taken before the other
  std::mutex mutex_;       // guards what follows
  std::string kept_;       // [durable_, bytes_) of the file
  Index durable_ = 0;      // bytes that a successful fsync has covered
  Index written_ = 0;      // bytes that the system has taken
  std::string problem_;    // of the last write that failed
};

// A number for the log: itself, or its name when it is not finite.
nlohmann::ordered_json FiniteOrName(double value);

}  // namespace lockstep
