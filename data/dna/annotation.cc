#include "data/dna/annotation.h"

#include <algorithm>
#include <set>

#include "base/characters.h"
#include "base/error.h"
#include "data/dna/frame_painter.h"
#include "data/dna/gff3.h"

namespace lockstep {
namespace {

// What is asked where file and sequences do not fit each other.
constexpr const char* kOtherAssembly =
    "is it the annotation of this assembly? The FASTA file must have the version that the "
    "annotation was made for";

// One GFF file of a genome.
class Annotation {
 public:
  Annotation(const GenomeFiles& files, std::size_t gff, const Genome& genome, BaseLabels scheme)
      : files_(files), gff_(gff), genome_(genome), scheme_(scheme), path_(files.gffs[gff]) {
    Scan();
  }

  // Paints the rows, adds to the counts, and marks the records that have rows.
  void Paint(LabelFile* labels, AnnotationSummary* summary, std::vector<bool>* has_rows);
  std::vector<CodingSequence> ReadSequences();

 private:
  // The rows of other types that do not fit the sequences: how many, and the first of them.
  struct Misfits {
    Index rows = 0;
    Index line = 0;
    std::string seqid;
    void Add(const Gff3Row& row) {
      if (rows++ > 0) return;
      line = row.line;
      seqid = row.seqid;
    }
  };

  void Scan();
  void PaintRow(const Gff3Row& row, const GenomeRecord& record, LabelFile* labels);
  template <typename Take>
  void ForEachCodingRow(std::map<std::string, Index>* other_rows, const Take& take);
  std::size_t IndexOf(const GenomeRecord& record) const {
    return static_cast<std::size_t>(&record - genome_.records.data());
  }
  void WarnOfRows(Index rows, const char* what);
  std::vector<CodingSequence> TakeSequences();
  void PaintSequences(LabelFile* labels, AnnotationSummary* summary);
  void CheckOtherRow(const Gff3Row& row);
  void TellMisfits();
  void CheckRegion(const SequenceRegion& region);
  const GenomeRecord& RecordOf(const Gff3Row& row) const;
  void CheckEnd(const Gff3Row& row, const GenomeRecord& record) const;
  [[noreturn]] void FailToFind(const Gff3Row& row) const;
  bool IsCoding(const Gff3Row& row) const {
    return IsCdsType(row.type) || (is_gtf_ && row.type == "stop_codon");
  }
  std::string SearchedText() const {
    return files_.paired() ? files_.fastas[gff_]
                           : fmt::format("{}", fmt::join(files_.fastas, ", "));
  }
  const std::string& FastaOf(const GenomeRecord& record) const {
    return files_.fastas[record.file];
  }

  const GenomeFiles& files_;
  std::size_t gff_;
  const Genome& genome_;
  BaseLabels scheme_;
  std::string path_;
  bool is_gtf_ = false;
  std::set<std::string> circular_;  // names of sequences
  Misfits beyond_;                  // that end after their sequence
  Misfits strange_;                 // on sequences that are not there
  CodingSequences sequences_;       // for BaseLabels::kFrame
  std::vector<std::string> warnings_;
};

// The first pass: what is said about sequences may come after the rows that lie on them.
void Annotation::Scan() {
  Gff3Reader reader(path_);
  for (Gff3Row row; reader.Next(&row);) {
    is_gtf_ = is_gtf_ || HasGtfAttributes(row);
    if (SaysCircular(row)) circular_.insert(row.seqid);
  }
  for (const SequenceRegion& region : reader.regions()) CheckRegion(region);
}

void Annotation::CheckOtherRow(const Gff3Row& row) {
  const Index found = genome_.Find(gff_, row.seqid);
  if (found < 0) {
    strange_.Add(row);
  } else if (row.end > genome_.records[static_cast<std::size_t>(found)].length &&
             circular_.count(row.seqid) == 0) {
    beyond_.Add(row);
  }
}

void Annotation::TellMisfits() {
  if (beyond_.rows > 0) {
    warnings_.push_back(fmt::format(
        "{}:{}: {} rows of other types run off the end of their sequences, the first of {}; {}",
        path_, beyond_.line, beyond_.rows, Printable(beyond_.seqid), kOtherAssembly));
  }
  if (strange_.rows > 0) {
    warnings_.push_back(fmt::format(
        "{}:{}: {} rows of other types lie on sequences that {} does not have, the first on {}",
        path_, strange_.line, strange_.rows, SearchedText(), Printable(strange_.seqid)));
  }
}

void Annotation::CheckRegion(const SequenceRegion& region) {
  const std::string place = fmt::format("{}:{}", path_, region.line);
  if (region.end == 0) {
    warnings_.push_back(fmt::format(
        "{}: the line cannot be read as ##sequence-region SEQID START END, and is passed over",
        place));
    return;
  }
  const Index found = genome_.Find(gff_, region.seqid);
  if (found < 0) return;  // a file for more sequences than there are; rows on them are errors
  const GenomeRecord& record = genome_.records[static_cast<std::size_t>(found)];
  const std::string problem = fmt::format(
      "{}: says that sequence {} has {} bases (##sequence-region {} {}), {} has {} of it; {}",
      place, Printable(region.seqid), region.end, region.start, region.end, FastaOf(record),
      record.length, kOtherAssembly);
  if (region.end > record.length) throw BadData("{}", problem);
  // A region that begins elsewhere is a part of the sequence, which some tools write.
  if (region.end < record.length && region.start <= 1) warnings_.push_back(problem);
}

void Annotation::FailToFind(const Gff3Row& row) const {
  const auto is_searched = [&](const GenomeRecord& record) {
    return !files_.paired() || record.file == gff_;
  };
  const auto& records = genome_.records;
  const auto first = std::find_if(records.begin(), records.end(), is_searched);
  const auto other = std::find_if(records.begin(), records.end(), [&](const GenomeRecord& record) {
    return record.name == row.seqid;
  });
  throw BadData(
      "{}:{}: CDS row on sequence {}, which {} does not have; {}", path_, row.line,
      Printable(row.seqid), SearchedText(),
      other == records.end()
          ? fmt::format("its first is {}", Printable(first->name))
          : fmt::format("{} has it; the first --gff describes the first --fasta, and so on",
                        FastaOf(*other)));
}

// Rows may end after the sequence only if it is circular.
void Annotation::CheckEnd(const Gff3Row& row, const GenomeRecord& record) const {
  if (row.end <= record.length) return;
  const std::string problem = fmt::format(
      "{}:{}: CDS row {}-{} runs off the end of sequence {}, which has {} bases in {}", path_,
      row.line, row.start, row.end, Printable(row.seqid), record.length, FastaOf(record));
  if (circular_.count(row.seqid) == 0) throw BadData("{}; {}", problem, kOtherAssembly);
  if (row.start > record.length || row.end - row.start >= record.length) {
    throw BadData(
        "{}; it is circular, so a row may end after the origin, at most {} bases after its own "
        "start, and must start before the origin",
        problem, record.length - 1);
  }
}

const GenomeRecord& Annotation::RecordOf(const Gff3Row& row) const {
  const Index found = genome_.Find(gff_, row.seqid);
  if (found < 0) FailToFind(row);
  const GenomeRecord& record = genome_.records[static_cast<std::size_t>(found)];
  CheckEnd(row, record);
  if (row.strand != '+' && row.strand != '-') {
    throw BadData("{}:{}: CDS row {}-{} on sequence {} ({} bases) has strand {}, allowed: + -",
                  path_, row.line, row.start, row.end, Printable(row.seqid), record.length,
                  row.strand);
  }
  return record;
}

void Annotation::PaintRow(const Gff3Row& row, const GenomeRecord& record, LabelFile* labels) {
  const std::uint8_t label = row.strand == '+' ? kCodingPlusClass : kCodingMinusClass;
  const Index end = std::min(row.end, record.length);
  labels->Paint(record.begin + row.start - 1, record.begin + end, label);
  if (row.end > end) labels->Paint(record.begin, record.begin + row.end - end, label);
}

void Annotation::WarnOfRows(Index rows, const char* what) {
  if (rows > 0) warnings_.push_back(fmt::format("{}: {} CDS rows {}", path_, rows, what));
}

std::vector<CodingSequence> Annotation::TakeSequences() {
  return sequences_.Take([this](std::size_t index) {
    const GenomeRecord& record = genome_.records[index];
    return circular_.count(record.name) == 0 ? 0 : record.length;
  });
}

void Annotation::PaintSequences(LabelFile* labels, AnnotationSummary* summary) {
  WarnOfRows(sequences_.SharedParents(),
             "have an ID of their own, but share their Parent with others, and are taken for genes "
             "by themselves; if they are exons of one gene, give their rows the same ID");
  WarnOfRows(sequences_.WholeRowsOfParents(),
             "without an ID share their Parent and are taken for rows of one gene, though each of "
             "them has whole codons; if they are genes of an operon, give each an ID");
  const std::vector<CodingSequence> sequences = TakeSequences();
  for (const CodonKind kind : {CodonKind::kStop, CodonKind::kStart, CodonKind::kInner}) {
    for (const CodingSequence& sequence : sequences)
      PaintFrames(sequence, genome_.records[sequence.record], kind, labels);
  }
  summary->pseudo_genes += std::count_if(sequences.begin(), sequences.end(),
                                         [](const CodingSequence& s) { return s.is_pseudo; });
}

// Calls `take` with each coding row and its record; counts the others.
template <typename Take>
void Annotation::ForEachCodingRow(std::map<std::string, Index>* other_rows, const Take& take) {
  Gff3Reader reader(path_);
  for (Gff3Row row; reader.Next(&row);) {
    if (IsCoding(row)) {
      take(row, RecordOf(row));
    } else {
      ++(*other_rows)[row.type];
      CheckOtherRow(row);
    }
  }
}

std::vector<CodingSequence> Annotation::ReadSequences() {
  std::map<std::string, Index> other_rows;
  ForEachCodingRow(&other_rows, [&](const Gff3Row& row, const GenomeRecord& record) {
    sequences_.Add(row, IndexOf(record));
  });
  return TakeSequences();
}

void Annotation::Paint(LabelFile* labels, AnnotationSummary* summary, std::vector<bool>* has_rows) {
  const Index rows_before = summary->cds_rows;
  ForEachCodingRow(&summary->other_rows, [&](const Gff3Row& row, const GenomeRecord& record) {
    if (scheme_ == BaseLabels::kFrame) {
      sequences_.Add(row, IndexOf(record));
    } else {
      PaintRow(row, record, labels);
    }
    summary->origin_rows += row.end > record.length ? 1 : 0;
    ++(IsCdsType(row.type) ? summary->cds_rows : summary->stop_rows);
    (*has_rows)[IndexOf(record)] = true;
  });
  PaintSequences(labels, summary);
  TellMisfits();
  summary->warnings.insert(summary->warnings.end(), warnings_.begin(), warnings_.end());
  if (summary->cds_rows > rows_before) return;
  const std::string found = RowsText(summary->other_rows);
  throw BadData("{}: has no CDS row, so every base would be \"other\"{}; give the annotation of {}",
                path_, found.empty() ? "" : " (its rows are of the types " + found + ")",
                files_.fastas[files_.paired() ? gff_ : 0]);
}

}  // namespace

std::string RowsText(const std::map<std::string, Index>& rows) {
  constexpr std::size_t kMost = 12;
  std::vector<std::pair<Index, std::string>> counts;
  counts.reserve(rows.size());
  for (const auto& [type, count] : rows) counts.emplace_back(-count, Printable(type));
  std::sort(counts.begin(), counts.end());
  std::string text;
  for (std::size_t i = 0; i < std::min(counts.size(), kMost); ++i)
    text += fmt::format("{}{} {}", i == 0 ? "" : ", ", counts[i].second, -counts[i].first);
  return counts.size() > kMost ? fmt::format("{} and {} more", text, counts.size() - kMost) : text;
}

AnnotationSummary PaintAnnotations(const GenomeFiles& files, const Genome& genome,
                                   BaseLabels scheme, LabelFile* labels) {
  AnnotationSummary summary;
  std::vector<bool> has_rows(genome.records.size());
  for (std::size_t gff = 0; gff < files.gffs.size(); ++gff) {
    Annotation(files, gff, genome, scheme).Paint(labels, &summary, &has_rows);
  }
  for (std::size_t i = 0; i < has_rows.size(); ++i) {
    if (!has_rows[i]) summary.bare_records.push_back(genome.records[i].name);
  }
  return summary;
}

std::vector<CodingSequence> ReadCodingSequences(const GenomeFiles& files, const Genome& genome) {
  std::vector<CodingSequence> all;
  for (std::size_t gff = 0; gff < files.gffs.size(); ++gff) {
    std::vector<CodingSequence> sequences =
        Annotation(files, gff, genome, BaseLabels::kFrame).ReadSequences();
    std::move(sequences.begin(), sequences.end(), std::back_inserter(all));
  }
  return all;
}

}  // namespace lockstep
