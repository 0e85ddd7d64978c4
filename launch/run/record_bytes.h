// Structs, lists and texts of any depth as bytes, and back (chunk_bytes.h). A struct that is not
// plain memory names its fields once, for both directions, beside its users:
//
//   template <typename Use>
//   void VisitFields(Hypothesis& one, const Use& use) {
//     use(one.tokens);
//     use(one.score);
//   }
//
//   PutRecord(hypotheses, &bytes);
//   const auto hypotheses = TakeRecord<std::vector<Hypothesis>>(&in);
#pragma once

#include <string>
#include <type_traits>
#include <vector>

#include "launch/run/chunk_bytes.h"

namespace lockstep {

template <typename T>
inline constexpr bool kIsVector = false;
template <typename T>
inline constexpr bool kIsVector<std::vector<T>> = true;

template <typename T>
void PutRecord(const T& value, std::string* bytes) {
  if constexpr (std::is_trivially_copyable_v<T>) {
    Put(value, bytes);
  } else if constexpr (std::is_same_v<T, std::string>) {
    PutList(value, bytes);
  } else if constexpr (kIsVector<T>) {
    Put(value.size(), bytes);
    for (const auto& item : value) PutRecord(item, bytes);
  } else {
    // Fields are visited as if they were to be set, but only read.
    VisitFields(const_cast<T&>(value), [&](const auto& field) { PutRecord(field, bytes); });
  }
}

template <typename T>
T TakeRecord(BytesReader* in) {
  if constexpr (std::is_trivially_copyable_v<T>) {
    return in->Take<T>();
  } else if constexpr (std::is_same_v<T, std::string>) {
    return in->TakeText();
  } else if constexpr (kIsVector<T>) {
    T items(in->Take<std::size_t>());
    for (auto& item : items) item = TakeRecord<typename T::value_type>(in);
    return items;
  } else {
    T value;
    VisitFields(value, [&](auto& field) {
      field = TakeRecord<std::remove_reference_t<decltype(field)>>(in);
    });
    return value;
  }
}

}  // namespace lockstep
