#include "launch/tasks/dna/gene_files.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "data/dna/fasta.h"
#include "launch/output/cell_text.h"
#include "launch/tasks/dna/seqid.h"

namespace lockstep {
namespace {

// The bases of a gene in the direction in which it is read.
std::vector<std::uint8_t> CodesOf(const EvidenceFile& evidence, const EvidenceRecord& record,
                                  const Gene& gene) {
  const std::vector<std::uint8_t> bytes = evidence.Read(record, gene.begin, gene.end);
  const EvidenceView view{bytes};
  std::vector<std::uint8_t> codes(static_cast<std::size_t>(gene.bases()));
  for (std::size_t i = 0; i < codes.size(); ++i) codes[i] = view.Code(static_cast<Index>(i));
  if (gene.plus_strand) return codes;
  std::reverse(codes.begin(), codes.end());
  for (std::uint8_t& code : codes) code = ComplementOf(code);
  return codes;
}

std::string Letters(const std::vector<std::uint8_t>& codes) {
  std::string letters;
  for (const std::uint8_t code : codes) letters += kDnaLetters[code];
  return letters;
}

// The attributes of a gene that is cut off, as NCBI writes them.
std::string PartialAttributes(const Gene& gene) {
  if (!gene.open_start && !gene.open_stop) return {};
  const bool low = gene.plus_strand ? gene.open_start : gene.open_stop;
  const bool high = gene.plus_strand ? gene.open_stop : gene.open_start;
  std::string text = ";partial=true";
  if (low) text += fmt::format(";start_range=.,{}", gene.begin + 1);
  if (high) text += fmt::format(";end_range={},.", gene.end);
  return text;
}

void WriteFasta(const std::string& header, const std::string& letters, std::ostream* out) {
  constexpr std::size_t kLine = 60;
  *out << '>' << header << '\n';
  for (std::size_t at = 0; at < letters.size(); at += kLine)
    *out << std::string_view(letters).substr(at, kLine) << '\n';
}

// The probability that a base is coding on a strand, in hundredths.
int CodingPercent(const EvidenceView& view, BaseLabels labels, bool plus_strand, Index base) {
  double sums[2] = {0, 0};
  for (const bool plus : {true, false}) {
    for (int k = 0; k < kCodonPositions; ++k)
      sums[plus ? 0 : 1] += std::exp(static_cast<double>(view.Coding(plus, k, base)));
    // There, all positions are said of one class.
    if (labels == BaseLabels::kStrand) sums[plus ? 0 : 1] /= kCodonPositions;
  }
  return static_cast<int>(std::lround(100 * sums[plus_strand ? 0 : 1] / (1 + sums[0] + sums[1])));
}

}  // namespace

GeneFiles::File::File(const std::string& path) : part(path), stream(part.temporary_path()) {
  if (stream) return;
  throw IoError(fmt::format("cannot create {}: {}", path, ErrnoText()), ExitCode::kCannotCreate);
}

GeneFiles::GeneFiles(const GeneFileNames& names, const GeneticCode& code)
    : code_(code), gff_(names.gff) {
  if (names.proteins) proteins_ = std::make_unique<File>(*names.proteins);
  if (names.nucleotides) nucleotides_ = std::make_unique<File>(*names.nucleotides);
  if (names.track) track_ = std::make_unique<File>(*names.track);
  gff_.stream << "##gff-version 3\n";
}

void GeneFiles::BeginRecord(const EvidenceRecord& record) {
  const std::string seqid = EscapeSeqid(record.name);
  gff_.stream << fmt::format("##sequence-region {} 1 {}\n", seqid, record.bases);
  if (!record.circular) return;
  gff_.stream << fmt::format("{}\tlockstep\tregion\t1\t{}\t.\t+\t.\tID={};Is_circular=true\n",
                             seqid, record.bases, seqid);
}

void GeneFiles::Add(const EvidenceFile& evidence, const EvidenceRecord& record,
                    const std::vector<Gene>& genes) {
  for (const Gene& gene : genes) {
    if (gene.is_remnant) {
      AddRemnant(record, gene);
      continue;
    }
    ++genes_;
    partial_genes_ += gene.open_start || gene.open_stop ? 1 : 0;
    const std::vector<std::uint8_t> codes = CodesOf(evidence, record, gene);
    const std::string letters = Letters(codes);
    AddRows(record, gene, letters);
    const std::string header =
        fmt::format("cds{} {}:{}-{}({}) score={:.2f}{}", genes_, CellText(record.name),
                    gene.begin + 1, gene.end, gene.plus_strand ? '+' : '-', gene.score,
                    gene.open_start || gene.open_stop ? " partial" : "");
    if (nucleotides_) WriteFasta(header, letters, &nucleotides_->stream);
    if (proteins_) AddProtein(header, gene, codes);
  }
}

// As NCBI writes what is left of a gene that no longer makes a protein.
void GeneFiles::AddRemnant(const EvidenceRecord& record, const Gene& gene) {
  ++remnants_;
  gff_.stream << fmt::format(
      "{}\tlockstep\tpseudogene\t{}\t{}\t{:.2f}\t{}\t.\tID=pseudogene{};gene_biotype=pseudogene;"
      "pseudo=true\n",
      EscapeSeqid(record.name), gene.begin + 1, gene.end, gene.score, gene.plus_strand ? '+' : '-',
      remnants_);
}

void GeneFiles::AddRows(const EvidenceRecord& record, const Gene& gene, const std::string& bases) {
  const std::string partial = PartialAttributes(gene);
  const auto row = [&](const char* type, const char* phase, const std::string& attributes) {
    gff_.stream << fmt::format("{}\tlockstep\t{}\t{}\t{}\t{:.2f}\t{}\t{}\t{}{}\n",
                               EscapeSeqid(record.name), type, gene.begin + 1, gene.end, gene.score,
                               gene.plus_strand ? '+' : '-', phase, attributes, partial);
  };
  row("gene", ".", fmt::format("ID=gene{}", genes_));
  std::string attributes = fmt::format("ID=cds{0};Parent=gene{0}", genes_);
  if (!gene.open_start)
    attributes += fmt::format(";start_codon={}", bases.substr(0, kCodonPositions));
  row("CDS", "0", fmt::format("{};transl_table={}", attributes, code_.number()));
}

void GeneFiles::AddProtein(const std::string& header, const Gene& gene,
                           const std::vector<std::uint8_t>& codes) {
  std::string letters;
  for (std::size_t i = 0; i + kCodonPositions <= codes.size(); i += kCodonPositions)
    letters += code_.AminoAcid(CodonOf(codes[i], codes[i + 1], codes[i + 2]));
  // Every start codon is translated by the initiator tRNA, which carries methionine.
  if (!gene.open_start) letters.front() = 'M';
  if (!gene.open_stop) letters.pop_back();
  WriteFasta(header, letters, &proteins_->stream);
}

void GeneFiles::WriteTrack(const EvidenceFile& evidence, bool plus_strand) {
  constexpr Index kPiece = Index{1} << 20;
  const char strand = plus_strand ? '+' : '-';
  track_->stream << fmt::format(
      "track type=bedGraph name=\"coding{0}\" description=\"probability that a base is coding on "
      "the {0} strand\" viewLimits=0:1\n",
      strand);
  for (const EvidenceRecord& record : evidence.records()) {
    Index begin = 0;
    int value = -1;
    const auto end_run = [&](Index end) {
      if (end > begin && value >= 0)
        track_->stream << fmt::format("{}\t{}\t{}\t{:.2f}\n", CellText(record.name), begin, end,
                                      value / 100.0);
      begin = end;
    };
    for (Index piece = 0; piece < record.bases; piece += kPiece) {
      const Index piece_end = std::min(record.bases, piece + kPiece);
      const std::vector<std::uint8_t> bytes = evidence.Read(record, piece, piece_end);
      const EvidenceView view{bytes};
      for (Index base = piece; base < piece_end; ++base) {
        const int found = CodingPercent(view, evidence.labels(), plus_strand, base - piece);
        if (found == value) continue;
        end_run(base);
        value = found;
      }
    }
    end_run(record.bases);
  }
}

void GeneFiles::Publish(File* file) {
  if (file == nullptr) return;
  file->stream.close();
  if (!file->stream)
    throw IoError(fmt::format("cannot write {}: {}", file->part.path(), ErrnoText()));
  file->part.Publish();
}

void GeneFiles::Finish(const EvidenceFile& evidence) {
  if (track_) {
    WriteTrack(evidence, true);
    WriteTrack(evidence, false);
  }
  Publish(proteins_.get());
  Publish(nucleotides_.get());
  Publish(track_.get());
  Publish(&gff_);
}

}  // namespace lockstep
