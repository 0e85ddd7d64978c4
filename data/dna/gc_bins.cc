#include "data/dna/gc_bins.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <numeric>

#include "base/error.h"
#include "base/json_node.h"
#include "base/json_text.h"
#include "base/work_progress.h"
#include "data/dna/fasta.h"

namespace lockstep {
namespace {

constexpr Index kLetters = kBaseN + 1;
constexpr Index kLowestPercent = 25;  // where the first bin would begin, and the last one end
constexpr Index kHighestPercent = 75;

// The bin nearest to `bin` that is common, the lower one of two; itself if none is.
std::uint8_t NearestCommon(const std::vector<bool>& common, std::size_t bin) {
  for (std::size_t away = 0; away < common.size(); ++away) {
    if (away <= bin && common[bin - away]) return static_cast<std::uint8_t>(bin - away);
    if (bin + away < common.size() && common[bin + away])
      return static_cast<std::uint8_t>(bin + away);
  }
  return static_cast<std::uint8_t>(bin);
}

std::vector<std::uint8_t> BinsFrom(const JsonNode& node) {
  const std::vector<JsonNode> items = node.Items();
  const Index size = static_cast<Index>(items.size());
  if (size < 2 || size > GcBins::kMost)
    node.Fail(fmt::format("has {} entries, allowed are 2 to {}", size, GcBins::kMost));
  std::vector<std::uint8_t> bins;
  for (const JsonNode& item : items)
    bins.push_back(static_cast<std::uint8_t>(item.Integer(0, size - 1)));
  return bins;
}

// Later programs may allow other borders; with these, bins would mean something else.
void RequirePercent(const JsonNode& node) {
  const std::vector<JsonNode> items = node.Items();
  if (items.size() != 2) node.Fail(fmt::format("has {} entries, allowed are 2", items.size()));
  items[0].Integer(kLowestPercent, kLowestPercent);
  items[1].Integer(kHighestPercent, kHighestPercent);
}

}  // namespace

void GcCount::Add(std::span<const std::uint8_t> codes) {
  const Index c = std::count(codes.begin(), codes.end(), 1);
  const Index g = std::count(codes.begin(), codes.end(), 2);
  gc += c + g;
  bases += static_cast<Index>(codes.size()) - std::count(codes.begin(), codes.end(), kBaseN);
}

GcBins::GcBins(Index count) {
  if (count != 0 && (count < 2 || count > kMost))
    throw UsageError("--gc-bins is {}; allowed are 0 (off) and 2 to {}", count, kMost);
  bin_of_.resize(static_cast<std::size_t>(count));
  std::iota(bin_of_.begin(), bin_of_.end(), std::uint8_t{0});
}

// In whole numbers, so that a share on a border has the same bin everywhere:
// (gc / bases - 1/4) * 2 * count = (4 * gc - bases) * count / (2 * bases).
std::uint8_t GcBins::BinOf(const GcCount& record) const {
  const Index size = static_cast<Index>(count());
  if (size == 0) return 0;
  Index range = size / 2;
  if (record.bases > 0) {
    const Index above = std::max(Index{0}, 4 * record.gc - record.bases);
    range = std::min(size - 1, above * size / (2 * record.bases));
  }
  return bin_of_[static_cast<std::size_t>(range)];
}

std::string GcBins::NameOf(std::size_t bin) const {
  const auto border = [&](std::size_t below) {
    const double width = static_cast<double>(kHighestPercent - kLowestPercent);
    return fmt::format("{:.4g}",
                       static_cast<double>(kLowestPercent) +
                           width * static_cast<double>(below) / static_cast<double>(count()));
  };
  if (bin == 0) return "gc<" + border(1);
  if (bin + 1 == count()) return "gc>=" + border(bin);
  return fmt::format("gc{}-{}", border(bin), border(bin + 1));
}

Vocabulary GcBins::Symbols() const {
  Vocabulary symbols{"symbols", {}, {}, -1};
  for (std::size_t bin = 0; bin < std::max(std::size_t{1}, count()); ++bin) {
    const Index first = kLetters * static_cast<Index>(bin);
    for (std::uint8_t code = 0; code < kLetters; ++code) {
      const std::string letter(1, kDnaLetters[code]);
      symbols.names.push_back(count() == 0 ? letter : letter + "/" + NameOf(bin));
      symbols.complement.push_back(static_cast<int>(first + ComplementOf(code)));
    }
  }
  return symbols;
}

void GcBins::JoinRare(const std::vector<Index>& training_bases) {
  LOCKSTEP_CHECK_EQ(training_bases.size(), count());
  const Index all = std::accumulate(training_bases.begin(), training_bases.end(), Index{0});
  std::vector<bool> common;
  for (const Index bases : training_bases) common.push_back(bases * 100 >= all);
  for (std::size_t bin = 0; bin < count(); ++bin) bin_of_[bin] = NearestCommon(common, bin);
}

std::string GcBins::TaskJson() const {
  if (count() == 0) return "";
  return JsonText(nlohmann::json{
      {"task", "label"}, {"gc_bins", bin_of_}, {"gc_percent", {kLowestPercent, kHighestPercent}}});
}

std::optional<GcBins> GcBins::Of(const CorpusInfo& corpus, const std::string& file) {
  if (corpus.leading().is_real()) return std::nullopt;
  const Vocabulary& symbols = corpus.schema.VocabularyOf(corpus.leading());
  const nlohmann::json task = ParseJsonOrDiscard(corpus.task);
  const JsonNode node(task, file, "task");
  GcBins bins;
  if (!node.Has("gc_bins"))
    return symbols.names == bins.Symbols().names ? std::optional(bins) : std::nullopt;
  bins.bin_of_ = BinsFrom(node.At("gc_bins"));
  RequirePercent(node.At("gc_percent"));
  if (symbols != bins.Symbols()) {
    node.At("gc_bins").Fail(
        fmt::format("has {} entries, but the {} symbols are not those of {} bins", bins.count(),
                    symbols.names.size(), bins.count()));
  }
  return bins;
}

std::vector<std::uint8_t> IdsOf(std::span<const std::uint8_t> codes, std::uint8_t bin) {
  std::vector<std::uint8_t> ids(codes.begin(), codes.end());
  for (std::uint8_t& id : ids) id = static_cast<std::uint8_t>(id + kLetters * bin);
  return ids;
}

std::vector<std::uint8_t> BinsOfRecords(const std::string& fasta, const GcBins& bins) {
  std::vector<std::uint8_t> found;
  if (bins.count() == 0) return found;
  FastaReader reader(fasta);
  RecordNames names;
  GcCount record;
  Index bases = 0;
  WorkProgress progress("predict");
  for (FastaPiece piece; reader.Next(&piece);) {
    if (piece.begins_record) {
      names.Add(fasta, reader);
      found.push_back(0);
      record = {};
    }
    record.Add(piece.codes);
    found.back() = bins.BinOf(record);
    bases += static_cast<Index>(piece.codes.size());
    progress.Tell(reader.share_read(), [&] { return fmt::format("{} bases looked at", bases); });
  }
  return found;
}

}  // namespace lockstep
