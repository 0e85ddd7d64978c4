#include "data/translation/references.h"

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "base/durable_file.h"
#include "base/error.h"
#include "base/json_text.h"
#include "base/line_reader.h"
#include "base/own_file.h"
#include "data/corpus/source_file.h"

namespace lockstep {
namespace {

constexpr const char* kRemedy = "restore it or prepare the corpus again";

std::string NameOf(const std::string& split) { return split + "-references.txt"; }

// Calls use(line) for each line. Checks the hash before the first and the number after the last.
template <typename Use>
void ForEachReference(const std::string& folder, const CorpusInfo& corpus, const std::string& split,
                      const Use& use) {
  const std::string path = ReferencesPath(folder, split);
  const auto provenance = ParseJsonOrDiscard(corpus.provenance);
  const auto place = nlohmann::json::json_pointer("/references/" + split);
  if (!provenance.is_object() || !provenance.contains(place)) {
    throw BadData("{}: the corpus knows no references of the split \"{}\"; prepare it again",
                  folder, split);
  }
  if (DescribeSource(path) != provenance[place])
    throw BadData("{}: is not the file that the corpus was made with; {}", path, kRemedy);
  Index lines = 0;
  LineReader reader(path);
  for (std::string_view line; reader.Next(&line); ++lines) use(line);
  if (lines == corpus.Split(split).sequences) return;
  throw BadData("{}: has {} lines, the split has {} pairs; {}", path, lines,
                corpus.Split(split).sequences, kRemedy);
}

}  // namespace

struct ReferenceWriter::File {
  std::string path;
  std::string temporary;
  std::ofstream stream;
};

ReferenceWriter::ReferenceWriter(const std::string& folder, DataSplit split)
    : file_(std::make_unique<File>()) {
  file_->path = ReferencesPath(folder, DataSplitName(split));
  RemoveDurably(file_->path);
  file_->temporary = CreateTemporary(file_->path);
  file_->stream.open(file_->temporary, std::ios::binary | std::ios::trunc);
}

ReferenceWriter::~ReferenceWriter() {
  std::error_code ignored;
  if (!file_->temporary.empty()) std::filesystem::remove(file_->temporary, ignored);
}

void ReferenceWriter::Add(const std::string& line) { file_->stream << line << '\n'; }

nlohmann::json ReferenceWriter::Finish() {
  file_->stream.close();
  if (!file_->stream) {
    throw IoError(
        fmt::format("{}: the references could not be written; is the disk full?", file_->path));
  }
  PublishFile(file_->temporary, file_->path);
  file_->temporary.clear();
  return DescribeSource(file_->path);
}

std::string ReferencesPath(const std::string& folder, const std::string& split) {
  return folder + "/" + NameOf(split);
}

void CheckReferences(const std::string& folder, const CorpusInfo& corpus,
                     const std::string& split) {
  ForEachReference(folder, corpus, split, [](std::string_view /*line*/) {});
}

std::vector<std::string> ReadReferences(const std::string& folder, const CorpusInfo& corpus,
                                        const std::string& split) {
  std::vector<std::string> lines;
  ForEachReference(folder, corpus, split, [&](std::string_view line) { lines.emplace_back(line); });
  return lines;
}

}  // namespace lockstep
