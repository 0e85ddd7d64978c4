#include "trainer/estimate/disk_need.h"

#include <algorithm>
#include <filesystem>
#include <limits>

#include "base/error.h"
#include "base/log.h"
#include "checkpoint/checkpoint_folder.h"
#include "data/batch/schema_size.h"
#include "data/stream/symbol_source.h"

namespace lockstep {
namespace {

// Upper bounds: the header of a file and its state, and the space of HDF5 for an array and its
// group.
constexpr Index kStateBytes = Index{32} << 10, kArrayBytes = 1024;

std::string BytesText(Index bytes) {
  constexpr double kMiB = 1 << 20, kGiB = 1 << 30;
  const double count = static_cast<double>(bytes);
  if (count >= kGiB) return fmt::format("{:.1f} GiB", count / kGiB);
  return fmt::format("{:.1f} MiB", count / kMiB);
}

Index BytesOfCheckpoints(const std::string& folder) {
  Index bytes = 0;
  std::error_code ignored;
  for (const CheckpointEntry& entry : ListCheckpoints(folder)) {
    const std::uintmax_t size = std::filesystem::file_size(entry.path, ignored);
    if (!ignored) bytes += static_cast<Index>(size);
  }
  return bytes;
}

// The most validations, each of which may leave a checkpoint that was the best: where every
// checkpoint is kept, these are, too.
Index MostValidations(const CorpusInfo& corpus, const TrainerOptions& options) {
  const auto valid = corpus.splits.find(options.validation.split);
  if (valid == corpus.splits.end() || valid->second.sequences == 0) return 0;
  if (options.validation.every > 0) return options.steps / options.validation.every;
  const SplitInfo& train = corpus.Split("train");
  const Index epoch = corpus.is_stream() ? SymbolSource::Parts(train, options.stream)
                                         : train.sequences / options.stream.plan.batch_sequences;
  return options.steps / std::max<Index>(epoch, 1);
}

}  // namespace

DiskNeed NeedOfDisk(const Model<float>& model, const CorpusInfo& corpus,
                    const TrainerOptions& options) {
  const ParameterLayout& layout = model.layout();
  const CheckpointOptions& checkpoint = options.checkpoint;
  const Index copies = 1 + static_cast<Index>(Optimizer::MomentNames(options.optimizer).size());
  const Index arrays = copies * static_cast<Index>(layout.infos().size());
  DiskNeed need;
  const Index floats = copies * layout.count() + CarriedFloats(model.carried(), options.stream);
  need.file_bytes = floats * static_cast<Index>(sizeof(float)) + arrays * kArrayBytes +
                    kStateBytes + SchemaTextBytes(model.schema());
  constexpr Index kBestAndNext = 2;
  const Index period = checkpoint.keep == 0 ? checkpoint.every : checkpoint.keep_every;
  need.files = checkpoint.keep + kBestAndNext;
  if (checkpoint.average > 0) need.files += checkpoint.average + 1;          // and the mean itself
  if (options.optimizer.average.kind != AverageKind::kOff) need.files += 1;  // average.h5
  if (period == 0) return need;
  need.files += options.steps / period;
  if (checkpoint.keep == 0) need.files += MostValidations(corpus, options);
  need.grows = options.steps == 0;
  return need;
}

std::string Describe(const DiskNeed& need) {
  const std::string file = fmt::format("a checkpoint takes {}", BytesText(need.file_bytes));
  if (need.grows) return file + "; more and more are kept, as checkpoint.keep* say";
  return fmt::format("{}; at most {} of them are there at a time, {}", file, need.files,
                     BytesText(need.bytes()));
}

Index BytesStillNeeded(const std::string& folder, const DiskNeed& need) {
  return std::max(need.file_bytes, need.bytes() - BytesOfCheckpoints(folder));
}

std::string CheckDisk(const std::string& folder, const DiskNeed& need) {
  std::error_code error;
  const std::filesystem::space_info space = std::filesystem::space(folder, error);
  if (error) return fmt::format("what is free in {} is not known: {}", folder, error.message());
  const Index free = static_cast<Index>(
      std::min<std::uintmax_t>(space.available, std::numeric_limits<Index>::max() / 2));
  if (free < need.file_bytes) {
    throw IoError(fmt::format("cannot save in {}: a checkpoint takes {}, {} are free; make room",
                              folder, BytesText(need.file_bytes), BytesText(free)),
                  ExitCode::kCannotCreate);
  }
  if (free < BytesStillNeeded(folder, need)) {
    LogWarning("{}: {} are free: not all checkpoints will fit; lower checkpoint.keep, or make room",
               folder, BytesText(free));
  }
  return BytesText(free) + " are free";
}

}  // namespace lockstep
