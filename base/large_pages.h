// An owning array of bytes in pages of 2 MiB (base/process_memory.h), for data that is read again
// and again, such as the weights of a model in use. It begins at the start of a page. Its cache
// lines then stand evenly in a second-level cache, which holds nearly as much as it is large of
// them; lines of scattered pages of 4 KiB crowd some of its sets. Bytes are zero after
// construction.
#pragma once

#include <cstddef>
#include <cstdlib>
#include <memory>

#include "base/workspace.h"

namespace lockstep {

class LargePages {
 public:
  // An array of less than half a page is an ordinary one, aligned to 64 bytes. std::bad_alloc.
  explicit LargePages(Index bytes);

  std::byte* data() { return data_.get(); }

 private:
  struct Free {
    void operator()(std::byte* p) const { std::free(p); }
  };
  std::unique_ptr<std::byte, Free> data_;
};

// A workspace, of at least some MiB, whose bytes are in large pages where whole ones fit.
std::unique_ptr<Workspace> MakeLargeWorkspace(Index bytes);

}  // namespace lockstep
