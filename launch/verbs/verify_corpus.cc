#include "launch/verbs/verify_corpus.h"

#include <algorithm>

#include "base/work_progress.h"
#include "data/corpus/frame_store.h"
#include "data/corpus/shard_reader.h"
#include "launch/tasks/tasks.h"

namespace lockstep {
namespace {

// What the records of a split add up to.
struct SplitTally {
  Index next_sample_id = 0;
  std::vector<Index> label_counts;
};

template <typename Label>
void CountLabels(std::span<const std::byte> targets, std::int32_t ignored,
                 std::vector<Index>* counts) {
  const auto* const labels = reinterpret_cast<const Label*>(targets.data());
  for (std::size_t i = 0; i < targets.size() / sizeof(Label); ++i) {
    if (std::int32_t{labels[i]} != ignored) ++(*counts)[static_cast<std::size_t>(labels[i])];
  }
}

// ShardReader throws for whatever does not fit tables and checksums.
void CheckShard(const std::string& folder, const CorpusInfo& corpus, const ShardInfo& shard,
                SplitTally* tally) {
  ShardReader reader(folder, corpus, shard);
  for (Index record = 0; record < reader.sequences(); ++record) {
    const auto expected = static_cast<std::uint64_t>(tally->next_sample_id++);
    if (reader.SampleId(record) != expected) {
      throw BadData("{}/{}: record {} has sample id {}, its place in the corpus is {}", folder,
                    shard.file, record, reader.SampleId(record), expected);
    }
    for (std::size_t f = 0; f < corpus.schema.fields.size(); ++f) reader.Read(f, record);
    if (corpus.target().is_real()) continue;
    const std::span<const std::byte> targets = reader.Read(corpus.target_index(), record);
    if (corpus.target().type == ElementType::kUint8) {
      // No symbol of a stream is ignored: 255 is the last of 256.
      const std::int32_t ignored = corpus.is_stream() ? kIgnoredTarget : kIgnoredTargetByte;
      CountLabels<std::uint8_t>(targets, ignored, &tally->label_counts);
    } else {
      CountLabels<std::int32_t>(targets, kIgnoredTarget, &tally->label_counts);
    }
  }
}

// How much of a corpus is checked, for lines of progress.
class CheckedShare {
 public:
  explicit CheckedShare(const CorpusInfo& corpus) {
    for (const auto& [name, split] : corpus.splits) all_ += split.sequences;
  }
  void Add(Index sequences) {
    done_ += sequences;
    progress_.Tell(static_cast<double>(done_) / static_cast<double>(std::max<Index>(1, all_)),
                   [&] { return fmt::format("{} of {} sequences", done_, all_); });
  }

 private:
  WorkProgress progress_{"verify"};
  Index done_ = 0;
  Index all_ = 0;
};

// True when all shards of the split are ok.
bool VerifySplit(const std::string& folder, const CorpusInfo& corpus, const SplitInfo& split,
                 SplitTally* tally, CheckedShare* checked, VerifyReport* report) {
  bool ok = true;
  Index sequences_before = 0;
  for (const ShardInfo& shard : split.shards) {
    tally->next_sample_id = split.first_sample_id + sequences_before;
    sequences_before += shard.sequences;
    ok &=
        report->Check(folder + "/" + shard.file, [&] { CheckShard(folder, corpus, shard, tally); });
    checked->Add(shard.sequences);
  }
  return ok;
}

SplitTally TallyFor(const CorpusInfo& corpus) {
  return {0, std::vector<Index>(corpus.classes().size(), 0)};
}

}  // namespace

// Sizes, numbers of sequences and steps, and sums of these are compared while the index and the
// tables are read; what is left to compare is the number of labels.
void VerifyCorpus(const std::string& folder, VerifyReport* report) {
  const std::string index = folder + "/" + kCorpusIndexName;
  CorpusInfo corpus;
  std::string problem;
  try {
    corpus = ReadCorpusInfo(folder);
  } catch (const Error&) {
    report->Check(index, [] { throw; });  // the error being handled, so that it gives its line
    return;
  }
  CheckedShare checked(corpus);
  for (const auto& [name, split] : corpus.splits) {
    SplitTally tally = TallyFor(corpus);
    const bool whole = VerifySplit(folder, corpus, split, &tally, &checked, report);
    if (!whole || tally.label_counts == split.label_counts) continue;
    problem +=
        fmt::format("split \"{}\": label_counts are [{}], the shards have [{}]; ", name,
                    fmt::join(split.label_counts, ", "), fmt::join(tally.label_counts, ", "));
  }
  for (const FrameStore* const store : {&corpus.noise, &corpus.rooms}) {
    if (store->empty()) continue;
    report->Check(folder + "/" + store->file, [&] { ReadFrameStore(folder, *store); });
  }
  if (const Task* const task = TaskOf(corpus.kind);
      task != nullptr && task->verify_corpus != nullptr) {
    task->verify_corpus(folder, corpus, [&](const std::string& path, const auto& run) {
      report->Check(path, run);
    });
  }
  report->Check(index, [&] {
    if (!problem.empty()) throw BadData("{}: {}prepare the corpus again", index, problem);
  });
}

void VerifyShardFile(const StoredPath& path, VerifyReport* report) {
  report->Check(path.full(), [&] {
    const CorpusInfo corpus = ReadCorpusInfo(path.folder);
    const ListedShard listed = FindShard(corpus, path);
    SplitTally tally = TallyFor(corpus);
    for (const ShardInfo& shard : corpus.Split(listed.split).shards) {
      if (&shard == listed.shard) break;
      tally.next_sample_id += shard.sequences;
    }
    tally.next_sample_id += corpus.Split(listed.split).first_sample_id;
    CheckShard(path.folder, corpus, *listed.shard, &tally);
  });
}

}  // namespace lockstep
