#include "launch/run/split_work.h"

#include <algorithm>

#include "data/stream/stream_bounds.h"

namespace lockstep {
namespace {

// Enough sequences for the products of a step, and few enough that a split of some hundred
// sequences has work for many threads.
constexpr Index kSequencesAtATime = 8;

const SplitInfo& NotEmpty(const std::string& folder, const CorpusInfo& corpus,
                          const std::string& name) {
  const SplitInfo& split = corpus.Split(name);
  if (split.sequences > 0) return split;
  throw UsageError("split \"{}\" of corpus {} has no sequence; prepare it with a larger share",
                   name, folder);
}

}  // namespace

SplitWork::SplitWork(const Communicator& comm, const std::string& folder, const CorpusInfo& corpus,
                     const std::string& split, const StreamOptions& options, int threads)
    : comm_(comm),
      options_(options),
      threads_(threads),
      split_(NotEmpty(folder, corpus, split)),
      shared_(comm, folder, corpus, split_),
      reader_(folder, corpus, split_,
              {options.plan.seed, options.random_strand, options.frames, options.labels_must_fit,
               CutsOf(options.plan)},
              &shared_.shards),
      plan_(
          split_, options.plan,
          [this](Index epoch, Index shard) { return reader_.LengthsOf(epoch, shard); },
          options.plan.cut_steps > 0 ? &shared_.shards.Lengths() : nullptr,
          WritesTargets(corpus) ? EpochPlan::LengthsOf([this](Index, Index shard) {
            return reader_.TargetStepsOf(shard);
          })
                                : EpochPlan::LengthsOf()),
      bounds_(BoundsOf(corpus, split_, options)),
      parts_(options.part_steps, BatchSchema(corpus, options)) {
  CheckCuts(folder, corpus, split_, options);
  for (int member = 0; member < threads; ++member) {
    places_.emplace_back().whole = reader_.EmptyBatch({0, 1}, WholeBounds(corpus, split_, options));
  }
}

void SplitWork::Run(const std::string& verb, const Work& work, const Use& use) {
  WorkProgress progress(verb);
  progress_ = &progress;
  shared_.shards.BeginStream(options_.plan.window_sequences);
  for (EpochPlan::Window window : plan_.WindowsOf(0)) {
    window.last_step = std::min(window.last_step, LastBatch());
    if (window.first_step >= window.last_step) break;
    DeliverTables(window);
    RunWindow(window, work, use);
  }
  shared_.shards.EndStream();
}

// The batch at which the work ends.
Index SplitWork::LastBatch() const {
  const Index all = plan_.StepsInEpoch(0), size = options_.plan.batch_sequences;
  return most_sequences_ == 0 ? all : std::min(all, (most_sequences_ + size - 1) / size);
}

// Collective where there are several ranks.
void SplitWork::DeliverTables(const EpochPlan::Window& window) {
  TableSource* const source = shared_.shards.source();
  if (source == nullptr) return;
  shared_.shards.Forget({});
  const auto tables = source->Fetch(window.shards);
  for (std::size_t i = 0; i < window.shards.size(); ++i)
    shared_.shards.Give(window.shards[i], tables[i]);
}

// A chunk is a slot of a batch; its number says which, so it needs no input.
void SplitWork::RunWindow(const EpochPlan::Window& window, const Work& work, const Use& use) {
  const Index slots = options_.plan.slots;
  const Index chunks = (window.last_step - window.first_step) * slots;
  Index dealt = 0;
  OrderedJob job;
  job.next = [&]() -> std::optional<std::string> {
    if (dealt == chunks) return std::nullopt;
    ++dealt;
    return "";
  };
  job.work = [&](int member, Index chunk, const std::string&) {
    return work(member, Read(member, window.first_step + chunk / slots, chunk % slots));
  };
  job.use = [&](Index chunk, const std::string& result) {
    use(chunk % slots, result);
    const Index done = window.first_step * slots + chunk + 1;
    const double share = static_cast<double>(done) / static_cast<double>(LastBatch() * slots);
    progress_->Tell(share, [&] {
      return fmt::format("about {} of {} sequences",
                         static_cast<Index>(share * static_cast<double>(split_.sequences)),
                         split_.sequences);
    });
  };
  WorkInOrder(comm_, threads_, job);
}

// Threads read one after another: the disk does the same, and computing takes much longer.
const std::vector<SlotBatch>& SplitWork::Read(int member, Index batch, Index slot) {
  const std::lock_guard lock(reading_);
  const Cursor cursor{0, batch, 0};
  const PlannedBatch& planned = plan_.BatchAt(cursor);
  Place& place = places_[static_cast<std::size_t>(member)];
  place.whole->slot_range = {slot, slot + 1};
  reader_.Read(planned, cursor, place.whole.get());
  if (options_.part_steps == 0) return place.whole->slots;
  place.parts.clear();
  for (Index part = 0; part < parts_.Count(planned); ++part) {
    RankBatch one;
    one.slots.resize(1);
    parts_.Cut(planned, *place.whole, part, &one);
    place.parts.push_back(std::move(one.slots[0]));
  }
  return place.parts;
}

StreamOptions SmallBatches(const StreamOptions& training) {
  StreamOptions options = EvaluationStream(training);
  options.part_steps = 0;  // a sequence is scored as a whole
  options.plan.slots = 1;
  options.plan.batch_sequences = std::min(options.plan.batch_sequences, kSequencesAtATime);
  // Samples that training cuts are long: several of them could take too much memory.
  if (options.plan.cut_steps > 0) options.plan.batch_sequences = 1;
  options.plan.cut_steps = 0;
  return options;
}

}  // namespace lockstep
