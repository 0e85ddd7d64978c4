#include "data/tagging/surveyed_sentences.h"

#include "base/error.h"

namespace lockstep {

bool SurveyedSentences::OpenNext() {
  if (opened_ == options_.files.size()) return false;
  file_ = opened_++;
  sentences_ = OpenTaggedSentences(options_.files[file_].path, options_.format);
  is_first_ = true;
  return true;
}

void SurveyedSentences::SetSplit(const TaggedSentence& sentence) {
  const bool begins = is_first_ || sentence.begins_document || !survey_.has_documents[file_];
  split_ = begins || options_.files[file_].split != DataSplit::kTrain ? options_.files[file_].split
                                                                      : split_;
  const bool is_drawn = options_.draw.draws() && options_.files[file_].split == DataSplit::kTrain;
  is_first_ = false;
  if (!is_drawn || !begins) return;
  if (units_ >= survey_.drawn.size()) {
    throw BadData("{}: the file has changed while it was read; run prepare again",
                  options_.files[file_].path);
  }
  split_ = survey_.drawn[units_++];
}

bool SurveyedSentences::Next(TaggedSentence* sentence) {
  while (sentences_ == nullptr || !sentences_->Next(sentence)) {
    if (!OpenNext()) return false;
  }
  if (!sentence->problems.empty()) throw BadData("{}", sentence->problems.front());
  SetSplit(*sentence);
  if (survey_.write_as == TagScheme::kPlain) return true;
  for (const std::string& tag : sentence->tags) {
    if (!ParseWrittenTag(tag)) {
      throw BadData("{}: the file has changed while it was read; run prepare again",
                    options_.files[file_].path);
    }
  }
  sentence->tags = ConvertTags(sentence->tags, survey_.write_as);
  return true;
}

double SurveyedSentences::share_read() const {
  const double before = static_cast<double>(file_);
  const double within = sentences_ == nullptr ? 0 : sentences_->share_read();
  return (before + within) / static_cast<double>(options_.files.size());
}

std::vector<std::string> ConvertTags(std::span<const std::string> tags, TagScheme scheme) {
  std::vector<std::string> converted(tags.size(), "O");
  const auto at = [&](std::size_t i) {
    return i < tags.size() ? ParseWrittenTag(tags[i]).value_or(SpanTag{}) : SpanTag{};
  };
  for (std::size_t i = 0; i < tags.size(); ++i) {
    const SpanTag tag = at(i);
    if (tag.letter == 'O') continue;
    const bool is_first = BeginsSpan(i == 0 ? SpanTag{} : at(i - 1), tag);
    const char letter = SpanLetter(scheme, is_first, EndsSpan(tag, at(i + 1)));
    converted[i] =
        tag.type.empty() ? std::string(1, letter) : fmt::format("{}-{}", letter, tag.type);
  }
  return converted;
}

}  // namespace lockstep
