#include "data/corpus/shard_frame.h"

#include <algorithm>
#include <cstring>

#include "base/error.h"
#include "base/hash.h"
#include "data/corpus/record.h"
#include "data/corpus/word_cuts.h"

namespace lockstep {

ByteRange FieldRange(const CorpusInfo& info, const ShardInfo& shard, std::size_t f) {
  const Index rows = shard.fields[f].rows, offset = shard.places.fields[f].values;
  Index bytes = 0, end = 0;
  if (__builtin_mul_overflow(rows, RowBytes(info.schema.fields[f]), &bytes) ||
      __builtin_add_overflow(offset, bytes, &end) || end > shard.bytes) {
    throw BadData(
        "{}: records of {} rows at offset {} do not fit in {} bytes; restore {} or "
        "prepare the corpus again",
        shard.file, rows, offset, shard.bytes, kCorpusIndexName);
  }
  return {offset, end};
}

ShardFrame::ShardFrame(const RawFile& file, const CorpusInfo& info, const ShardInfo& shard)
    : path_(file.path()) {
  std::vector<ByteRange> records;
  for (std::size_t f = 0; f < info.schema.fields.size(); ++f)
    records.push_back(FieldRange(info, shard, f));
  std::ranges::sort(records, {}, &ByteRange::begin);
  records.push_back({shard.bytes, shard.bytes});
  Index begin = 0;
  for (const ByteRange& range : records) {
    if (range.begin < begin) {
      throw BadData("{}: two fields share bytes; restore {} or prepare the corpus again", path_,
                    kCorpusIndexName);
    }
    Piece piece{{begin, range.begin},
                std::vector<std::byte>(static_cast<std::size_t>(range.begin - begin))};
    file.ReadAt(begin, piece.bytes);
    pieces_.push_back(std::move(piece));
    begin = range.end;
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
template std::vector<WordCut> ShardFrame::Table(const char*, Index, Index) const;
template std::vector<std::int64_t> ShardFrame::Table(const char*, Index, Index) const;
template std::vector<std::uint64_t> ShardFrame::Table(const char*, Index, Index) const;

}  // namespace lockstep
