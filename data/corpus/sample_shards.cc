#include "data/corpus/sample_shards.h"

#include "base/error.h"

namespace lockstep {

SampleShards::SampleShards(std::string folder, const CorpusInfo& info, const SplitInfo& split)
    : folder_(std::move(folder)), info_(info), split_(split) {}

std::string SampleShards::NameOf(std::uint64_t sample_id) {
  if (!info_.has_names) return std::to_string(sample_id);
  const Index record = Open(sample_id);
  return reader_->Name(record);
}

std::span<const float> SampleShards::FeaturesOf(std::uint64_t sample_id) {
  LOCKSTEP_CHECK(info_.leading().is_real());
  const Index record = Open(sample_id);
  const std::span<const std::byte> bytes = reader_->Read(0, record);
  return {reinterpret_cast<const float*>(bytes.data()), bytes.size() / sizeof(float)};
}

Index SampleShards::Open(std::uint64_t sample_id) {
  const Index sample = static_cast<Index>(sample_id) - split_.first_sample_id;
  LOCKSTEP_CHECK(sample >= 0 && sample < split_.sequences);
  const bool open =
      reader_ != nullptr && sample >= first_ && sample < first_ + reader_->sequences();
  if (open) return sample - first_;
  first_ = 0;
  std::size_t shard = 0;
  while (sample >= first_ + split_.shards[shard].sequences) {
    first_ += split_.shards[shard++].sequences;
  }
  reader_ = std::make_unique<ShardReader>(folder_, info_, split_.shards[shard]);
  return sample - first_;
}

}  // namespace lockstep
