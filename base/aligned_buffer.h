// An owning array whose first element is aligned to 64 bytes, the size of a cache line and of an
// AVX-512 register. Elements are zero after construction.
#pragma once

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <new>
#include <span>

#include "base/types.h"

namespace lockstep {

inline constexpr Index kAlignmentBytes = 64;

// The smallest multiple of `multiple` that is at least `count`.
constexpr Index RoundUp(Index count, Index multiple) {
  return (count + multiple - 1) / multiple * multiple;
}

template <typename T>
class AlignedBuffer {
 public:
  AlignedBuffer() = default;
  explicit AlignedBuffer(Index count) : count_(count) {
    if (count == 0) return;
    const Index bytes = RoundUp(count * static_cast<Index>(sizeof(T)), kAlignmentBytes);
    data_.reset(static_cast<T*>(std::aligned_alloc(kAlignmentBytes, bytes)));
    if (data_ == nullptr) throw std::bad_alloc();
    std::fill_n(data_.get(), count, T{});
  }

  T* data() { return data_.get(); }
  const T* data() const { return data_.get(); }
  Index size() const { return count_; }
  std::span<T> span() { return {data_.get(), static_cast<std::size_t>(count_)}; }
  std::span<const T> span() const { return {data_.get(), static_cast<std::size_t>(count_)}; }
  T& operator[](Index i) { return data_.get()[i]; }
  const T& operator[](Index i) const { return data_.get()[i]; }

 private:
  struct Free {
    void operator()(T* p) const { std::free(p); }
  };
  std::unique_ptr<T, Free> data_;
  Index count_ = 0;
};

}  // namespace lockstep
