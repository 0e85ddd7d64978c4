// Hands the tables of the shards to who reads batches, window by window, ahead of need, when one
// rank reads them for all. When it does is a function of the position alone, so that all ranks
// meet.
#pragma once

#include <optional>
#include <vector>

#include "data/corpus/split_shards.h"
#include "data/stream/epoch_plan.h"

namespace lockstep {

// Tables of the window that is being trained on and of the one behind it are there: in the midst of
// a window the next one comes, which was announced to the source when the window began.
class TableFeed {
 public:
  // Ends after `last_epoch`; -1: never. Does nothing where the shards have no source.
  TableFeed(const EpochPlan& plan, SplitShards* shards, Index last_epoch);

  // Collective where there is a source; main thread. Before the batch at this position is waited
  // for; positions come in order, from any first one. Throws what the source throws.
  void Advance(const Cursor& cursor);

 private:
  struct Window {
    Index epoch = 0;
    Index number = 0;  // in the epoch
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
  Index epoch_ = -1;  // of windows_
  std::vector<EpochPlan::Window> windows_;
  std::optional<Window> here_;
  std::optional<Window> next_;  // until it is delivered
};

}  // namespace lockstep
