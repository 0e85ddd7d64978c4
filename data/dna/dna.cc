#include "data/dna/dna.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <unordered_map>

#include "base/error.h"
#include "data/corpus/source_file.h"
#include "data/dna/fasta.h"
#include "data/dna/gff3.h"
#include "data/dna/label_file.h"

namespace lockstep {
namespace {

// The records of a FASTA file, joined in file order.
struct Genome {
  struct Record {
    std::string name;
    Index begin = 0;  // position of its first base
    Index length = 0;
  };
  std::vector<Record> records;
  std::unordered_map<std::string, std::size_t> by_name;
  Index bases = 0;
  Index n_bases = 0;
};

void BeginRecord(const std::string& fasta, const FastaReader& reader, Genome& genome) {
  const std::string& name = reader.record_name();
  if (!genome.by_name.emplace(name, genome.records.size()).second) {
    throw BadData("{}:{}: record \"{}\" is there twice; names must differ", fasta,
                  reader.header_line(), name);
  }
  genome.records.push_back({name, genome.bases, 0});
}

Genome ScanFasta(const std::string& fasta) {
  Genome genome;
  FastaReader reader(fasta);
  for (FastaPiece piece; reader.Next(&piece);) {
    if (piece.begins_record) BeginRecord(fasta, reader, genome);
    const Index size = static_cast<Index>(piece.codes.size());
    genome.records.back().length += size;
    genome.bases += size;
    genome.n_bases += std::count(piece.codes.begin(), piece.codes.end(), kBaseN);
  }
  return genome;
}

// Checks a CDS row and returns the record that it refers to.
const Genome::Record& RecordOf(const Gff3Row& row, const DnaOptions& options,
                               const Genome& genome) {
  const auto found = genome.by_name.find(row.seqid);
  if (found == genome.by_name.end()) {
    throw BadData("{}:{}: CDS row on sequence \"{}\", which {} does not have; its first is \"{}\"",
                  options.gff, row.line, row.seqid, options.fasta, genome.records[0].name);
  }
  const Genome::Record& record = genome.records[found->second];
  if (row.end > record.length) {
    throw BadData(
        "{}:{}: CDS row {}-{} runs off the end of sequence \"{}\", which has {} bases; split a row "
        "over the origin of a circular sequence in two",
        options.gff, row.line, row.start, row.end, row.seqid, record.length);
  }
  if (row.strand != '+' && row.strand != '-') {
    throw BadData("{}:{}: CDS row {}-{} on sequence \"{}\" ({} bases) has strand {}, allowed: + -",
                  options.gff, row.line, row.start, row.end, row.seqid, record.length, row.strand);
  }
  return record;
}

// Writes the classes of all CDS rows to the label file; returns the number of rows.
Index PaintCdsRows(const DnaOptions& options, const Genome& genome, LabelFile& labels) {
  Index cds_rows = 0;
  Gff3Reader reader(options.gff);
  for (Gff3Row row; reader.Next(&row);) {
    if (row.type != "CDS") continue;
    const Genome::Record& record = RecordOf(row, options, genome);
    labels.Paint(record.begin + row.start - 1, record.begin + row.end,
                 row.strand == '+' ? kCodingPlusClass : kCodingMinusClass);
    ++cds_rows;
  }
  if (cds_rows == 0) {
    throw BadData("{}: has no CDS row, so every base would be \"other\"; give the annotation of {}",
                  options.gff, options.fasta);
  }
  return cds_rows;
}

// The second pass over the FASTA file. It must find the same records as the first pass.
void CutWindows(const DnaOptions& options, const Genome& genome, const LabelFile& label_file,
                WindowCutter& cutter) {
  FastaReader reader(options.fasta);
  std::vector<std::uint8_t> labels;
  Index position = 0;
  for (FastaPiece piece; reader.Next(&piece);) {
    if (piece.begins_record && position > 0) cutter.EndRecord();
    const Index end = position + static_cast<Index>(piece.codes.size());
    if (end > genome.bases) break;
    labels.resize(piece.codes.size());
    label_file.Read(position, labels);
    cutter.Add(piece.codes, labels);
    position = end;
  }
  cutter.EndRecord();
  if (position != genome.bases) {
    throw BadData("{}: changed while it was read; run prepare again", options.fasta);
  }
}

nlohmann::json Provenance(const DnaOptions& options, const DnaSummary& summary,
                          const std::vector<SplitRange>& ranges) {
  nlohmann::json provenance = {{"importer", "dna"},
                               {"fasta", DescribeSource(options.fasta)},
                               {"gff", DescribeSource(options.gff)},
                               {"records", summary.records},
                               {"bases", summary.bases},
                               {"unused_bases", summary.unused_bases},
                               {"n_bases", summary.n_bases},
                               {"cds_rows", summary.cds_rows},
                               {"conflict_bases", summary.conflict_bases}};
  for (const std::string& split : DnaSplits()) {
    provenance["ranges"][split] = RangesText(ranges, split);
  }
  return provenance;
}

}  // namespace

DnaSummary PrepareDna(const DnaOptions& options) {
  CheckCutOptions(options.cut);
  RefuseExistingCorpus(options.out);
  const Genome genome = ScanFasta(options.fasta);
  const std::vector<SplitRange> ranges = ResolveRanges(options.cut.ranges, genome.bases);

  CorpusWriter writer(options.out, DnaCorpusHeader(options.cut), DnaSplits(),
                      options.cut.shard_bytes);
  LabelFile labels(options.out, genome.bases);
  DnaSummary summary;
  summary.cds_rows = PaintCdsRows(options, genome, labels);
  WindowCutter cutter(writer, ranges, options.cut);
  CutWindows(options, genome, labels, cutter);

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
