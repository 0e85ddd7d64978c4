// The GC content of a sequence as an input of the model, so that one model can serve genomes of
// very different GC content, whose genes use other codons: the id of a base also says in which bin
// the GC share of its record lies.
//
//   share = (C + G) / (A + C + G + T) of the whole record; ambiguous bases are not counted
//   bin   = floor((share - 25 %) / 50 % * bins), but at least 0 and at most bins - 1
//   id    = base + 5 * bin; base is the place in kDnaLetters
//
// So bins are equally wide between 25 % and 75 %, where nearly all genomes lie, and the outer ones
// are open. The share is the same on both strands of a record: the complement of an id has the
// complement of its base and the same bin. A bin that hardly any training base has would teach the
// model nothing; its records get the nearest bin that has more (JoinRare).
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "data/corpus/shard_format.h"

namespace lockstep {

// What the GC share of a record is computed from.
struct GcCount {
  Index gc = 0;     // bases C and G
  Index bases = 0;  // bases A, C, G and T

  // Adds bases of the record, as places in kDnaLetters.
  void Add(std::span<const std::uint8_t> codes);
};

class GcBins {
 public:
  static constexpr Index kMost = 50;  // each is 1 % wide then

  // No bins: ids are bases, whatever their record.
  GcBins() = default;
  // `count` is 0 (none) or 2 to kMost, otherwise UsageError.
  explicit GcBins(Index count);

  std::size_t count() const { return bin_of_.size(); }
  // The bin of a record; that of 50 % if no base is counted, and 0 if there are no bins.
  std::uint8_t BinOf(const GcCount& record) const;
  // "gc<37.5", "gc37.5-50", "gc>=62.5": the shares of a bin in percent.
  std::string NameOf(std::size_t bin) const;
  // The symbols of a corpus with their complements: those of kDnaLetters without bins, otherwise
  // "A/gc<37.5" and so on, bin after bin.
  Vocabulary Symbols() const;

  // From now on, records of a bin with less than 1 % of the training bases get the nearest bin that
  // has more, the lower one of two. training_bases  [count]  bases for training in each bin.
  void JoinRare(const std::vector<Index>& training_bases);

  // The rule as CorpusInfo::task; empty without bins.
  //   {"task": "label", "gc_bins": [0, 2, 2, 3], "gc_percent": [25, 75]}
  // gc_bins has the bin of each range of shares, here of four, the second of which is rare.
  std::string TaskJson() const;
  // The rule of a corpus; nothing if its symbols are no bases. BadData that names `file` if the
  // rule is none, or does not belong to the symbols.
  static std::optional<GcBins> Of(const CorpusInfo& corpus, const std::string& file);

 private:
  std::vector<std::uint8_t> bin_of_;  // [count]: the bin of each range of shares
};

// The ids of bases (places in kDnaLetters) of a record that has this bin.
std::vector<std::uint8_t> IdsOf(std::span<const std::uint8_t> codes, std::uint8_t bin);

// The bins of the records of a FASTA file, in their order. Reads the file once, and keeps one byte
// and the name per record; empty and without reading if there are no bins. BadData for two records
// of one name. Shows progress.
std::vector<std::uint8_t> BinsOfRecords(const std::string& fasta, const GcBins& bins);

}  // namespace lockstep
