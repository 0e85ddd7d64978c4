#include "launch/tasks/protein/predict_protein.h"

#include <algorithm>
#include <deque>
#include <iostream>
#include <unordered_set>

#include "base/error.h"
#include "base/log.h"
#include "base/work_progress.h"
#include "data/protein/amino_acids.h"
#include "data/protein/coding_translation.h"
#include "data/protein/letter_fasta.h"
#include "launch/run/chunk_bytes.h"
#include "launch/run/chunk_scorers.h"
#include "launch/run/ensemble.h"
#include "launch/run/ordered_work.h"
#include "launch/run/scoring_slots.h"
#include "launch/tasks/protein/coding_options.h"
#include "launch/tasks/protein/state_writer.h"
#include "worker/comm/together.h"
#include "worker/losses/probabilities.h"

namespace lockstep {
namespace {

// Proteins of a chunk: a slot of similar lengths, or fewer long ones.
constexpr Index kProteinsOfChunk = kSequencesOfASlot, kResiduesOfChunk = 1 << 14;

using Protein = std::vector<std::uint8_t>;

bool IsBase(char letter) {
  return std::string_view("ACGTNacgtn").find(letter) != std::string_view::npos;
}

// Rank 0: reads proteins chunk by chunk, and knows the names of those that are under way.
class ProteinFile {
 public:
  ProteinFile(const std::string& path, std::optional<int> code) : fasta_(path) {
    if (code) code_ = GeneticCode::FromNumber(*code);
  }

  // The proteins of the next chunk as bytes; nothing at the end.
  std::optional<std::string> Next() {
    std::string bytes;
    Index proteins = 0;
    LetterRecord record;
    for (Index residues = 0;
         proteins < kProteinsOfChunk && residues < kResiduesOfChunk && fasta_.Next(&record);
         ++proteins) {
      const Protein protein = Read(record);
      residues += std::ssize(protein);
      PutList(protein, &bytes);
      pending_.push_back({record.name, protein});
    }
    if (proteins == 0) return std::nullopt;
    return bytes;
  }

  // The name and the residues of the next protein whose states are known; empty states.
  PredictedStates TakePending() {
    PredictedStates found;
    found.name = std::move(pending_.front().first);
    for (const std::uint8_t code : pending_.front().second) found.residues += kAminoAcids[code];
    pending_.pop_front();
    return found;
  }

  double share_read() const { return fasta_.share_read(); }
  Index proteins() const { return std::ssize(names_); }
  Index residues() const { return residues_; }
  Index unknown() const { return unknown_; }
  // Proteins of A, C, G, T and N alone, which are hardly any.
  bool looks_like_dna() const { return residues_ > 0 && bases_ == residues_; }

 private:
  Protein Read(const LetterRecord& record) {
    const std::string place = fasta_.Place(record);
    if (!names_.insert(record.name).second)
      throw BadData("{} is there twice; names must differ", place);
    const Protein protein = ResidueCodes(
        place, code_ ? TranslateCoding(place, record.letters, *code_) : record.letters);
    residues_ += std::ssize(protein);
    if (!code_) bases_ += std::ranges::count_if(record.letters, IsBase);
    unknown_ += std::ranges::count(protein, kUnknownResidue);
    return protein;
  }

  LetterFasta fasta_;
  std::optional<GeneticCode> code_;
  std::unordered_set<std::string> names_;
  std::deque<std::pair<std::string, Protein>> pending_;
  Index residues_ = 0;
  Index unknown_ = 0;
  Index bases_ = 0;  // letters that DNA has, too
};

// Scores [classes] become probabilities.
void MakeProbabilities(std::span<float> scores) {
  std::vector<double> probabilities(scores.size());
  AddSoftmax(scores, probabilities);
  std::ranges::transform(probabilities, scores.begin(),
                         [](double p) { return static_cast<float>(p); });
}

// Any thread: states and probabilities of the proteins of a chunk, in their order.
std::string Score(int member, const std::string& input, ChunkScorers* scorers) {
  std::vector<Protein> proteins;
  for (BytesReader in(input); !in.AtEnd();) proteins.push_back(in.TakeList<std::uint8_t>());
  const std::vector<SlotBatch> slots = PackSlots(proteins);
  std::string result;
  for (SequenceScores& scores : scorers->Score(member, slots, BoundsOfSlots(slots, true))) {
    std::vector<std::int32_t> states;
    for (Index row = 0; row < scores.rows; ++row) states.push_back(scores.LabelOf(row));
    const std::size_t width = scores.values.size() / static_cast<std::size_t>(scores.rows);
    for (std::size_t at = 0; at < scores.values.size(); at += width)
      MakeProbabilities(std::span(scores.values).subspan(at, width));
    PutList(states, &result);
    PutList(scores.values, &result);
  }
  return result;
}

void RequireProteinRun(const Options& options, const CorpusInfo& corpus) {
  const std::string run = options.Text("run");
  if (options.Has("logits"))
    throw UsageError("predict: --logits goes with --corpus, not with the proteins of --fasta");
  std::string letters;
  for (const std::string& symbol : corpus.symbols()) letters += symbol;
  if (letters == kAminoAcids && corpus.target().alignment == Alignment::kStep) return;
  throw BadData(
      "{}: its symbols are {}, but those of proteins are {}; restore corpus.json of the "
      "run",
      run, letters, kAminoAcids);
}

// Rank 0.
void Tell(const ProteinFile& file, const TrainedModel& trained) {
  LogInfo("{} residues of {} proteins predicted with {}", file.residues(), file.proteins(),
          Describe(trained));
  if (file.looks_like_dna()) {
    LogWarning(
        "all letters are A, C, G, T or N, which were read as amino acids: is it DNA? --dna "
        "translates it first");
  }
  if (file.unknown() == 0) return;
  LogWarning("{} residues are no known amino acid and are read as X", file.unknown());
}

}  // namespace

std::span<const OptionRow> PredictProteinRows() {
  static const std::vector<OptionRow> kRows = [] {
    std::vector<OptionRow> rows = {
        {"fasta FILE",
         "FASTA file of proteins, plain or gzip, for runs of kind protein: --out gets a line of "
         "states per protein"},
        {"probabilities FILE",
         "file to write the probability of each state of each residue to: a table, or JSON lines "
         "if "
         "its name ends in .jsonl"},
        EnsembleRow()};
    const std::span<const OptionRow> coding = CodingRows();
    rows.insert(rows.end(), coding.begin(), coding.end());
    return rows;
  }();
  return kRows;
}

ExitCode PredictProtein(const Communicator& comm, const Options& options,
                        const CorpusInfo& corpus) {
  std::optional<ProteinFile> file;
  std::optional<StateWriter> writer;
  int threads = 1;
  Together(comm, [&] {
    RequireProteinRun(options, corpus);
    threads = static_cast<int>(options.Number("threads", 1, 1));
    const std::optional<int> code = CodingOf(options);
    if (comm.rank() != 0) return;
    file.emplace(options.Text("fasta"), code);
    writer.emplace(options.Maybe("out"), options.Maybe("probabilities"), corpus.classes());
  });
  const auto trained = LoadEnsemble(comm, options, corpus);
  ChunkScorers scorers(*trained, threads);
  WorkProgress progress("predict");
  OrderedJob job;
  job.next = [&] { return file->Next(); };
  job.work = [&](int member, Index, const std::string& input) {
    return Score(member, input, &scorers);
  };
  job.use = [&](Index, const std::string& result) {
    for (BytesReader in(result); !in.AtEnd();) {
      PredictedStates found = file->TakePending();
      found.states = in.TakeList<std::int32_t>();
      found.probabilities = in.TakeList<float>();
      writer->Write(found);
    }
    progress.Tell(file->share_read(), [&] { return fmt::format("{} proteins", file->proteins()); });
  };
  WorkInOrder(comm, threads, job);
  Together(comm, [&] {
    if (writer) writer->Finish();
  });
  if (file) Tell(*file, *trained);
  return ExitCode::kDone;
}

}  // namespace lockstep
