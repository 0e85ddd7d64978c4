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

// The first loop has no early exit, so it is vectorised. Only if it finds a bad value, the place is
// searched for.
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
BadValue Describe(const Field& field, std::span<const T> values, Index place, std::string allowed) {
  return {place / field.width,
          std::to_string(static_cast<Index>(values[static_cast<std::size_t>(place)])),
          std::move(allowed)};
}

// Ids must be in [low, limit), or equal to `ignored` if that is allowed.
template <typename T>
std::optional<BadValue> FindBadId(const Field& field, std::span<const T> values, Index low,
                                  Index limit, std::optional<T> ignored) {
  const T other = ignored.value_or(static_cast<T>(low));
  const Index place = FirstBad(values, [=](T value) {
    return ((static_cast<Index>(value) >= limit) | (static_cast<Index>(value) < low)) &
           (value != other);
  });
  if (place < 0) return std::nullopt;
  const std::string text = ignored ? fmt::format(" or {} (ignored)", *ignored) : "";
  return Describe(field, values, place, fmt::format("{}..{}{}", low, limit - 1, text));
}

template <typename T>
std::optional<BadValue> FindBadIds(const Field& field, std::span<const std::byte> bytes,
                                   Index limit) {
  const bool is_target = field.role == FieldRole::kTarget;
  const bool may_be_ignored = is_target && !HasOwnLength(field);
  constexpr T kIgnored =
      sizeof(T) == 1 ? static_cast<T>(kIgnoredTargetByte) : static_cast<T>(kIgnoredTarget);
  const Index low = is_target && field.alignment == Alignment::kList ? 1 : 0;
  return FindBadId<T>(field, ValuesOf<T>(bytes), low, limit,
                      may_be_ignored ? std::optional<T>(kIgnored) : std::nullopt);
}

std::optional<BadValue> FindBadReal(const Field& field, std::span<const std::byte> bytes) {
  const std::span<const float> values = ValuesOf<float>(bytes);
  const bool is_target = field.role == FieldRole::kTarget;
  // Without a branch, which the compiler would not turn into vector instructions.
  const Index place = FirstBad(values, [=](float value) {
    const int missing = static_cast<int>(is_target) & static_cast<int>(std::isnan(value));
    return (static_cast<int>(!std::isfinite(value)) & ~missing) != 0;
  });
  if (place < 0) return std::nullopt;
  return BadValue{
      place / field.width, fmt::format("{}", values[static_cast<std::size_t>(place)]),
      is_target ? "finite numbers, or not a number where it is missing" : "finite numbers"};
}

// Checks first the lengths of the lists, then their values.
std::optional<BadValue> FindBadLists(const Field& field, std::span<const std::byte> bytes,
                                     Index limit, Index steps) {
  const std::span<const std::int32_t> values = ValuesOf<std::int32_t>(bytes);
  const Index most = static_cast<Index>(values.size()) - steps;
  Index sum = 0;
  for (Index t = 0; t < steps; ++t) {
    if (t >= static_cast<Index>(values.size()))
      return BadValue{t, "no length", "a length for each step"};
    const Index length = values[static_cast<std::size_t>(t)];
    if (length < 0 || length > most - sum)
      return Describe(field, values, t, fmt::format("0..{}", most - sum));
    sum += length;
  }
  if (sum != most) {
    return BadValue{steps, fmt::format("{} values in lists of {} together", most, sum),
                    "as many as the lengths say"};
  }
  return FindBadId<std::int32_t>(field, values.subspan(static_cast<std::size_t>(steps)), 0, limit,
                                 std::nullopt);
}

// The names of ids for a message, at most a few.
std::string FirstNames(const std::vector<std::string>& names, const std::vector<int>& ids) {
  constexpr std::size_t kMostShown = 12;
  std::string text;
  for (std::size_t i = 0; i < ids.size() && i < kMostShown; ++i) {
    text += (i == 0 ? "" : ", ") + names[static_cast<std::size_t>(ids[i])];
  }
  return text + (ids.size() > kMostShown ? ", ..." : "");
}

// All ids are within the vocabulary, or ignored. Unknown targets between known ones are not filled
// in: only known neighbours are compared.
template <typename T>
std::optional<BadValue> FindBrokenOrder(const Vocabulary& vocabulary,
                                        std::span<const std::byte> bytes) {
  const std::span<const T> ids = ValuesOf<T>(bytes);
  const LabelOrder& order = vocabulary.order;
  const auto limit = static_cast<Index>(vocabulary.names.size());
  const auto is_known = [&](T id) { return id >= 0 && static_cast<Index>(id) < limit; };
  const auto name = [&](T id) { return vocabulary.names[static_cast<std::size_t>(id)]; };
  for (std::size_t t = 0; t < ids.size(); ++t) {
    const auto row = static_cast<Index>(t);
    if (!is_known(ids[t])) continue;
    if (t == 0 && !order.MayBeFirst(ids[t])) {
      return BadValue{row, fmt::format("\"{}\" at the first step", name(ids[t])),
                      FirstNames(vocabulary.names, order.first)};
    }
    if (t > 0 && is_known(ids[t - 1]) && !order.MayFollow(ids[t - 1], ids[t])) {
      return BadValue{
          row, fmt::format("\"{}\" after \"{}\"", name(ids[t]), name(ids[t - 1])),
          FirstNames(vocabulary.names, order.followers[static_cast<std::size_t>(ids[t - 1])])};
    }
    if (t + 1 == ids.size() && !order.MayBeLast(ids[t])) {
      return BadValue{row, fmt::format("\"{}\" at the last step", name(ids[t])),
                      FirstNames(vocabulary.names, order.last)};
    }
  }
  return std::nullopt;
}

template <typename T>
std::optional<BadValue> FindBadRows(const Schema& schema, const Field& field,
                                    std::span<const std::byte> bytes) {
  if (auto bad = FindBadIds<T>(field, bytes, schema.IdsOf(field))) return bad;
  const bool has_order = field.role == FieldRole::kTarget && field.alignment == Alignment::kStep &&
                         field.width == 1 && !schema.VocabularyOf(field).order.empty();
  return has_order ? FindBrokenOrder<T>(schema.VocabularyOf(field), bytes) : std::nullopt;
}

}  // namespace

Index RowBytes(const Field& field) { return ElementBytes(field.type) * field.width; }

std::uint64_t RecordChecksum(std::span<const std::byte> bytes, std::uint64_t sample_id) {
  const std::array<std::uint64_t, 2> pair{Hash64(bytes), sample_id};
  return Hash64(std::as_bytes(std::span(pair)));
}

std::optional<BadValue> FindBadValue(const Schema& schema, std::size_t f,
                                     std::span<const std::byte> bytes, Index steps) {
  const Field& field = schema.fields[f];
  const Index limit = schema.IdsOf(field);
  if (field.is_real()) return FindBadReal(field, bytes);
  if (field.alignment == Alignment::kListInStep) return FindBadLists(field, bytes, limit, steps);
  if (field.type == ElementType::kUint8) return FindBadRows<std::uint8_t>(schema, field, bytes);
  return FindBadRows<std::int32_t>(schema, field, bytes);
}

}  // namespace lockstep
