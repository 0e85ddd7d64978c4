#include "launch/tasks/dna/gene_parts.h"

#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "base/own_file.h"
#include "data/corpus/shard_reader.h"
#include "data/dna/fasta.h"
#include "data/dna/gc_bins.h"
#include "data/stream/record_rows.h"
#include "launch/output/svg_text.h"
#include "launch/output/wide_picture.h"
#include "launch/run/label_parts.h"
#include "launch/tasks/dna/genome_annotation.h"
#include "launch/tasks/dna/genome_scores.h"
#include "launch/tasks/dna/label_genes.h"

namespace lockstep {
namespace {

constexpr Index kMostBases = 20000;
constexpr double kMostFlops = 1e11;  // some seconds

// Consecutive bases of a genome. The ids of bases are codes + kBaseIds * gc_bin (gc_bins.h).
struct Stretch {
  std::vector<std::int32_t> ids, labels;  // of equal length; kIgnoredTarget: label unknown
};

std::vector<std::int32_t> Values(const Field& field, std::size_t f, Index record,
                                 ShardReader* shard) {
  std::vector<std::int32_t> values;
  Widen(field.type, shard->Read(f, record), field.role == FieldRole::kTarget, values);
  return values;
}

// Whether the window goes on where the stretch ends, in bases before which the last window had
// `last` ones: with overlap, it begins with context, whose bases are the last ones of the stretch;
// without, only the last window of a record is shorter than others.
bool GoesOn(const CorpusInfo& corpus, const Stretch& window, Index last, const Stretch& stretch) {
  const Index shared = 2 * corpus.overlap;
  if (shared == 0) return last == corpus.window;
  return std::ssize(window.ids) > shared && std::ssize(stretch.ids) >= shared &&
         window.labels[0] == kIgnoredTarget &&
         std::equal(stretch.ids.end() - shared, stretch.ids.end(), window.ids.begin());
}

void Append(const Stretch& window, Index shared, Stretch* stretch) {
  const std::size_t from = stretch->ids.size() - static_cast<std::size_t>(shared);
  for (std::size_t i = 0; i < window.ids.size(); ++i) {
    if (from + i >= stretch->ids.size()) {
      stretch->ids.push_back(window.ids[i]);
      stretch->labels.push_back(window.labels[i]);
    } else if (stretch->labels[from + i] == kIgnoredTarget) {
      stretch->labels[from + i] = window.labels[i];
    }
  }
}

Stretch FirstStretch(const SplitTest& test, Index most) {
  const CorpusInfo& corpus = *test.corpus;
  Stretch stretch;
  Index last = 0;  // bases of the last window
  for (const ShardInfo& info : corpus.Split(test.split).shards) {
    ShardReader shard(test.folder, corpus, info);
    for (Index record = 0; record < shard.sequences(); ++record) {
      const Stretch window = {Values(corpus.leading(), 0, record, &shard),
                              Values(corpus.target(), corpus.target_index(), record, &shard)};
      const bool is_first = stretch.ids.empty();
      if (!is_first && (std::ssize(stretch.ids) >= most || !GoesOn(corpus, window, last, stretch)))
        return stretch;
      Append(window, is_first ? 0 : 2 * corpus.overlap, &stretch);
      last = std::ssize(window.ids);
    }
  }
  return stretch;
}

// The genes that predict finds in a FASTA file of these bases; the file is gone afterwards.
std::vector<Gene> FoundGenes(const Communicator& comm, const SplitTest& test,
                             const Stretch& stretch) {
  constexpr std::int32_t kIds = std::ssize(std::string_view(kDnaLetters));
  const std::string path =
      CreateTemporary((std::filesystem::temp_directory_path() / "stretch.fa").string());
  std::ofstream(path) << ">stretch\n"
                      <<
      [&] {
        std::string letters;
        for (const std::int32_t id : stretch.ids)
          letters += kDnaLetters[static_cast<std::size_t>(id % kIds)];
        return letters;
      }() << "\n";
  const auto bin = static_cast<std::uint8_t>(stretch.ids[0] / kIds);
  const WindowSize size = UsualWindow(*test.corpus);
  GenomeWindows windows(path, size.window, size.overlap, {bin});
  ::unlink(path.c_str());
  EvidenceFile evidence(path, *BaseLabelsOf(test.corpus->classes()));
  const GenomeScoreOptions scoring{test.corpus->schema, test.threads, true};
  ScoreGenome(comm, *test.trained, scoring, &windows,
              [&](const GenomeWindow& window, std::span<const float> scores) {
                AddCore(window, scores, &evidence);
              });
  std::vector<Gene> found;
  FindGenes(
      {}, evidence, [](const EvidenceRecord&) {},
      [&](const EvidenceRecord&, const std::vector<Gene>& genes) {
        std::ranges::copy_if(genes, std::back_inserter(found),
                             [](const Gene& gene) { return !gene.is_remnant; });
      });
  return found;
}

// Genes as arrows in the direction in which they are read, those of the + strand above the line of
// a row, those of the - strand below. A gene that is open has no point, or a straight tail.
class GeneTrack {
 public:
  explicit GeneTrack(Index bases) : bases_(bases) {}

  std::string Svg(const std::vector<Gene>& truth, const std::vector<Gene>& found) {
    Add("<svg class=\"track\" viewBox=\"0 0 {} {}\" role=\"img\" aria-label=\"genes\">", kWidth,
        kHeight);
    AddRow("true", 34, kSafeColours[2], truth);
    AddRow("model", 90, kSafeColours[0], found);
    AddAxis();
    return svg_ + "</svg>\n";
  }

 private:
  static constexpr double kWidth = 900, kHeight = 164, kLeft = 56, kRight = 26, kLane = 20;

  template <typename... Args>
  void Add(fmt::format_string<Args...> format, Args&&... args) {
    svg_ += fmt::format(format, std::forward<Args>(args)...);
    svg_ += '\n';
  }
  double X(Index base) const {
    return kLeft +
           (kWidth - kLeft - kRight) * static_cast<double>(base) / static_cast<double>(bases_);
  }

  void AddRow(const char* name, double y, const char* colour, const std::vector<Gene>& genes) {
    Add("<text x=\"{}\" y=\"{}\" text-anchor=\"end\">{}</text>", kLeft - 6, y + 5, name);
    Add("<path class=\"axis\" d=\"M{} {}H{}\"/>", kLeft, y, kWidth - kRight);
    for (const Gene& gene : genes) AddGene(gene, y, colour);
  }

  void AddGene(const Gene& gene, double y, const char* colour) {
    const double low = X(gene.begin), high = X(gene.end);
    const double point = gene.open_stop ? 0 : std::min(8.0, 0.5 * (high - low));
    const double top = gene.plus_strand ? y - kLane - 2 : y + 2, middle = top + kLane / 2;
    const double tail = gene.plus_strand ? low : high, head = gene.plus_strand ? high : low;
    const double neck = gene.plus_strand ? head - point : head + point;
    Add("<path fill=\"{}\" d=\"M{:.1f} {}L{:.1f} {}L{:.1f} {}L{:.1f} {}L{:.1f} {}Z\"><title>{} to "
        "{}, strand {}{}</title></path>",
        colour, tail, top, neck, top, head, middle, neck, top + kLane, tail, top + kLane,
        gene.begin + 1, gene.end, gene.plus_strand ? "+" : "-",
        gene.open_start || gene.open_stop ? ", cut off" : "");
  }

  void AddAxis() {
    const double step = std::max(1.0, TickStep(static_cast<double>(bases_), 8));
    for (double tick = 0; tick <= static_cast<double>(bases_); tick += step) {
      const double x = X(static_cast<Index>(tick));
      Add("<path class=\"axis\" d=\"M{:.1f} 122v4\"/>", x);
      Add("<text x=\"{:.1f}\" y=\"139\" text-anchor=\"middle\">{:.0f}</text>", x, tick);
    }
    Add("<text x=\"{}\" y=\"158\" text-anchor=\"middle\">bases</text>",
        (kLeft + kWidth - kRight) / 2);
  }

  Index bases_;
  std::string svg_;
};

// How many of the true genes are found: by their stop, and exactly.
std::string Comparison(const std::vector<Gene>& truth, const std::vector<Gene>& found) {
  Index stops = 0, exact = 0;
  for (const Gene& gene : truth) {
    const auto same_stop = [&](const Gene& other) {
      return other.plus_strand == gene.plus_strand && other.last_base() == gene.last_base();
    };
    const auto place = std::ranges::find_if(found, same_stop);
    if (place == found.end()) continue;
    ++stops;
    if (place->first_base() == gene.first_base()) ++exact;
  }
  return fmt::format(
      "The labels mean {} genes. Of them, the model finds {} with the same end, {} of these with "
      "the "
      "same start; it finds {} in all.",
      truth.size(), stops, exact, found.size());
}

ReportPart GenePart(const Communicator& comm, const SplitTest& test, const Stretch& stretch) {
  const std::vector<Gene> truth =
      GenesOfLabels(*BaseLabelsOf(test.corpus->classes()), stretch.labels);
  const std::vector<Gene> found = FoundGenes(comm, test, stretch);
  return {"Genes",
          fmt::format(
              "<p>The first {} bases of split {} that follow each other: genes by the labels "
              "above, those that <code>predict --fasta</code> finds below; on each line strand +, "
              "under it strand -. {}</p>\n{}",
              stretch.ids.size(), XmlText(test.split), Comparison(truth, found),
              WidePicture(GeneTrack(std::ssize(stretch.ids)).Svg(truth, found)))};
}

}  // namespace

ReportParts MakeGeneParts(const Communicator& comm, const SplitTest& test) {
  ReportParts parts = MakeLabelParts(comm, test);
  const CorpusInfo& corpus = *test.corpus;
  if (test.folder.empty() || !BaseLabelsOf(corpus.classes()) ||
      !GcBins::Of(corpus, test.folder + "/" + kCorpusIndexName)) {
    return parts;
  }
  const double each = test.trained->model->Flops(1, 1000, 0) / 1000;
  const Index most = std::min(kMostBases, static_cast<Index>(kMostFlops / std::max(each, 1.0)));
  const Stretch stretch = FirstStretch(test, most);
  if (!stretch.ids.empty()) parts.push_back(GenePart(comm, test, stretch));
  return parts;
}

}  // namespace lockstep
