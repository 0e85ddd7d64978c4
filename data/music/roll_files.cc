#include "data/music/roll_files.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "base/raw_file.h"

namespace lockstep {

void ReadRollFile(const std::string& path, VisitRoll visit) {
  constexpr std::string_view kMat = "MATLAB 5.0";
  const RawFile file = RawFile::OpenForReading(path);
  std::array<char, kMat.size()> begin{};
  const auto bytes = std::min(file.SizeBytes(), static_cast<Index>(begin.size()));
  file.ReadAt(0, std::as_writable_bytes(std::span(begin)).first(static_cast<std::size_t>(bytes)));
  if (std::string_view(begin.data(), begin.size()) == kMat) return ReadMatRolls(path, visit);
  ReadJsonRolls(path, visit);
}

bool SplitFromName(const std::string& name, DataSplit* split) {
  for (int s = 0; s < kDataSplits; ++s) {
    *split = static_cast<DataSplit>(s);
    if (name == DataSplitName(*split)) return true;
  }
  return false;
}

}  // namespace lockstep
