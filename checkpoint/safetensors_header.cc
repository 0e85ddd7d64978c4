#include "checkpoint/safetensors_header.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <limits>
#include <nlohmann/json.hpp>
#include <set>

#include "base/characters.h"
#include "base/error.h"
#include "base/json_text.h"

namespace lockstep {
namespace {

using Json = nlohmann::json;

constexpr char kMetadata[] = "__metadata__";
constexpr std::size_t kMostAxes = 8;
constexpr std::size_t kMostTensors = 16384;  // the time of the JSON reader grows with its square

struct DtypeRow {
  const char* name;
  Index bytes;
};
constexpr DtypeRow kDtypes[] = {{"BOOL", 1}, {"U8", 1},  {"I8", 1},  {"F8_E4M3", 1}, {"F8_E5M2", 1},
                                {"I16", 2},  {"U16", 2}, {"F16", 2}, {"BF16", 2},    {"I32", 4},
                                {"U32", 4},  {"F32", 4}, {"I64", 8}, {"U64", 8},     {"F64", 8}};

template <typename... Args>
[[noreturn]] void Refuse(const std::string& path, fmt::format_string<Args...> format,
                         Args&&... args) {
  FailSafetensors(path, fmt::format(format, std::forward<Args>(args)...));
}

// Builds the document, and ends as soon as it is none that the format allows: deeper than the list
// of a tensor, longer lists than any shape, the same name twice. So a header cannot ask for much
// more memory than it has bytes.
Json ParseHeader(const std::string& path, const std::string& text) {
  constexpr int kDeepest = 3;
  std::set<std::string> names;
  std::size_t elements = 0;
  const auto look = [&](int depth, Json::parse_event_t event, const Json& found) {
    const bool opens =
        event == Json::parse_event_t::object_start || event == Json::parse_event_t::array_start;
    if (opens && depth >= kDeepest) Refuse(path, "its header is nested more deeply than allowed");
    if (event == Json::parse_event_t::array_start) elements = 0;
    if (event == Json::parse_event_t::value && ++elements > kMostAxes && depth == kDeepest) {
      Refuse(path, "a list in its header has more than {} elements", kMostAxes);
    }
    if (event == Json::parse_event_t::key && depth == 1 && !names.insert(found).second) {
      Refuse(path, "its header has the name {} twice", Printable(found.get<std::string>()));
    }
    if (names.size() > kMostTensors + 1) {
      Refuse(path, "its header has more than {} tensors", kMostTensors);
    }
    return true;
  };
  try {
    return Json::parse(text, look);
  } catch (const Json::exception& error) {
    Refuse(path, "its header is no JSON: {}", error.what());
  }
}

std::map<std::string, std::string> MetadataFrom(const std::string& path, const Json& json) {
  if (!json.is_object()) Refuse(path, "{} is no object", kMetadata);
  std::map<std::string, std::string> metadata;
  for (const auto& [key, value] : json.items()) {
    if (!value.is_string())
      Refuse(path, "{} has a value for {} that is no text", kMetadata, Printable(key));
    metadata[key] = value.get<std::string>();
  }
  return metadata;
}

std::vector<Index> IntegersFrom(const std::string& path, const std::string& name, const Json& json,
                                const char* key) {
  if (!json.contains(key) || !json[key].is_array()) {
    Refuse(path, "tensor {} has no list \"{}\"", Printable(name), key);
  }
  std::vector<Index> numbers;
  for (const Json& value : json[key]) {
    if (!value.is_number_unsigned() ||
        value.get<std::uint64_t>() > std::numeric_limits<Index>::max()) {
      Refuse(path, "tensor {} has {} in \"{}\", allowed are integers from 0", Printable(name),
             JsonTextOfAnyBytes(value), key);
    }
    numbers.push_back(static_cast<Index>(value.get<std::uint64_t>()));
  }
  return numbers;
}

Index BytesOf(const std::string& path, const std::string& name, const std::string& dtype) {
  for (const DtypeRow& row : kDtypes) {
    if (dtype == row.name) return row.bytes;
  }
  Refuse(path, "tensor {} has the unknown type {}", Printable(name), Printable(dtype));
}

// The bytes of a shape, or -1 if they are more than `most`: a product of forged sizes would
// overflow. A size of zero makes it 0, whatever the others are.
Index ProductUpTo(const std::vector<Index>& shape, Index element_bytes, Index most) {
  if (std::ranges::find(shape, 0) != shape.end()) return 0;
  Index bytes = element_bytes;
  for (const Index size : shape) {
    if (size > most / bytes) return -1;
    bytes *= size;
  }
  return bytes <= most ? bytes : -1;
}

// `data` is where the arrays begin, `size` the length of the file.
TensorInfo TensorFrom(const std::string& path, const std::string& name, const Json& json,
                      Index data, Index size) {
  if (!json.is_object() || !json.contains("dtype") || !json["dtype"].is_string()) {
    Refuse(path, "tensor {} has no \"dtype\"", Printable(name));
  }
  TensorInfo info;
  info.dtype = json["dtype"].get<std::string>();
  info.shape = IntegersFrom(path, name, json, "shape");
  const std::vector<Index> offsets = IntegersFrom(path, name, json, "data_offsets");
  if (offsets.size() != 2 || offsets[0] > offsets[1] || offsets[1] > size - data) {
    Refuse(path, "tensor {} has the offsets [{}], but {} bytes follow the header", Printable(name),
           fmt::join(offsets, ", "), size - data);
  }
  info.begin = data + offsets[0];
  info.end = data + offsets[1];
  const Index element_bytes = BytesOf(path, name, info.dtype);
  if (ProductUpTo(info.shape, element_bytes, size) != info.end - info.begin) {
    Refuse(path, "tensor {} is {} [{}], which does not fit its {} bytes", Printable(name),
           info.dtype, fmt::join(info.shape, ", "), info.end - info.begin);
  }
  return info;
}

// Every byte behind the header belongs to one tensor.
void CheckCover(const std::string& path, const std::map<std::string, TensorInfo>& tensors,
                Index data, Index size) {
  std::vector<std::pair<const std::string*, const TensorInfo*>> sorted;
  for (const auto& [name, info] : tensors) sorted.emplace_back(&name, &info);
  std::ranges::sort(sorted, {}, [](const auto& entry) {
    return std::pair(entry.second->begin, entry.second->end);
  });
  Index at = data;
  for (const auto& [name, info] : sorted) {
    if (info->begin != at) {
      Refuse(path, "tensor {} begins at byte {} of the arrays, expected {}: arrays {}",
             Printable(*name), info->begin - data, at - data,
             info->begin < at ? "overlap" : "have gaps");
    }
    at = info->end;
  }
  if (at != size) Refuse(path, "its last {} bytes belong to no tensor", size - at);
}

}  // namespace

void FailSafetensors(const std::string& path, const std::string& problem) {
  throw BadData(
      "cannot read safetensors file {}: {}; get a good copy of it, or write it again with "
      "safetensors.torch",
      path, problem);
}

// A size of zero makes it 0, whatever the others are: their product may be beyond all numbers.
Index TensorInfo::count() const {
  if (std::ranges::find(shape, 0) != shape.end()) return 0;
  Index product = 1;
  for (const Index size : shape) product *= size;
  return product;
}

SafetensorsHeader ReadSafetensorsHeader(const std::string& path, const std::string& text,
                                        Index size) {
  const Json json = ParseHeader(path, text);
  if (!json.is_object()) Refuse(path, "its header is no JSON object");
  const Index data = kSafetensorsLengthBytes + std::ssize(text);
  SafetensorsHeader header;
  for (const auto& [name, entry] : json.items()) {
    if (name == kMetadata) {
      header.metadata = MetadataFrom(path, entry);
    } else {
      header.tensors[name] = TensorFrom(path, name, entry, data, size);
    }
  }
  CheckCover(path, header.tensors, data, size);
  return header;
}

std::vector<std::byte> BuildSafetensorsHeader(const std::map<std::string, std::string>& metadata,
                                              std::span<const ArrayView> arrays) {
  nlohmann::ordered_json header;
  if (!metadata.empty()) header[kMetadata] = metadata;
  Index at = 0;
  for (const ArrayView& array : arrays) {
    LOCKSTEP_CHECK(array.type == ElementType::kFloat32 && array.name != kMetadata);
    const Index begin = at;
    at += TensorInfo{"F32", array.shape}.count() * ElementBytes(array.type);
    header[array.name] = {{"dtype", "F32"}, {"shape", array.shape}, {"data_offsets", {begin, at}}};
  }
  std::string text = JsonTextOfAnyBytes(header);
  text.resize((text.size() + 7) / 8 * 8, ' ');
  if (static_cast<Index>(text.size()) > kMostSafetensorsHeaderBytes) {
    throw UsageError(
        "the header of a safetensors file may have {} bytes, that of this model has {}: its "
        "vocabulary is too large for this format",
        kMostSafetensorsHeaderBytes, text.size());
  }
  std::vector<std::byte> bytes(static_cast<std::size_t>(kSafetensorsLengthBytes) + text.size());
  const auto length = static_cast<std::uint64_t>(text.size());
  static_assert(std::endian::native == std::endian::little);
  std::memcpy(bytes.data(), &length, kSafetensorsLengthBytes);
  std::memcpy(bytes.data() + kSafetensorsLengthBytes, text.data(), text.size());
  return bytes;
}

}  // namespace lockstep
