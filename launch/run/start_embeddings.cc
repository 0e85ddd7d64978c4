#include "launch/run/start_embeddings.h"

#include <algorithm>
#include <string_view>
#include <unordered_map>

#include "base/log.h"
#include "base/utf8.h"
#include "data/text/text_rules.h"
#include "data/text/vocabulary.h"
#include "data/text/word_vectors.h"
#include "launch/run/corpus_fit.h"
#include "worker/comm/together.h"

namespace lockstep {
namespace {

bool IsUtf8(std::string_view text) {
  while (!text.empty()) {
    const std::size_t size = FirstCodePoint(text).size();
    if (size == 0) return false;
    text.remove_prefix(size);
  }
  return true;
}

// Puts vectors into the rows of their words.
class RowFiller {
 public:
  RowFiller(const std::vector<std::string>& words, Index width, std::span<float> rows)
      : width_(width), rows_(rows), how_(words.size(), How::kDrawn) {
    for (std::size_t id = 0; id < words.size(); ++id) {
      ids_.emplace(words[id], id);
      const std::string lower = ApplyRules({.lower_case = true}, words[id]);
      if (lower != words[id]) capitals_[lower].push_back(id);
    }
  }

  void Add(std::string_view word, std::span<const float> values) {
    const auto written = capitals_.find(word);
    if (written != capitals_.end()) {
      for (const std::size_t id : written->second) Fill(id, How::kCapitals, values);
    }
    if (ids_.contains(word)) return Fill(word, How::kSame, values);
    if (IsUtf8(word)) Fill(ApplyRules({.lower_case = true}, word), How::kLowerCase, values);
  }
  Index filled() const { return std::ssize(how_) - std::ranges::count(how_, How::kDrawn); }

 private:
  // The better ones last: the vector of the word in lower case, one whose word in lower case is
  // the word, and that of the word itself.
  enum class How { kDrawn, kCapitals, kLowerCase, kSame };
  template <typename Value>
  using ByWord = std::unordered_map<std::string, Value, StringHash, std::equal_to<>>;

  void Fill(std::string_view word, How how, std::span<const float> values) {
    const auto found = ids_.find(word);
    if (found != ids_.end()) Fill(found->second, how, values);
  }
  void Fill(std::size_t id, How how, std::span<const float> values) {
    if (how_[id] >= how) return;
    how_[id] = how;
    std::ranges::copy(values, rows_.begin() + static_cast<Index>(id) * width_);
  }

  Index width_;
  std::span<float> rows_;  // [words, width]
  ByWord<std::size_t> ids_;
  ByWord<std::vector<std::size_t>> capitals_;  // ids of words with capitals, by their lower case
  std::vector<How> how_;
};

// Reads the file into the rows of the embedding.
void FillRows(const std::string& path, const CorpusInfo& corpus, Index width,
              std::span<float> rows) {
  RowFiller filler(corpus.symbols(), width, rows);
  const WordVectorFile file = ReadWordVectors(
      path, width,
      [&](std::string_view word, std::span<const float> values) { filler.Add(word, values); });
  if (filler.filled() == 0) {
    throw BadData(
        "model.embeddings: none of the {} words of {} ({}) has an id in the corpus; is it of "
        "another language?",
        file.words, path, file.form);
  }
  LogInfo("model.embeddings: {} of {} words of the corpus have a vector of {} ({}, {} words)",
          filler.filled(), corpus.symbols().size(), path, file.form, file.words);
}

}  // namespace

std::unique_ptr<StartValues> ReadStartEmbeddings(const Communicator& comm, const std::string& path,
                                                 const TrainerOptions& options,
                                                 const CorpusInfo& corpus) {
  auto start = std::make_unique<StartValues>();
  start->path = path;
  const ParameterInfo* embedding = nullptr;
  Together(comm, [&] {
    const auto model = ModelFor(options, corpus);
    start->infos = model->layout().infos();
    start->schema = model->schema();
    start->values = AlignedBuffer<float>(model->layout().size());
    InitialiseParameters<float>(model->layout(), options.seed, start->values.span());
    const auto found = std::ranges::find(start->infos, "embedding.weight", &ParameterInfo::name);
    if (found == start->infos.end()) {
      throw UsageError(
          "model.embeddings is \"{}\", but the inputs of the corpus (kind \"{}\") are no ids of "
          "words: set model.embeddings = \"none\"",
          path, corpus.kind);
    }
    embedding = &*found;
  });
  const std::span<float> rows = start->values.span().subspan(
      static_cast<std::size_t>(embedding->offset), static_cast<std::size_t>(embedding->count()));
  Together(comm, [&] {
    if (comm.rank() == 0) FillRows(path, corpus, embedding->cols(), rows);
  });
  comm.BroadcastFloats(rows);
  return start;
}

}  // namespace lockstep
