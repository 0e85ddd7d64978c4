// A bump allocator, sized once from the worst batch, that hands out the activations of one slot and
// takes them back in the order of a stack. Every piece starts on a 64-byte border and pieces follow
// each other in the order of the calls, so that the same slot lies alike on every thread of every
// rank and a kernel that looks at alignment cannot tell them apart. Not thread-safe: one per
// thread.
#pragma once

#include "base/aligned_buffer.h"
#include "base/error.h"

namespace lockstep {

class Workspace {
 public:
  explicit Workspace(Index bytes) : buffer_(RoundUp(bytes, kAlignmentBytes)) {}

  // Uninitialised array of `count` elements; valid until rewound. Aborts when the space is used up:
  // whoever sized the workspace forgot something.
  template <typename T>
  T* Take(Index count) {
    const Index bytes = BytesFor<T>(count);
    LOCKSTEP_CHECK(used_ + bytes <= buffer_.size());
    T* piece = reinterpret_cast<T*>(buffer_.data() + used_);
    used_ += bytes;
    return piece;
  }

  // What Take<T>(count) uses up.
  template <typename T>
  static Index BytesFor(Index count) {
    return RoundUp(count * static_cast<Index>(sizeof(T)), kAlignmentBytes);
  }

  // Gives back all that was taken since `mark` = used_bytes() at that time; 0 gives back
  // everything.
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
