#include "base/large_pages.h"

#include <algorithm>
#include <new>

#include "base/process_memory.h"

namespace lockstep {
namespace {

constexpr Index kPageBytes = Index{2} << 20;

}  // namespace

std::unique_ptr<Workspace> MakeLargeWorkspace(Index bytes) {
  auto workspace = std::make_unique<Workspace>(bytes);
  const Index capacity = workspace->capacity_bytes();
  UseLargePages({workspace->Take<std::byte>(capacity), static_cast<std::size_t>(capacity)});
  workspace->Rewind(0);
  return workspace;
}

LargePages::LargePages(Index bytes) {
  const Index alignment = bytes < kPageBytes / 2 ? kAlignmentBytes : kPageBytes;
  const auto size = static_cast<std::size_t>(RoundUp(std::max<Index>(bytes, 1), alignment));
  data_.reset(
      static_cast<std::byte*>(std::aligned_alloc(static_cast<std::size_t>(alignment), size)));
  if (data_ == nullptr) throw std::bad_alloc();
  if (alignment == kPageBytes) {
    UseLargePages({data_.get(), size});
  } else {
    std::fill_n(data_.get(), size, std::byte{0});
  }
}

}  // namespace lockstep
