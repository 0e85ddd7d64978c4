// The reading thread fills a bounded queue; Next empties it. Everything the two share is behind one
// mutex: queue, free batches, end, error. Plan and files belong to the thread alone.
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
#include "data/corpus/split_shards.h"
#include "data/stream/batch_reader.h"
#include "data/stream/sequence_parts.h"
#include "data/stream/table_feed.h"

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
        shards_(shards == nullptr ? *own_shards_ : *shards),
        reader_(folder, info, split,
                {options.plan.seed, options.random_strand, options.frames, options.labels_must_fit,
                 CutsOf(options.plan), options.splice, options.mix},
                &shards_),
        plan_(
            split, options.plan,
            [this](Index epoch, Index shard) { return reader_.LengthsOf(epoch, shard); },
            options.plan.cut_steps > 0 ? &shards_.Lengths() : nullptr),
        feed_(plan_, &shards_, options.last_epoch),
        cursor_(Normalised(start)),
        bounds_(BoundsOf(info, split, options)),
        parts_(options.part_steps, BatchSchema(info, options)) {
    if (options.part_steps > 0)
      whole_ = reader_.EmptyBatch(range_, WholeBounds(info, split, options));
    queue_.reserve(static_cast<std::size_t>(options.prefetch));
    // Those that wait, the one being read and the one being used.
    for (Index i = 0; i < options.prefetch + 2; ++i) {
      free_.push_back(reader_.EmptyBatch(range_, bounds_));
    }
    shards_.BeginStream(options.plan.window_sequences);
    thread_ = std::thread([this] { Run(); });
  }

  ~Impl() {
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      stop_ = true;
    }
    changed_.notify_all();
    shards_.EndStream();
    thread_.join();
  }

  std::unique_ptr<RankBatch> Next(std::unique_ptr<RankBatch> used) {
    const auto start = std::chrono::steady_clock::now();
    feed_.Advance(cursor_);
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
  Index StepsInEpoch(Index epoch) const { return plan_.StepsInEpoch(epoch); }

 private:
  struct Item {
    std::unique_ptr<RankBatch> batch;
    Cursor following;
  };

  // The end of an epoch is the beginning of the next.
  Cursor Normalised(Cursor cursor) const {
    const Index steps = plan_.StepsInEpoch(cursor.epoch);
    if (cursor.step > steps) {
      throw UsageError(
          "cannot start at epoch {} step {}: the epoch has {} steps; corpus or batch "
          "size differ from those of the saved run",
          cursor.epoch, cursor.step, steps);
    }
    return plan_.Normalised(cursor);
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
      const Index steps = plan_.StepsInEpoch(cursor.epoch);
      for (; cursor.step < steps; ++cursor.step) {
        const Cursor next{cursor.epoch, cursor.step + 1};
        const Cursor following = next.step < steps ? next : plan_.Normalised(next);
        if (!ReadBatch(cursor, following)) return;
        cursor.part = 0;
      }
      cursor = {cursor.epoch + 1, 0};
    }
  }

  // False when the stream is being destroyed.
  bool ReadBatch(const Cursor& cursor, const Cursor& following) {
    const PlannedBatch& planned = plan_.BatchAt(cursor);
    if (whole_ != nullptr) return ReadParts(planned, cursor, following);
    std::unique_ptr<RankBatch> batch = TakeFree();
    reader_.Read(planned, cursor, batch.get());
    return Push({std::move(batch), following});
  }

  bool ReadParts(const PlannedBatch& planned, const Cursor& cursor, const Cursor& following) {
    reader_.Read(planned, cursor, whole_.get());
    const Index count = parts_.Count(planned);
    if (cursor.part >= count) {
      throw UsageError("cannot start at epoch {} step {} part {}: its sequences have {} parts",
                       cursor.epoch, cursor.step, cursor.part, count);
    }
    for (Index part = cursor.part; part < count; ++part) {
      std::unique_ptr<RankBatch> batch = TakeFree();
      parts_.Cut(planned, *whole_, part, batch.get());
      const Cursor next{cursor.epoch, cursor.step, part + 1};
      if (!Push({std::move(batch), part + 1 < count ? next : following})) return false;
    }
    return true;
  }

  std::unique_ptr<RankBatch> TakeFree() {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (free_.empty()) return reader_.EmptyBatch(range_, bounds_);  // the user keeps what it got
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
  SplitShards& shards_;
  BatchReader reader_;
  EpochPlan plan_;
  TableFeed feed_;
  Cursor cursor_;  // of the consumer
  const SlotBounds bounds_;
  SequenceParts parts_;
  std::unique_ptr<RankBatch> whole_;  // what parts are cut from, where there are any
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
