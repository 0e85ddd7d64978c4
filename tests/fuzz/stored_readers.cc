#include <algorithm>
#include <array>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <sstream>

#include "base/durable_file.h"
#include "base/hash.h"
#include "base/json_text.h"
#include "checkpoint/checkpoint_file.h"
#include "checkpoint/safetensors.h"
#include "data/corpus/shard_format.h"
#include "launch/config/config.h"
#include "tests/fuzz/fuzz_target.h"
#include "tests/fuzz/readers.h"
#include "trainer/save/training_state.h"

namespace lockstep {
namespace {

// With the hash that belongs to what is there: nothing else would be looked at. What was read is
// written, and read again as the same.
void ReadCorpusIndex(const std::string& path) {
  std::string text = ReadTextFile(path);
  auto document = ParseJsonOrDiscard(text);
  if (document.is_object()) {
    document.erase("hash");
    try {
      document["hash"] = Hash128Hex(JsonText(document));
      text = JsonText(document);
    } catch (const nlohmann::json::exception&) {  // a text that is no UTF-8 cannot be written
    }
  }
  const std::string written = CorpusToJson(CorpusFromJson(text, "input"));
  LOCKSTEP_CHECK(CorpusToJson(CorpusFromJson(written, "written")) == written);
}

// What was read and written is the same text when it is read and written again.
void ReadState(const std::string& path) {
  const TrainingState state = StateFromJson(ReadTextFile(path), "input");
  const std::string text = StateToJson(state);
  LOCKSTEP_CHECK(StateToJson(StateFromJson(text, "written")) == text);
}

// What is written of a configuration is read as the same one, in both forms.
void CheckWritten(const Config& config) {
  LOCKSTEP_CHECK(config.FreeKeys().size() < config.Values().size());
  for (const std::string& text : {config.ToToml(), config.ToAnnotatedToml()}) {
    MemoryFile written;
    written.Set({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
    Config again;
    again.ReadFile(written.path());
    again.Finish();
    LOCKSTEP_CHECK(again.Values() == config.Values());
  }
}

void ReadConfigFile(const std::string& path) {
  Config config;
  config.ReadFile(path);
  config.Finish();
  CheckWritten(config);
}

// The lines as KEY=VALUE after --set, or the first of them as variables of the environment.
void ReadConfigLines(const std::string& text, bool as_variables) {
  const int most_lines = as_variables ? 3 : 20;
  Config config;
  std::vector<std::string> names;
  std::istringstream lines(text);
  std::string line;
  for (int i = 0; i < most_lines && std::getline(lines, line); ++i) {
    line = line.substr(0, line.find('\0'));
    const std::size_t equals = line.find('=');
    if (!as_variables) {
      config.SetFromCommandLine(line);
    } else if (equals != line.npos) {
      names.push_back("LOCKSTEP_" + line.substr(0, equals));
      setenv(names.back().c_str(), line.c_str() + equals + 1, /*overwrite=*/0);
    }
  }
  if (as_variables) config.ReadEnvironment();
  for (const std::string& name : names) {
    if (name != "LOCKSTEP_FUZZ_READER") unsetenv(name.c_str());
  }
  config.Finish();
  CheckWritten(config);
}

// A file with a section is read as a configuration, any other as lines, because all three ways take
// much longer than other readers.
void ReadConfig(const std::string& path) {
  static const std::string help = Config::Help();
  LOCKSTEP_CHECK(help.find("model.hidden_size") != help.npos);
  const std::string text = ReadTextFile(path);
  if (text.find('[') != text.npos) return ReadConfigFile(path);
  ReadOrRefuse([&] { ReadConfigFile(path); });
  for (const bool as_variables : {false, true})
    ReadOrRefuse([&] { ReadConfigLines(text, as_variables); });
}

// A file as somebody makes it who knows the format: with the hashes of what it holds. Bytes of a
// header may be wrong all the same; only those of a body that passes them reach HDF5.
void PatchHeader(std::string* bytes, bool whole) {
  constexpr std::size_t kBodyBytesAt = 16, kBodyHashAt = 24, kHeaderHashAt = 504;
  const auto put = [&](std::size_t at, std::uint64_t value) {
    std::memcpy(bytes->data() + at, &value, sizeof(value));
  };
  if (bytes->size() < static_cast<std::size_t>(kCheckpointHeaderBytes)) return;
  if (whole) {
    const std::string body = bytes->substr(kCheckpointHeaderBytes);
    put(kBodyBytesAt, body.size());
    const std::string hash = Hash128Hex(body);
    bytes->replace(kBodyHashAt, hash.size(), hash);
  }
  put(kHeaderHashAt, Hash64(std::as_bytes(std::span(*bytes).first(kHeaderHashAt))));
}

void ReadCheckpointBytes(const std::string& bytes) {
  MemoryFile file;
  file.Set({reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()});
  ReadOrRefuse([&] {
    const CheckpointContent content = ReadCheckpoint(file.path());
    LOCKSTEP_CHECK(VerifyCheckpoint(file.path()) == content.state);
  });
}

// A checkpoint whose arrays are made of the input is read as it was written.
void ReadMadeCheckpoint(const std::string& bytes) {
  const Index most = std::ssize(bytes), rows = most / 8;
  const std::array arrays = {
      ArrayView{"a/" + std::to_string(most), ElementType::kUint8, {most}, bytes.data()},
      ArrayView{"b", ElementType::kFloat32, {rows, 2}, bytes.data()},
      ArrayView{"c", ElementType::kInt32, {1, rows}, bytes.data()}};
  const std::string state = JsonText(nlohmann::json(std::string(most % 7, 'x')));
  const CheckpointImage image = BuildCheckpoint(state, arrays);
  std::string file(reinterpret_cast<const char*>(image.header.data()), image.header.size());
  file.append(reinterpret_cast<const char*>(image.body.data()), image.body.size());
  MemoryFile written;
  written.Set({reinterpret_cast<const std::uint8_t*>(file.data()), file.size()});
  const CheckpointContent content = ReadCheckpoint(written.path());
  LOCKSTEP_CHECK(content.state == state && content.arrays.size() == arrays.size());
  for (const ArrayView& array : arrays) {
    const StoredArray& found = content.arrays.at(array.name);
    LOCKSTEP_CHECK(found.type == array.type && found.shape == array.shape);
    const auto* const written_bytes = static_cast<const std::byte*>(array.values);
    LOCKSTEP_CHECK(std::equal(found.values.begin(), found.values.end(), written_bytes));
  }
}

// Writing asks the disk to be done, so one file is enough.
bool WriteOneCheckpoint() {
  const std::string path = TemporaryPath();
  const CheckpointImage image = BuildCheckpoint("{}", {});
  WriteCheckpoint(path, image);
  ReplaceCheckpoint(path, image, [] {});
  LOCKSTEP_CHECK(VerifyCheckpoint(path) == "{}");
  return std::filesystem::remove(path);
}

void ReadAnyCheckpoint(const std::string& path) {
  static const bool is_written = WriteOneCheckpoint();
  LOCKSTEP_CHECK(is_written);
  std::string bytes = ReadTextFile(path);
  ReadCheckpointBytes(bytes);
  PatchHeader(&bytes, /*whole=*/false);
  ReadCheckpointBytes(bytes);
  if (!bytes.empty()) ReadMadeCheckpoint(bytes);
}

// What a file holds as floats, in a file that is written here, and read as the same.
void CheckWrittenAgain(const SafetensorsFile& file, const std::string& name,
                       const std::vector<float>& values) {
  const ArrayView array{name, ElementType::kFloat32, file.tensors().at(name).shape, values.data()};
  const std::vector<std::byte> header = BuildSafetensorsHeader(file.metadata(), {&array, 1});
  std::string bytes(reinterpret_cast<const char*>(header.data()), header.size());
  bytes.append(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(float));
  MemoryFile written;
  written.Set({reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()});
  const SafetensorsFile again = SafetensorsFile::Open(written.path());
  LOCKSTEP_CHECK(again.metadata() == file.metadata());
  const std::vector<float> found = again.ReadFloats(name);
  LOCKSTEP_CHECK(found.size() == values.size());
  LOCKSTEP_CHECK(std::memcmp(found.data(), values.data(), values.size() * sizeof(float)) == 0);
}

bool WriteOneSafetensors() {
  const std::string path = TemporaryPath();
  const float value = 1;
  const ArrayView array{"a", ElementType::kFloat32, {1}, &value};
  WriteSafetensors(path, {}, {&array, 1});
  LOCKSTEP_CHECK(SafetensorsFile::Open(path).ReadFloats("a") == std::vector<float>{value});
  return std::filesystem::remove(path);
}

// Every tensor that is a list of floats is as long as its shape says.
void ReadAnySafetensors(const std::string& path) {
  static const bool is_written = WriteOneSafetensors();
  LOCKSTEP_CHECK(is_written);
  const SafetensorsFile file = SafetensorsFile::Open(path);
  for (const auto& entry : file.tensors()) {
    ReadOrRefuse([&] {
      const std::vector<float> values = file.ReadFloats(entry.first);
      LOCKSTEP_CHECK_EQ(std::ssize(values), entry.second.count());
      if (!values.empty()) CheckWrittenAgain(file, entry.first, values);
    });
  }
}

constexpr std::array kReaders = {
    Reader{"checkpoint", ReadAnyCheckpoint},   Reader{"config", ReadConfig},
    Reader{"corpus", ReadCorpusIndex},         Reader{"events", ReadEventFile},
    Reader{"safetensors", ReadAnySafetensors}, Reader{"state", ReadState}};

}  // namespace

std::span<const Reader> StoredReaders() { return kReaders; }

}  // namespace lockstep
