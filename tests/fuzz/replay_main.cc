// Runs a fuzz target without libFuzzer: on each file of the folders that are given, whole, and then
// with bytes changed, cut out, repeated and exchanged between files, a few thousand times, or for a
// few seconds if that is less. The draws have a fixed seed. Ends with 0, or as the target ends the
// program.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "base/counter_rng.h"
#include "tests/fuzz/fuzz_target.h"

namespace lockstep {
namespace {

constexpr std::uint64_t kChangedFiles = 4'000;
constexpr std::chrono::seconds kMostTime{3};

std::vector<std::string> FilesIn(int folders, char** paths) {
  std::vector<std::string> names;
  for (int i = 0; i < folders; ++i) {
    for (const auto& entry : std::filesystem::directory_iterator(paths[i]))
      names.push_back(entry.path().string());
  }
  std::ranges::sort(names);
  std::vector<std::string> files;
  for (const std::string& name : names) {
    std::ifstream file(name, std::ios::binary);
    files.emplace_back(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
  }
  return files;
}

void Try(const std::string& bytes) {
  LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
}

// One change of the text, drawn at `index` and the three indices after it.
void Change(const CounterRng& rng, std::uint64_t index, const std::string& other,
            std::string* text) {
  const auto below = [&](std::uint64_t which, std::size_t n) {
    return static_cast<std::size_t>(rng.Below(index + which, std::max<std::size_t>(n, 1)));
  };
  const std::size_t at = below(1, text->size()), length = below(2, 8);
  switch (below(0, 6)) {
    case 0:  // any byte
      if (!text->empty()) (*text)[at] = static_cast<char>(below(3, 256));
      break;
    case 1:  // one bit
      if (!text->empty()) (*text)[at] = static_cast<char>((*text)[at] ^ 1 << below(3, 8));
      break;
    case 2:  // extreme lengths and counts
      for (std::size_t i = at; i < std::min(text->size(), at + 4); ++i)
        (*text)[i] = static_cast<char>(below(3, 2) == 0 ? 0xFF : 0x00);
      break;
    case 3:
      text->erase(at, length);
      break;
    case 4:
      text->insert(at, text->substr(below(3, text->size()), length));
      break;
    default:
      text->replace(at, length, other.substr(below(3, other.size()), length));
  }
}

int Replay(int folders, char** paths) {
  const std::vector<std::string> files = FilesIn(folders, paths);
  if (files.empty()) return 1;
  for (const std::string& file : files) Try(file);
  const auto end = std::chrono::steady_clock::now() + kMostTime;
  std::uint64_t tried = 0;
  for (; tried < kChangedFiles && std::chrono::steady_clock::now() < end; ++tried) {
    const CounterRng rng(1, RandomPurpose::kTest, tried);
    std::string text = files[rng.Below(0, files.size())];
    const std::string& other = files[rng.Below(1, files.size())];
    const std::uint64_t changes = 1 + rng.Below(2, 4);
    for (std::uint64_t c = 0; c < changes; ++c) Change(rng, 10 * (c + 1), other, &text);
    Try(text);
  }
  fmt::print("{} files and {} changed ones\n", files.size(), tried);
  return 0;
}

}  // namespace
}  // namespace lockstep

int main(int count, char** words) { return lockstep::Replay(count - 1, words + 1); }
