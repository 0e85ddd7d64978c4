// Values as bytes, one after another, for the inputs and results of chunks (ordered_work.h). All
// ranks run the same program on the same kind of machine, so values travel as they lie in memory.
//
//   std::string bytes;
//   Put(start, &bytes);
//   PutList(codes, &bytes);
//   BytesReader in(bytes);
//   const auto start = in.Take<Index>();
//   const auto codes = in.TakeList<std::uint8_t>();
#pragma once

#include <cstring>
#include <span>
#include <string>
#include <type_traits>
#include <vector>

#include "base/error.h"

namespace lockstep {

template <typename T>
void Put(const T& value, std::string* bytes) {
  static_assert(std::is_trivially_copyable_v<T>);
  bytes->append(reinterpret_cast<const char*>(&value), sizeof(T));
}

template <typename List>
void PutList(const List& values, std::string* bytes) {
  using T = std::remove_cvref_t<decltype(values[0])>;
  static_assert(std::is_trivially_copyable_v<T>);
  Put<std::size_t>(std::size(values), bytes);
  bytes->append(reinterpret_cast<const char*>(std::data(values)), std::size(values) * sizeof(T));
}

class BytesReader {
 public:
  // `bytes` must outlive it.
  explicit BytesReader(const std::string& bytes) : rest_(bytes) {}

  template <typename T>
  T Take() {
    T value;
    std::memcpy(&value, Cut(sizeof(T)), sizeof(T));
    return value;
  }
  template <typename T>
  std::vector<T> TakeList() {
    std::vector<T> values(Take<std::size_t>());
    const std::size_t count = values.size() * sizeof(T);
    const char* const from = Cut(count);
    if (count > 0) std::memcpy(values.data(), from, count);
    return values;
  }
  std::string TakeText() {
    const std::size_t count = Take<std::size_t>();
    return {Cut(count), count};
  }
  bool AtEnd() const { return rest_.empty(); }

 private:
  const char* Cut(std::size_t count) {
    LOCKSTEP_CHECK(count <= rest_.size());
    const char* const begin = rest_.data();
    rest_.remove_prefix(count);
    return begin;
  }

  std::string_view rest_;
};

}  // namespace lockstep
