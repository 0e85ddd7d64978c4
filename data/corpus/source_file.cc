#include "data/corpus/source_file.h"

#include <cstdio>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <vector>

#include "base/error.h"
#include "base/hash.h"

namespace lockstep {

nlohmann::json DescribeSource(const std::string& path) {
  const auto close = [](std::FILE* file) { std::fclose(file); };
  const std::unique_ptr<std::FILE, decltype(close)> file(std::fopen(path.c_str(), "rb"), close);
  if (file == nullptr) throw MissingInput("cannot open {}: {}", path, ErrnoText());
  StreamHash hash;
  std::uint64_t bytes = 0;
  std::vector<std::byte> piece(std::size_t{1} << 20);
  while (const std::size_t got = std::fread(piece.data(), 1, piece.size(), file.get())) {
    hash.Add(std::span(piece).first(got));
    bytes += got;
  }
  if (std::ferror(file.get()) != 0) {
    throw IoError(fmt::format("cannot read {} at byte {}: {}", path, bytes, ErrnoText()));
  }
  return {{"file", std::filesystem::path(path).filename().string()},
          {"bytes", bytes},
          {"hash", hash.Hex()}};
}

std::string ProvenanceText(const nlohmann::json& provenance) {
  return provenance.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

}  // namespace lockstep
