// metrics.jsonl: one JSON object a line for each logged step and each validation; the truth from
// which curves are drawn. Written by rank 0, line by line. On resume it is cut back to where the
// checkpoint was taken, so that each step stands in it once. Numbers that are not finite are
// written as the strings "nan", "inf" and "-inf".
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "base/types.h"

namespace lockstep {

class MetricsLog {
 public:
  // Opens `path`, cut back to `bytes` (BadData when it is shorter), or does nothing when path is
  // empty.
  MetricsLog(const std::string& path, Index bytes);
  ~MetricsLog();
  MetricsLog(const MetricsLog&) = delete;
  MetricsLog& operator=(const MetricsLog&) = delete;

  void Write(const nlohmann::ordered_json& object);
  // Makes what was written durable; returns the length of the file.
  Index Sync();

 private:
  std::string path_;
  int fd_ = -1;
  Index bytes_ = 0;
};

// A number for the log: itself, or its name when it is not finite.
nlohmann::ordered_json FiniteOrName(double value);

}  // namespace lockstep
