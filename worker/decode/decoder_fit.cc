#include "worker/decode/decoder_fit.h"

#include <algorithm>

#include "base/error.h"
#include "worker/decode/label_speller.h"

namespace lockstep {
namespace {

// Counts what of a list does not fit.
struct Share {
  Index all = 0;
  Index misfits = 0;
  std::string example;

  void Add(bool fits, const std::string& name) {
    ++all;
    if (!fits && misfits++ == 0) example = name;
  }
  bool nothing_fits() const { return all > 0 && misfits == all; }
  double percent() const { return 100.0 * static_cast<double>(misfits) / static_cast<double>(all); }
};

class FileCheck {
 public:
  FileCheck(const DecoderLabels& labels, const DecoderFiles& files)
      : labels_(labels), files_(files) {}

  std::vector<std::string> Run() {
    if (files_.words != nullptr) CheckWordList();
    if (files_.language == nullptr) return std::move(warnings_);
    if (labels_.kind() != LabelKind::kLetters) {
      CheckLabels();
    } else if (files_.words != nullptr) {
      CheckWordsAgainstModel();
    } else {
      CheckModelWords();
    }
    return std::move(warnings_);
  }

 private:
  template <typename... Args>
  void Warn(fmt::format_string<Args...> format, Args&&... args) {
    warnings_.push_back(fmt::format(format, std::forward<Args>(args)...));
  }

  void CheckWordList() {
    const WordList::LeftOut& left_out = files_.words->left_out();
    if (left_out.words == 0) return;
    Warn(
        "{}: {} of {} words ({:.1f} %) are left out, because the model's labels cannot spell them; "
        "the first is on {}",
        files_.words_path, left_out.words, left_out.lines,
        100.0 * static_cast<double>(left_out.words) / static_cast<double>(left_out.lines),
        left_out.example);
  }

  // The language model reads labels: what it does not know is improbable wherever it was heard.
  void CheckLabels() {
    Share share;
    for (Index c = 1; c < labels_.classes(); ++c) {
      share.Add(files_.language->Knows(labels_.name(c)), labels_.name(c));
    }
    if (share.nothing_fits()) {
      throw BadData(
          "{}: the language model knows none of the {} labels, for example \"{}\"; it must be made "
          "from text in the model's labels{}",
          files_.language_path, share.all, share.example,
          labels_.kind() == LabelKind::kPieces ? " (pieces with blanks between them)" : "");
    }
    if (share.misfits == 0) return;
    Warn("{}: the language model does not know {} of {} labels ({:.1f} %), for example \"{}\"",
         files_.language_path, share.misfits, share.all, share.percent(), share.example);
  }

  void CheckWordsAgainstModel() {
    Share share;
    for (Index i = 0; i < files_.words->words(); ++i) {
      const std::string& word = files_.words->word(i);
      share.Add(files_.language->Knows(word), word);
    }
    if (share.nothing_fits()) {
      throw BadData(
          "{} and {} do not fit: the language model knows none of the {} words of the list, for "
          "example \"{}\"; take files of the same language and case",
          files_.words_path, files_.language_path, share.all, share.example);
    }
    if (share.misfits == 0) return;
    Warn(
        "{}: the language model {} does not know {} of {} words ({:.1f} %), for example \"{}\"; it "
        "scores them as unknown",
        files_.words_path, files_.language_path, share.misfits, share.all, share.percent(),
        share.example);
  }

  void CheckModelWords() {
    const LabelSpeller speller(labels_.names());
    Share share;
    bool has_word_of_two = false;
    for (const std::string& word : files_.language->Words()) {
      const Spelling spelling = speller.ByCharacters(word);
      share.Add(spelling.problem.empty(), fmt::format("\"{}\": {}", word, spelling.problem));
      has_word_of_two = has_word_of_two || spelling.labels.size() > 1;
    }
    if (share.nothing_fits()) {
      throw BadData(
          "{}: the model's labels can spell none of the {} words of the language model, for "
          "example {}; make it from text in the letters and case of the corpus",
          files_.language_path, share.all, share.example);
    }
    if (share.misfits > 0) {
      Warn(
          "{}: the model's labels cannot spell {} of {} words of the language model ({:.1f} %), "
          "for example {}",
          files_.language_path, share.misfits, share.all, share.percent(), share.example);
    }
    if (!has_word_of_two) {
      Warn(
          "{}: every word of the language model is one letter long; the decoder scores whole words "
          "with it: make it from text with blanks between words, not between letters",
          files_.language_path);
    }
  }

  const DecoderLabels& labels_;
  const DecoderFiles& files_;
  std::vector<std::string> warnings_;
};

}  // namespace

std::vector<std::string> CheckDecoderFiles(const DecoderLabels& labels, const DecoderFiles& files) {
  return FileCheck(labels, files).Run();
}

}  // namespace lockstep
