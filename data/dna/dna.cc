#include "data/dna/dna.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "data/corpus/source_file.h"
#include "data/corpus/source_table.h"
#include "data/dna/label_file.h"
#include "data/dna/order_keeper.h"
#include "data/dna/record_splits.h"

namespace lockstep {
namespace {

// The bases of the training split in each GC bin. Records and ranges are in the order of their
// positions.
std::vector<Index> TrainingBases(const Genome& genome, const std::vector<SplitRange>& ranges,
                                 const GcBins& bins) {
  std::vector<Index> bases(bins.count());
  if (bases.empty()) return bases;
  std::size_t first = 0;  // the first range that does not end before the record
  for (const GenomeRecord& record : genome.records) {
    while (first < ranges.size() && ranges[first].end <= record.begin) ++first;
    for (std::size_t r = first; r < ranges.size() && ranges[r].begin < record.end(); ++r) {
      if (ranges[r].split != "train") continue;
      bases[bins.BinOf(record.gc_count)] +=
          std::min(ranges[r].end, record.end()) - std::max(ranges[r].begin, record.begin);
    }
  }
  return bases;
}

GcBins BinsFor(const DnaOptions& options, const Genome& genome,
               const std::vector<SplitRange>& ranges) {
  GcBins bins = options.gc_bins;
  if (options.join_rare_bins) bins.JoinRare(TrainingBases(genome, ranges, bins));
  return bins;
}

// The second pass over the FASTA files. It must find the same records as the first pass.
void CutWindows(const DnaOptions& options, const Genome& genome, const GcBins& bins,
                const LabelFile& label_file, CorpusWriter* writer, WindowCutter* cutter) {
  std::vector<std::uint8_t> labels;
  auto record = genome.records.begin();
  const auto take = [&](Index position, std::span<const std::uint8_t> codes) {
    while (position >= record->end()) ++record;
    labels.resize(codes.size());
    label_file.Read(position, labels);
    cutter->Add(IdsOf(codes, bins.BinOf(record->gc_count)), labels);
  };
  ForEachPiece(
      options.files, genome, take, [&] { cutter->EndRecord(); },
      [&](std::size_t file) { writer->SetSource(static_cast<Index>(file)); });
}

// One description, or a list of them.
nlohmann::json DescribeSources(const std::vector<std::string>& paths) {
  if (paths.size() == 1) return DescribeSource(paths[0]);
  nlohmann::json sources = nlohmann::json::array();
  for (const std::string& path : paths) sources.push_back(DescribeSource(path));
  return sources;
}

nlohmann::json Provenance(const DnaOptions& options, const DnaSummary& summary,
                          const std::vector<SplitRange>& ranges) {
  nlohmann::json provenance = {{"importer", "dna"},
                               {"fasta", DescribeSources(options.files.fastas)},
                               {"gff", DescribeSources(options.files.gffs)},
                               {"records", summary.records},
                               {"bases", summary.bases},
                               {"unused_bases", summary.unused_bases},
                               {"n_bases", summary.n_bases},
                               {"cds_rows", summary.annotation.cds_rows},
                               {"conflict_bases", summary.conflict_bases}};
  if (options.labels == BaseLabels::kFrame) {
    provenance["labels"] = "frame";
    provenance["pseudo_genes"] = summary.annotation.pseudo_genes;
  }
  for (const std::string& split : DnaSplits()) {
    provenance["ranges"][split] = RangesText(ranges, split);
  }
  return provenance;
}

}  // namespace

DnaSummary PrepareDna(const DnaOptions& options) {
  CheckCutOptions(options.cut);
  RefuseExistingCorpus(options.out);
  const Genome genome = ScanGenome(options.files);
  const std::vector<SplitRange> ranges = ResolveRanges(
      options.cut.ranges, genome.bases, RangesOfRecords(options.cut.ranges, options.files, genome));

  DnaSummary summary;
  summary.gc_bins = BinsFor(options, genome, ranges);
  summary.bin_bases = TrainingBases(genome, ranges, summary.gc_bins);
  CorpusInfo header = DnaCorpusHeader(options.cut, options.labels, summary.gc_bins);
  header.sources = SourceNames(options.files.fastas);
  CorpusWriter writer(options.out, header, DnaSplits(), options.cut.shard_bytes);
  LabelFile labels(options.out, genome.bases);
  summary.annotation = PaintAnnotations(options.files, genome, options.labels, &labels);
  if (options.labels == BaseLabels::kFrame) summary.order_bases = KeepFrameOrder(genome, &labels);
  WindowCutter cutter(writer, ranges, options.cut);
  CutWindows(options, genome, summary.gc_bins, labels, &writer, &cutter);

  summary.records = static_cast<Index>(genome.records.size());
  summary.bases = genome.bases;
  summary.n_bases = genome.n_bases;
  summary.conflict_bases = labels.conflicts();
  summary.unused_bases = genome.bases;
  for (const SplitRange& range : ranges) summary.unused_bases -= range.size();
  summary.info = writer.Finish(ProvenanceText(Provenance(options, summary, ranges)));
  return summary;
}

}  // namespace lockstep
