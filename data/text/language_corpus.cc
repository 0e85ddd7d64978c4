#include "data/text/language_corpus.h"

#include <utf8proc.h>

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/work_progress.h"
#include "data/corpus/source_file.h"
#include "data/text/language_plan.h"

namespace lockstep {
namespace {

constexpr std::size_t kMostByteIds = 256;

const char* UnitOf(SymbolKind kind) {
  if (kind == SymbolKind::kBytes) return "bytes";
  return kind == SymbolKind::kCharacters ? "characters" : "tokens";
}

CorpusInfo HeaderOf(const SymbolEncoder& encoder) {
  CorpusInfo info;
  info.kind = "language";
  info.schema.vocabularies = {encoder.vocabulary()};
  const bool bytes = encoder.vocabulary().names.size() <= kMostByteIds;
  info.schema.fields = {{.name = "inputs",
                         .type = bytes ? ElementType::kUint8 : ElementType::kInt32,
                         .alignment = Alignment::kStep,
                         .role = FieldRole::kInput,
                         .vocabulary = 0}};
  info.schema.unit = UnitOf(encoder.splitter().options().kind);
  info.schema.predicts_next = true;
  info.task = encoder.TaskJson();
  return info;
}

// Writes the symbols of a split in blocks.
class BlockWriter {
 public:
  BlockWriter(ElementType type, Index block_symbols, ShardWriter* writer)
      : type_(type), block_symbols_(block_symbols), writer_(*writer) {}

  void Add(std::span<const std::int32_t> ids) {
    ids_.insert(ids_.end(), ids.begin(), ids.end());
    std::size_t done = 0;
    const auto block = static_cast<std::size_t>(block_symbols_);
    for (; ids_.size() - done >= block; done += block) Write(std::span(ids_).subspan(done, block));
    ids_.erase(ids_.begin(), ids_.begin() + static_cast<std::ptrdiff_t>(done));
  }
  void Finish() {
    if (!ids_.empty()) Write(ids_);
    ids_.clear();
  }

 private:
  void Write(std::span<const std::int32_t> ids) {
    const auto wide = std::as_bytes(ids);
    bytes_.assign(wide.begin(), wide.end());
    if (type_ == ElementType::kUint8) {
      bytes_.clear();
      for (const std::int32_t id : ids) bytes_.push_back(static_cast<std::byte>(id));
    }
    writer_.Add({{bytes_}, static_cast<Index>(ids.size())});
  }

  ElementType type_;
  Index block_symbols_;
  ShardWriter& writer_;
  std::vector<std::int32_t> ids_;  // of the block being gathered
  std::vector<std::byte> bytes_;
};

// Adds the text of a file to a split.
void AddFile(const std::string& path, const LanguageOptions& options, const SymbolEncoder& encoder,
             BlockWriter* blocks, TextCounts* counts) {
  TextPieces pieces(path, encoder.splitter().cut(), options.encoding);
  TextCounter counter;
  WorkProgress progress("prepare");
  std::vector<std::int32_t> ids;
  for (TextPieces::Piece piece; pieces.Next(&piece);) {
    ids.clear();
    encoder.Append(piece, &ids);
    blocks->Add(ids);
    counter.Add(piece, counts);
    counts->symbols += std::ssize(ids);
    if (encoder.unknown() >= 0) counts->unknown += std::ranges::count(ids, encoder.unknown());
    progress.Tell(pieces.share_read(),
                  [&] { return fmt::format("{}: line {}", path, pieces.line_number()); });
  }
}

TextCounts WriteSplit(DataSplit split, const LanguageOptions& options, const SymbolEncoder& encoder,
                      const CorpusInfo& header, CorpusWriter* writer) {
  const auto& files = options.files[static_cast<std::size_t>(split)];
  BlockWriter blocks(header.leading().type, options.block_symbols,
                     &writer->Writer(DataSplitName(split)));
  TextCounts counts;
  for (const std::string& path : files) AddFile(path, options, encoder, &blocks, &counts);
  blocks.Finish();
  if (files.empty() || counts.symbols > 0) return counts;
  throw BadData("{}: the text of the split \"{}\" is empty; is this the file that was meant?",
                files.front(), DataSplitName(split));
}

nlohmann::json Provenance(const LanguageOptions& options, const LanguageSummary& summary) {
  const auto base_name = [](const std::string& path) {
    return std::filesystem::path(path).filename().string();
  };
  nlohmann::json provenance = {{"importer", "language"},
                               {"options",
                                {{"encoding", options.encoding},
                                 {"tokens", SymbolKindName(options.symbols.kind)},
                                 {"line_end", LineEndName(options.symbols.line_end)},
                                 {"pieces", options.pieces},
                                 {"piece_model", base_name(options.piece_model)},
                                 {"min_count", options.vocabulary.min_count},
                                 {"max_vocabulary", options.vocabulary.max_size},
                                 {"vocabulary", base_name(options.vocabulary_file)}}},
                               {"unicode", utf8proc_unicode_version()},
                               {"different_tokens", summary.different_tokens}};
  for (int s = 0; s < kDataSplits; ++s) {
    const auto split = static_cast<DataSplit>(s);
    const auto& files = options.files[static_cast<std::size_t>(s)];
    if (!files.empty())
      provenance["splits"][DataSplitName(split)] =
          ToJson(summary.splits[static_cast<std::size_t>(s)]);
    for (const std::string& path : files) {
      nlohmann::json source = DescribeSource(path);
      source["split"] = DataSplitName(split);
      provenance["sources"].push_back(source);
    }
  }
  return provenance;
}

}  // namespace

LanguageSummary PrepareLanguage(const LanguageOptions& options) {
  CheckLanguageOptions(options);
  RefuseExistingCorpus(options.out);
  const LanguagePlan plan = PlanLanguage(options);
  const CorpusInfo header = HeaderOf(plan.encoder);
  LanguageSummary summary;
  summary.symbols = std::ssize(plan.encoder.vocabulary().names);
  summary.different_tokens = plan.different_tokens;
  CorpusWriter writer(options.out, header, {"train", "valid", "test"}, options.shard_bytes);
  for (int s = 0; s < kDataSplits; ++s) {
    summary.splits[static_cast<std::size_t>(s)] =
        WriteSplit(static_cast<DataSplit>(s), options, plan.encoder, header, &writer);
  }
  summary.info = writer.Finish(ProvenanceText(Provenance(options, summary)));
  return summary;
}

}  // namespace lockstep
