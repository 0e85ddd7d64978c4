#include "worker/layers/distinct_words.h"

#include <algorithm>
#include <numeric>

namespace lockstep {
namespace {

using Word = std::span<const std::int32_t>;

Word WordAt(const FieldBatch& lists, Index row) {
  const auto at = static_cast<std::size_t>(row);
  return Word(lists.ids).subspan(
      static_cast<std::size_t>(lists.offsets[at]),
      static_cast<std::size_t>(lists.offsets[at + 1] - lists.offsets[at]));
}

// Rows with characters, the longest word first; equal words stand together.
std::vector<Index> SortedRows(const FieldBatch& lists) {
  std::vector<Index> rows(lists.offsets.size() - 1);
  std::iota(rows.begin(), rows.end(), Index{0});
  std::erase_if(rows, [&](Index row) { return WordAt(lists, row).empty(); });
  std::ranges::sort(rows, [&](Index a, Index b) {
    const Word left = WordAt(lists, a), right = WordAt(lists, b);
    if (left.size() != right.size()) return left.size() > right.size();
    return std::ranges::lexicographical_compare(left, right);
  });
  return rows;
}

}  // namespace

DistinctWords FindDistinctWords(const FieldBatch& lists) {
  DistinctWords words;
  std::vector<Word> distinct;
  words.word_of.assign(lists.offsets.size() - 1, -1);
  for (const Index row : SortedRows(lists)) {
    const Word word = WordAt(lists, row);
    if (distinct.empty() || !std::ranges::equal(distinct.back(), word)) distinct.push_back(word);
    words.word_of[static_cast<std::size_t>(row)] = std::ssize(distinct) - 1;
  }
  std::vector<Index> lengths;
  for (const Word& word : distinct) lengths.push_back(std::ssize(word));
  words.layout.Assign(lengths);
  for (Index t = 0; t < words.layout.steps(); ++t) {
    for (Index k = 0; k < words.layout.active(t); ++k)
      words.characters.push_back(
          distinct[static_cast<std::size_t>(k)][static_cast<std::size_t>(t)]);
  }
  return words;
}

}  // namespace lockstep
