#include "data/corpus/record.h"

#include <fmt/format.h>

#include <array>
#include <cmath>

#include "base/hash.h"

namespace lockstep {
namespace {

template <typename T>
std::span<const T> ValuesOf(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const T*>(bytes.data()), bytes.size() / sizeof(T)};
}

// The loop without an exit runs over whole records at vector speed; the place is looked for only
// when there is one.
template <typename T, typename IsBad>
Index FirstBad(std::span<const T> values, IsBad is_bad) {
  bool any = false;
  for (const T value : values) any |= is_bad(value);
  if (!any) return -1;
  Index place = 0;
  while (!is_bad(values[static_cast<std::size_t>(place)])) ++place;
  return place;
}

template <typename T>
std::optional<BadValue> FindBadClass(const FieldSpec& field, std::span<const std::byte> bytes,
                                     Index limit, T ignored, bool names_ignored) {
  const std::span<const T> values = ValuesOf<T>(bytes);
  const Index place = FirstBad(values, [=](T value) {
    return (static_cast<Index>(value) >= limit || static_cast<Index>(value) < 0) &
           (value != ignored);
  });
  if (place < 0) return std::nullopt;
  return BadValue{place / field.width,
                  std::to_string(static_cast<Index>(values[static_cast<std::size_t>(place)])),
                  names_ignored ? fmt::format("0..{} or {} (ignored)", limit - 1, ignored)
                                : fmt::format("0..{}", limit - 1)};
}

template <typename T>
std::optional<BadValue> FindBadLabelOf(std::span<const std::byte> bytes, Index limit) {
  const std::span<const T> values = ValuesOf<T>(bytes);
  const Index place = FirstBad(values, [=](T value) {
    return (static_cast<Index>(value) >= limit) | (static_cast<Index>(value) < 1);
  });
  if (place < 0) return std::nullopt;
  return BadValue{place,
                  std::to_string(static_cast<Index>(values[static_cast<std::size_t>(place)])),
                  fmt::format("1..{}", limit - 1)};
}

}  // namespace

Index StepBytes(const FieldSpec& field) { return ElementBytes(field.type) * field.width; }

std::uint64_t RecordChecksum(std::span<const std::byte> bytes, std::uint64_t sample_id) {
  const std::array<std::uint64_t, 2> pair{Hash64(bytes), sample_id};
  return Hash64(std::as_bytes(std::span(pair)));
}

// No symbol is ignored: the ignored value is set to one that is allowed anyway.
std::optional<BadValue> FindBadSymbol(const FieldSpec& field, std::span<const std::byte> bytes,
                                      Index limit) {
  if (limit == 0) return std::nullopt;
  if (field.type == ElementType::kUint8) {
    return FindBadClass<std::uint8_t>(field, bytes, limit, 0, false);
  }
  return FindBadClass<std::int32_t>(field, bytes, limit, 0, false);
}

std::optional<BadValue> FindBadTarget(const FieldSpec& field, std::span<const std::byte> bytes,
                                      Index limit) {
  if (field.type == ElementType::kUint8) {
    return FindBadClass<std::uint8_t>(field, bytes, limit, kIgnoredTargetByte, true);
  }
  return FindBadClass<std::int32_t>(field, bytes, limit, kIgnoredTarget, true);
}

std::optional<BadValue> FindBadLabel(const FieldSpec& field, std::span<const std::byte> bytes,
                                     Index limit) {
  if (field.type == ElementType::kUint8) return FindBadLabelOf<std::uint8_t>(bytes, limit);
  return FindBadLabelOf<std::int32_t>(bytes, limit);
}

std::optional<BadValue> FindBadFeature(const FieldSpec& field, std::span<const std::byte> bytes) {
  const std::span<const float> values = ValuesOf<float>(bytes);
  const Index place = FirstBad(values, [](float value) { return !std::isfinite(value); });
  if (place < 0) return std::nullopt;
  return BadValue{place / field.width, fmt::format("{}", values[static_cast<std::size_t>(place)]),
                  "finite numbers"};
}

std::optional<BadValue> FindBadInput(const CorpusInfo& info, std::span<const std::byte> bytes) {
  if (info.inputs.type == ElementType::kFloat32) return FindBadFeature(info.inputs, bytes);
  return FindBadSymbol(info.inputs, bytes, static_cast<Index>(info.symbols.size()));
}

std::optional<BadValue> FindBadTarget(const CorpusInfo& info, std::span<const std::byte> bytes) {
  const Index classes = static_cast<Index>(info.classes.size());
  return info.targets_per_step ? FindBadTarget(info.targets, bytes, classes)
                               : FindBadLabel(info.targets, bytes, classes);
}

}  // namespace lockstep
