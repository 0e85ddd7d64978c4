// The types that elements of stored arrays can have.
#pragma once

#include <cstdint>
#include <string>

#include "base/types.h"

namespace lockstep {

enum class ElementType { kUint8, kInt32, kInt64, kUint64, kFloat32, kFloat64 };
inline constexpr ElementType kAllElementTypes[] = {ElementType::kUint8,   ElementType::kInt32,
                                                   ElementType::kInt64,   ElementType::kUint64,
                                                   ElementType::kFloat32, ElementType::kFloat64};

Index ElementBytes(ElementType type);
std::string ElementName(ElementType type);
// Inverse of ElementName; throws BadData on an unknown name.
ElementType ElementTypeFromName(const std::string& name);

template <typename T>
constexpr ElementType ElementTypeOf();
template <>
constexpr ElementType ElementTypeOf<std::uint8_t>() {
  return ElementType::kUint8;
}
template <>
constexpr ElementType ElementTypeOf<std::int32_t>() {
  return ElementType::kInt32;
}
template <>
constexpr ElementType ElementTypeOf<std::int64_t>() {
  return ElementType::kInt64;
}
template <>
constexpr ElementType ElementTypeOf<std::uint64_t>() {
  return ElementType::kUint64;
}
template <>
constexpr ElementType ElementTypeOf<float>() {
  return ElementType::kFloat32;
}
template <>
constexpr ElementType ElementTypeOf<double>() {
  return ElementType::kFloat64;
}

}  // namespace lockstep
