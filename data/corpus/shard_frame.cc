#include "data/corpus/shard_frame.h"

#include <algorithm>
#include <cstring>

#include "base/error.h"
#include "base/hash.h"
#include "data/corpus/record.h"

namespace lockstep {
namespace {

ByteRange FieldRange(const FieldSpec& field, Index rows, Index offset, const ShardInfo& shard) {
  Index bytes = 0, end = 0;
  if (__builtin_mul_overflow(rows, StepBytes(field), &bytes) ||
      __builtin_add_overflow(offset, bytes, &end) || end > shard.bytes) {
    throw BadData(
        "{}: records of {} rows at offset {} do not fit in {} bytes; restore {} or "
        "prepare the corpus again",
        shard.file, rows, offset, shard.bytes, kCorpusIndexName);
  }
  return {offset, end};
}

}  // namespace

ByteRange InputsRange(const CorpusInfo& info, const ShardInfo& shard) {
  return FieldRange(info.inputs, shard.steps, shard.places.inputs, shard);
}
ByteRange TargetsRange(const CorpusInfo& info, const ShardInfo& shard) {
  return FieldRange(info.targets, shard.targets, shard.places.targets, shard);
}

ShardFrame::ShardFrame(const RawFile& file, const CorpusInfo& info, const ShardInfo& shard)
    : path_(file.path()) {
  ByteRange first = InputsRange(info, shard);
  ByteRange second = TargetsRange(info, shard);
  if (second.begin < first.begin) std::swap(first, second);
  if (first.end > second.begin) {
    throw BadData("{}: inputs and targets share bytes; restore {} or prepare the corpus again",
                  path_, kCorpusIndexName);
  }
  for (const ByteRange& range : {ByteRange{0, first.begin}, ByteRange{first.end, second.begin},
                                 ByteRange{second.end, shard.bytes}}) {
    Piece piece{range, std::vector<std::byte>(static_cast<std::size_t>(range.size()))};
    file.ReadAt(range.begin, piece.bytes);
    pieces_.push_back(std::move(piece));
  }
}

std::string ShardFrame::Hash() const {
  StreamHash hash;
  for (const Piece& piece : pieces_) hash.Add(piece.bytes);
  return hash.Hex();
}

template <typename T>
std::vector<T> ShardFrame::Table(const char* name, Index offset, Index count) const {
  const Index bytes = count * static_cast<Index>(sizeof(T));  // count is below 2^31
  for (const Piece& piece : pieces_) {
    if (offset < piece.range.begin || offset > piece.range.end - bytes) continue;
    std::vector<T> table(static_cast<std::size_t>(count));
    std::memcpy(table.data(), piece.bytes.data() + (offset - piece.range.begin),
                static_cast<std::size_t>(bytes));
    return table;
  }
  throw BadData("{}: table \"{}\" cannot be at offset {}; restore {} or prepare the corpus again",
                path_, name, offset, kCorpusIndexName);
}

template std::vector<std::uint8_t> ShardFrame::Table(const char*, Index, Index) const;
template std::vector<std::int64_t> ShardFrame::Table(const char*, Index, Index) const;
template std::vector<std::uint64_t> ShardFrame::Table(const char*, Index, Index) const;

}  // namespace lockstep
