#include "data/sample_names.h"

#include "base/error.h"

namespace lockstep {

SampleNames::SampleNames(std::string folder, const CorpusInfo& info, const SplitInfo& split)
    : folder_(std::move(folder)), info_(info), split_(split) {}

std::string SampleNames::NameOf(std::uint64_t sample_id) {
  if (!info_.has_names) return std::to_string(sample_id);
  const Index sample = static_cast<Index>(sample_id) - split_.first_sample_id;
  LOCKSTEP_CHECK(sample >= 0 && sample < split_.sequences);
  const bool open =
      reader_ != nullptr && sample >= first_ && sample < first_ + reader_->sequences();
  if (!open) OpenShardOf(sample);
  return reader_->Name(sample - first_);
}

void SampleNames::OpenShardOf(Index sample) {
  first_ = 0;
  std::size_t shard = 0;
  while (sample >= first_ + split_.shards[shard].sequences) {
    first_ += split_.shards[shard++].sequences;
  }
  reader_ = std::make_unique<ShardReader>(folder_, info_, split_.shards[shard]);
}

}  // namespace lockstep
