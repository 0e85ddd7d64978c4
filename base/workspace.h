// A bump allocator for the activations of one slot, which are allocated and freed in the order of a
// stack. Its size is chosen once, for the largest slot that may come. Every array begins at a
// multiple of 64 bytes, and arrays follow each other in the order of the calls. So the same slot
// has the same memory layout on every thread of every rank, and even a kernel that depends on
// alignment gives the same bits. Not thread-safe: each thread has its own.
#pragma once

#include "base/aligned_buffer.h"
#include "base/error.h"

namespace lockstep {

class Workspace {
 public:
  explicit Workspace(Index bytes) : buffer_(RoundUp(bytes, kAlignmentBytes)) {}

  // Returns an uninitialised array of `count` elements, valid until it is rewound. Aborts if there
  // is not enough space: the size of the workspace was computed wrongly.
  template <typename T>
  T* Take(Index count) {
    const Index bytes = BytesFor<T>(count);
    LOCKSTEP_CHECK(used_ + bytes <= buffer_.size());
    T* piece = reinterpret_cast<T*>(buffer_.data() + used_);
    used_ += bytes;
    return piece;
  }

  // The bytes that Take<T>(count) takes.
  template <typename T>
  static Index BytesFor(Index count) {
    return RoundUp(count * static_cast<Index>(sizeof(T)), kAlignmentBytes);
  }

  // Frees everything that was taken since used_bytes() was `mark`; 0 frees everything.
  void Rewind(Index mark) {
    LOCKSTEP_CHECK(mark <= used_);
    used_ = mark;
  }
  Index used_bytes() const { return used_; }
  Index capacity_bytes() const { return buffer_.size(); }

 private:
  AlignedBuffer<std::byte> buffer_;
  Index used_ = 0;
};

}  // namespace lockstep
