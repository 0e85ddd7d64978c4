// The reading thread fills a bounded queue; Next empties it. Everything the two share is behind one
// mutex: queue, free batches, end, error. The source belongs to the thread alone.
#include "data/stream/batch_stream.h"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

#include "base/error.h"
#include "base/rank_status.h"
#include "base/start_thread.h"
#include "data/corpus/split_shards.h"
#include "data/stream/sample_source.h"
#include "data/stream/symbol_source.h"

namespace lockstep {
namespace {

// Sequences can be cut where every field has a row, or a list, for each step.
void CheckParts(const std::string& folder, const CorpusInfo& info, const StreamOptions& options) {
  if (options.part_steps == 0) return;
  for (const Field& field : info.schema.fields) {
    if (field.alignment == Alignment::kStep || field.alignment == Alignment::kListInStep) continue;
    throw UsageError(
        "train.bptt_steps = {} asks for sequences in parts, but field \"{}\" of corpus {} belongs "
        "to whole "
        "sequences (aligned by {}); set train.bptt_steps = 0",
        options.part_steps, field.name, folder, AlignmentName(field.alignment));
  }
}

void CheckOptions(const std::string& folder, const std::string& split_name, const SplitInfo& split,
                  const StreamOptions& options, SlotRange range, Cursor start) {
  LOCKSTEP_CHECK(0 <= range.first && range.first <= range.last && range.last <= options.plan.slots);
  if (split.sequences == 0) {
    throw UsageError("split \"{}\" of corpus {} has no sequence; prepare it with a larger share",
                     split_name, folder);
  }
  if (options.prefetch < 1) {
    throw UsageError("batches to read ahead: {}, allowed: 1 or more", options.prefetch);
  }
  if (start.epoch < 0 || start.step < 0 || start.part < 0) {
    throw UsageError("cannot start at epoch {} step {} part {}: all count from 0", start.epoch,
                     start.step, start.part);
  }
}

}  // namespace

class BatchStream::Impl {
 public:
  Impl(const std::string& folder, const CorpusInfo& info, const SplitInfo& split,
       const StreamOptions& options, SlotRange range, Cursor start, SplitShards* shards)
      : options_(options),
        range_(range),
        own_shards_(shards == nullptr ? std::make_unique<SplitShards>(folder, info, split)
                                      : nullptr),
        source_(MakeSource(folder, info, split, shards == nullptr ? own_shards_.get() : shards)),
        cursor_(Normalised(start)) {
    queue_.reserve(static_cast<std::size_t>(options.prefetch));
    // Those that wait, the one being read and the one being used.
    for (Index i = 0; i < options.prefetch + 2; ++i) free_.push_back(source_->EmptyBatch());
    thread_ = StartThread([this] { Run(); });
  }

  ~Impl() {
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      stop_ = true;
    }
    changed_.notify_all();
    source_->End();
    thread_.join();
  }

  std::unique_ptr<RankBatch> Next(std::unique_ptr<RankBatch> used) {
    const auto start = std::chrono::steady_clock::now();
    source_->Advance(cursor_);
    std::unique_lock<std::mutex> lock(mutex_);
    if (used != nullptr) free_.push_back(std::move(used));
    changed_.wait(lock, [this] { return !queue_.empty() || ended_; });
    wait_ += std::chrono::steady_clock::now() - start;
    if (queue_.empty() && error_ != nullptr) std::rethrow_exception(error_);
    if (queue_.empty()) return nullptr;
    Item item = std::move(queue_.front());
    queue_.erase(queue_.begin());
    cursor_ = item.following;
    lock.unlock();
    changed_.notify_all();
    return std::move(item.batch);
  }

  Cursor cursor() const { return cursor_; }
  double wait_seconds() const { return std::chrono::duration<double>(wait_).count(); }
  Index StepsInEpoch(Index epoch) const { return source_->StepsInEpoch(epoch); }

 private:
  struct Item {
    std::unique_ptr<RankBatch> batch;
    Cursor following;
  };

  std::unique_ptr<BatchSource> MakeSource(const std::string& folder, const CorpusInfo& info,
                                          const SplitInfo& split, SplitShards* shards) const {
    if (info.is_stream())
      return std::make_unique<SymbolSource>(folder, info, split, options_, range_);
    return std::make_unique<SampleSource>(folder, info, split, options_, range_, shards);
  }

  // The end of an epoch is the beginning of the next.
  Cursor Normalised(Cursor cursor) const {
    const Index steps = source_->StepsInEpoch(cursor.epoch);
    if (cursor.step > steps) {
      throw UsageError(
          "cannot start at epoch {} step {}: the epoch has {} steps; corpus or batch "
          "size differ from those of the saved run",
          cursor.epoch, cursor.step, steps);
    }
    return source_->Normalised(cursor);
  }

  void Run() {
    NameThread("batches");
    std::exception_ptr error;
    try {
      ReadAhead(cursor_);
    } catch (...) {
      error = std::current_exception();
    }
    const std::lock_guard<std::mutex> lock(mutex_);
    ended_ = true;
    error_ = error;
    changed_.notify_all();
  }

  void ReadAhead(Cursor cursor) {
    while (options_.last_epoch < 0 || cursor.epoch <= options_.last_epoch) {
      std::unique_ptr<RankBatch> batch = TakeFree();
      cursor = source_->Read(cursor, batch.get());
      if (!Push({std::move(batch), cursor})) return;  // the stream is being destroyed
    }
  }

  std::unique_ptr<RankBatch> TakeFree() {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (free_.empty()) return source_->EmptyBatch();  // the user keeps what it got
    std::unique_ptr<RankBatch> batch = std::move(free_.back());
    free_.pop_back();
    return batch;
  }

  // False when the stream is being destroyed.
  bool Push(Item item) {
    std::unique_lock<std::mutex> lock(mutex_);
    changed_.wait(
        lock, [this] { return stop_ || static_cast<Index>(queue_.size()) < options_.prefetch; });
    if (stop_) return false;
    queue_.push_back(std::move(item));
    changed_.notify_all();
    return true;
  }

  const StreamOptions options_;
  const SlotRange range_;
  const std::unique_ptr<SplitShards> own_shards_;  // where none are given
  const std::unique_ptr<BatchSource> source_;
  Cursor cursor_;  // of the consumer
  std::chrono::steady_clock::duration wait_{};

  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Item> queue_;  // the oldest first, few
  std::vector<std::unique_ptr<RankBatch>> free_;
  bool stop_ = false;
  bool ended_ = false;
  std::exception_ptr error_;
  std::thread thread_;  // last: it uses everything above
};

BatchStream::BatchStream(const std::string& folder, const CorpusInfo& info,
                         const std::string& split_name, const StreamOptions& options,
                         SlotRange range, Cursor start, SplitShards* shards) {
  const SplitInfo& split = info.Split(split_name);
  CheckParts(folder, info, options);
  CheckStream(folder, info, split, options);
  CheckCuts(folder, info, split, options);
  CheckOptions(folder, split_name, split, options, range, start);
  impl_ = std::make_unique<Impl>(folder, info, split, options, range, start, shards);
}
BatchStream::~BatchStream() = default;

std::unique_ptr<RankBatch> BatchStream::Next(std::unique_ptr<RankBatch> used) {
  return impl_->Next(std::move(used));
}
Cursor BatchStream::cursor() const { return impl_->cursor(); }
double BatchStream::wait_seconds() const { return impl_->wait_seconds(); }
Index BatchStream::StepsInEpoch(Index epoch) const { return impl_->StepsInEpoch(epoch); }

}  // namespace lockstep
