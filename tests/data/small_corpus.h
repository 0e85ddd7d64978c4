// Small corpora for tests: sample i of a split has the given length; its inputs and targets are
// functions of (sample, step), so that a test can say what it must read.
#pragma once

#include <string>
#include <vector>

#include "data/corpus/corpus_writer.h"

namespace lockstep {

inline CorpusInfo DnaHeader() {
  CorpusInfo info;
  info.kind = "dna";
  info.schema = TwoFieldSchema({}, {"symbols", {"A", "C", "G", "T", "N"}, {3, 2, 1, 0, 4}, -1}, {},
                               {"classes", {"other", "coding+", "coding-"}, {0, 2, 1}, -1});
  info.window = 512;
  return info;
}

inline std::uint8_t SymbolOf(Index sample, Index step) {
  return static_cast<std::uint8_t>((sample * 7 + step * step) % 5);
}
// Every fifth step is ignored.
inline std::uint8_t TargetOf(Index sample, Index step) {
  if ((sample + step) % 5 == 4) return kIgnoredTargetByte;
  return static_cast<std::uint8_t>((sample + step) % 3);
}

// Adds the samples of a split; `first` numbers the sample that the values are made from.
inline void AddDnaSamples(CorpusWriter& writer, const std::string& split,
                          const std::vector<Index>& lengths, Index first = 0) {
  for (std::size_t i = 0; i < lengths.size(); ++i) {
    std::vector<std::uint8_t> inputs, targets;
    for (Index step = 0; step < lengths[i]; ++step) {
      inputs.push_back(SymbolOf(first + static_cast<Index>(i), step));
      targets.push_back(TargetOf(first + static_cast<Index>(i), step));
    }
    writer.Add(split,
               {{std::as_bytes(std::span(inputs)), std::as_bytes(std::span(targets))}, lengths[i]});
  }
}

inline CorpusInfo WriteDnaCorpus(const std::string& folder, const std::vector<Index>& lengths,
                                 Index shard_bytes = kDefaultShardBytes) {
  CorpusWriter writer(folder, DnaHeader(), {"train"}, shard_bytes);
  AddDnaSamples(writer, "train", lengths);
  return writer.Finish("{}");
}

// Lengths between 1 and `longest` in no order.
inline std::vector<Index> MixedLengths(Index count, Index longest) {
  std::vector<Index> lengths;
  for (Index i = 0; i < count; ++i) lengths.push_back(1 + (i * 7919 + i * i) % longest);
  return lengths;
}

}  // namespace lockstep
