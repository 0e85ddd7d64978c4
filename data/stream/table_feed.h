// Delivers the tables of the shards to the thread that reads batches, one window in advance, when
// rank 0 reads them for all ranks. The moments at which it does so are a function of the position
// only, so that all ranks take part in the same exchange.
#pragma once

#include <optional>
#include <vector>

#include "data/corpus/split_shards.h"
#include "data/stream/epoch_plan.h"

namespace lockstep {

// When a window begins, the source is told to prepare the tables of the next window. In the middle
// of the window, they are fetched and delivered. So the tables of the window being trained on are
// always there, and from its middle on those of the next one, too.
class TableFeed {
 public:
  // Ends after `last_epoch`; -1: never. Does nothing if the shards have no source.
  TableFeed(const EpochPlan& plan, SplitShards* shards, Index last_epoch);

  // Collective if there is a source. Main thread only. Must be called before the batch at this
  // position is waited for, with positions in ascending order; the first one may be any. Throws the
  // errors of the source.
  void Advance(const Cursor& cursor);

 private:
  struct Window {
    Index epoch = 0;
    Index number = 0;  // index of the window in the epoch
    EpochPlan::Window plan;
  };
  Window WindowOf(const Cursor& cursor);
  std::optional<Window> After(const Window& window);
  const std::vector<EpochPlan::Window>& WindowsOf(Index epoch);
  void Enter(Window window);
  std::vector<Index> Missing(const Window& window) const;
  void Deliver(const Window& window);

  const EpochPlan& plan_;
  SplitShards* shards_;
  Index last_epoch_;
  Index epoch_ = -1;  // the epoch of windows_
  std::vector<EpochPlan::Window> windows_;
  std::optional<Window> here_;  // the current window
  std::optional<Window> next_;  // the next window, until it is delivered
};

}  // namespace lockstep
