#include "data/dna/genome.h"

#include <algorithm>
#include <filesystem>
#include <map>
#include <utility>

#include "base/characters.h"
#include "base/error.h"
#include "base/work_progress.h"
#include "data/dna/fasta.h"

namespace lockstep {
namespace {

void BeginRecord(const GenomeFiles& files, std::size_t file, const FastaReader& reader,
                 Genome* genome) {
  const std::string& name = reader.record_name();
  auto& names = genome->by_name[genome->by_name.size() == 1 ? 0 : file];
  const auto [found, is_new] = names.emplace(name, genome->records.size());
  if (is_new) {
    genome->records.push_back({name, file, genome->bases, 0});
    return;
  }
  const std::size_t first = genome->records[found->second].file;
  if (first == file) RecordNames::RefuseRepeated(files.fastas[file], reader);
  throw BadData(
      "{}:{}: record {} is in {}, too; names must differ, unless there are as many --gff as "
      "--fasta: then the first --gff describes the first --fasta only, and so on",
      files.fastas[file], reader.header_line(), Printable(name), files.fastas[first]);
}

// A file that is there twice, under one path or several, would put its bases into the corpus twice,
// and perhaps into two splits.
void RefuseRepeatedFiles(const std::vector<std::string>& fastas) {
  std::map<std::string, std::string> seen;  // what was given, by what it is a path to
  for (const std::string& fasta : fastas) {
    std::error_code error;
    const std::string real = std::filesystem::canonical(fasta, error).string();
    if (error) continue;  // reading it tells more
    const auto [first, is_new] = seen.emplace(real, fasta);
    if (is_new) continue;
    throw UsageError(
        "--fasta names the file {} twice{}; each file may be given once: leave one out", fasta,
        first->second == fasta ? "" : fmt::format(", also as {}", first->second));
  }
}

}  // namespace

Genome ScanGenome(const GenomeFiles& files) {
  RefuseRepeatedFiles(files.fastas);
  Genome genome;
  genome.by_name.resize(files.paired() ? files.fastas.size() : 1);
  WorkProgress progress("prepare");
  for (std::size_t file = 0; file < files.fastas.size(); ++file) {
    FastaReader reader(files.fastas[file]);
    for (FastaPiece piece; reader.Next(&piece);) {
      if (piece.begins_record) BeginRecord(files, file, reader, &genome);
      const Index size = static_cast<Index>(piece.codes.size());
      genome.records.back().length += size;
      genome.bases += size;
      genome.n_bases += std::count(piece.codes.begin(), piece.codes.end(), kBaseN);
      genome.records.back().gc_count.Add(piece.codes);
      progress.Tell((static_cast<double>(file) + reader.share_read()) /
                        static_cast<double>(files.fastas.size()),
                    [&] { return fmt::format("{} bases looked at", genome.bases); });
    }
  }
  return genome;
}

void ForEachPiece(const GenomeFiles& files, const Genome& genome,
                  const std::function<void(Index, std::span<const std::uint8_t>)>& take,
                  const std::function<void()>& end_record,
                  const std::function<void(std::size_t)>& begin_file) {
  Index position = 0;
  WorkProgress progress("prepare");
  for (std::size_t file = 0; file < files.fastas.size(); ++file) {
    const std::string& fasta = files.fastas[file];
    FastaReader reader(fasta);
    bool begins_file = true;
    for (FastaPiece piece; reader.Next(&piece);) {
      if (piece.begins_record && position > 0) end_record();
      if (std::exchange(begins_file, false)) begin_file(file);
      const Index size = static_cast<Index>(piece.codes.size());
      if (position + size > genome.bases) {
        throw BadData("{}: changed while it was read; run prepare again", fasta);
      }
      take(position, piece.codes);
      position += size;
      progress.Tell(static_cast<double>(position) / static_cast<double>(genome.bases),
                    [&] { return fmt::format("{} of {} bases", position, genome.bases); });
    }
  }
  end_record();
  if (position == genome.bases) return;
  throw BadData("{}: changed while it was read; run prepare again", fmt::join(files.fastas, ", "));
}

}  // namespace lockstep
