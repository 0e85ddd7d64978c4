#include "data/stream/table_feed.h"

#include <algorithm>
#include <utility>

namespace lockstep {

TableFeed::TableFeed(const EpochPlan& plan, SplitShards* shards, Index last_epoch)
    : plan_(plan), shards_(shards), last_epoch_(last_epoch) {}

void TableFeed::Advance(const Cursor& cursor) {
  if (shards_->source() == nullptr || (last_epoch_ >= 0 && cursor.epoch > last_epoch_)) return;
  const bool is_inside =
      here_ && cursor.epoch == here_->epoch && cursor.step < here_->plan.last_step;
  if (!is_inside) Enter(WindowOf(cursor));
  const Index middle = (here_->plan.first_step + here_->plan.last_step) / 2;
  if (!next_ || cursor.step < middle) return;
  Deliver(*next_);
  next_.reset();
}

const std::vector<EpochPlan::Window>& TableFeed::WindowsOf(Index epoch) {
  if (epoch != epoch_) windows_ = plan_.WindowsOf(epoch);
  epoch_ = epoch;
  return windows_;
}

TableFeed::Window TableFeed::WindowOf(const Cursor& cursor) {
  const auto& windows = WindowsOf(cursor.epoch);
  const auto found =
      std::ranges::find_if(windows, [&](const auto& w) { return cursor.step < w.last_step; });
  return {cursor.epoch, found - windows.begin(), *found};
}

std::optional<TableFeed::Window> TableFeed::After(const Window& window) {
  const auto& windows = WindowsOf(window.epoch);
  const Index number = window.number + 1;
  if (number < std::ssize(windows)) {
    return Window{window.epoch, number, windows[static_cast<std::size_t>(number)]};
  }
  if (window.epoch == last_epoch_) return std::nullopt;
  Index epoch = window.epoch + 1;
  while (WindowsOf(epoch).empty()) ++epoch;
  return Window{epoch, 0, WindowsOf(epoch).front()};
}

// Begins a window. Its tables have been delivered before, except for the first window.
void TableFeed::Enter(Window window) {
  here_ = std::move(window);
  Deliver(*here_);
  next_ = After(*here_);
  if (!next_) return;
  const std::vector<Index> missing = Missing(*next_);
  if (!missing.empty()) shards_->source()->Prepare(missing);
}

std::vector<Index> TableFeed::Missing(const Window& window) const {
  std::vector<Index> missing;
  for (const Index shard : window.plan.shards) {
    if (!shards_->Has(shard)) missing.push_back(shard);
  }
  return missing;
}

void TableFeed::Deliver(const Window& window) {
  const std::vector<Index> missing = Missing(window);
  if (missing.empty()) return;
  const auto tables = shards_->source()->Fetch(missing);
  for (std::size_t i = 0; i < missing.size(); ++i) shards_->Give(missing[i], tables[i]);
  std::vector<Index> kept = here_->plan.shards;
  kept.insert(kept.end(), window.plan.shards.begin(), window.plan.shards.end());
  std::ranges::sort(kept);
  shards_->Forget(kept);
}

}  // namespace lockstep
