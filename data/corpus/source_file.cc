#include "data/corpus/source_file.h"

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <vector>

#include "base/hash.h"
#include "base/json_text.h"
#include "base/raw_file.h"

namespace lockstep {

nlohmann::json DescribeSource(const std::string& path) {
  const RawFile file = RawFile::OpenForReading(path);
  const Index bytes = file.SizeBytes();
  StreamHash hash;
  std::vector<std::byte> piece(std::size_t{1} << 20);
  for (Index done = 0; done < bytes;) {
    const Index count = std::min(bytes - done, std::ssize(piece));
    const auto part = std::span(piece).first(static_cast<std::size_t>(count));
    file.ReadAt(done, part);
    hash.Add(part);
    done += count;
  }
  return {{"file", std::filesystem::path(path).filename().string()},
          {"bytes", bytes},
          {"hash", hash.Hex()}};
}

std::string ProvenanceText(const nlohmann::json& provenance) {
  return JsonTextOfAnyBytes(provenance);
}

}  // namespace lockstep
