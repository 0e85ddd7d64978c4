#include "data/text/piece_model.h"

#include <sentencepiece_processor.h>
#include <sentencepiece_trainer.h>

#include <unordered_map>

#include "base/durable_file.h"
#include "base/error.h"

namespace lockstep {
namespace {

namespace sp = sentencepiece;

class Transcripts : public sp::SentenceIterator {
 public:
  explicit Transcripts(const std::function<bool(std::string*)>& next) : next_(next) { Next(); }
  bool done() const override { return done_; }
  void Next() override { done_ = !next_(&text_); }
  const std::string& value() const override { return text_; }
  sp::util::Status status() const override { return {}; }

 private:
  const std::function<bool(std::string*)>& next_;
  std::string text_;
  bool done_ = false;
};

// The library must not normalise the text, and must cover all characters, so that the units are
// those of the transcripts. The number of threads is fixed, because the result depends on it.
std::unordered_map<std::string, std::string> TrainerArguments(Index pieces) {
  return {{"vocab_size", std::to_string(pieces)},
          {"model_type", "unigram"},
          {"character_coverage", "1.0"},
          {"normalization_rule_name", "identity"},
          {"unk_id", "0"},
          {"bos_id", "-1"},
          {"eos_id", "-1"},
          {"pad_id", "-1"},
          {"num_threads", "4"},
          {"input_sentence_size", "2000000"},
          {"max_sentence_length", "1048576"},  // bytes; longer texts are not learned from
          {"shuffle_input_sentence", "true"},
          {"minloglevel", "2"}};
}

}  // namespace

struct PieceModel::Library {
  sp::SentencePieceProcessor processor;
};

PieceModel::PieceModel(std::string bytes, const std::string& name)
    : bytes_(std::move(bytes)), library_(std::make_unique<Library>()) {
  sp::SentencePieceProcessor& processor = library_->processor;
  if (const auto status = processor.LoadFromSerializedProto(bytes_); !status.ok()) {
    throw BadData("{}: is no SentencePiece model: {}", name, status.error_message());
  }
  class_of_id_.resize(static_cast<std::size_t>(processor.GetPieceSize()), 0);
  for (int id = 0; id < processor.GetPieceSize(); ++id) {
    if (processor.IsUnknown(id) || processor.IsControl(id) || processor.IsUnused(id)) continue;
    pieces_.push_back(processor.IdToPiece(id));
    class_of_id_[static_cast<std::size_t>(id)] = static_cast<std::int32_t>(pieces_.size());
  }
}

PieceModel::~PieceModel() = default;
PieceModel::PieceModel(PieceModel&&) noexcept = default;

PieceModel PieceModel::FromFile(const std::string& path) {
  return PieceModel(ReadTextFile(path), path);
}

PieceModel PieceModel::Train(const std::function<bool(std::string* text)>& next, Index pieces) {
  sp::SetRandomGeneratorSeed(1);
  Transcripts transcripts(next);
  std::string bytes;
  const auto status =
      sp::SentencePieceTrainer::Train(TrainerArguments(pieces), &transcripts, &bytes);
  if (!status.ok()) {
    throw UsageError("cannot make {} SentencePiece units of the texts: {}", pieces,
                     status.error_message());
  }
  return PieceModel(std::move(bytes), "the trained model");
}

std::vector<std::int32_t> PieceModel::Encode(const std::string& text) const {
  std::vector<int> ids;
  if (const auto status = library_->processor.Encode(text, &ids); !status.ok()) {
    throw BadData("SentencePiece cannot encode the transcript: {}", status.error_message());
  }
  std::vector<std::int32_t> labels;
  for (const int id : ids) {
    labels.push_back(class_of_id_[static_cast<std::size_t>(id)]);
    if (labels.back() != 0) continue;
    std::vector<std::string> parts;
    (void)library_->processor.Encode(text, &parts);
    throw BadData("the transcript has a part that is in no piece: \"{}\"",
                  parts[labels.size() - 1]);
  }
  return labels;
}

std::vector<std::string> PieceModel::Split(const std::string& text) const {
  std::vector<std::string> parts;
  if (const auto status = library_->processor.Encode(text, &parts); !status.ok()) {
    throw BadData("SentencePiece cannot cut the text into pieces: {}", status.error_message());
  }
  return parts;
}

}  // namespace lockstep
