#include "worker/decode/label_speller.h"

#include <algorithm>

#include "base/error.h"
#include "worker/decode/decoder_labels.h"

namespace lockstep {

LabelSpeller::LabelSpeller(std::span<const std::string> labels)
    : separator_(FindSeparator(labels)) {
  for (std::size_t c = 1; c < labels.size(); ++c) {
    labels_.emplace(labels[c], static_cast<Index>(c));
    longest_label_ = std::max(longest_label_, labels[c].size());
    has_marks_ = has_marks_ || labels[c].starts_with(kPieceMark);
  }
}

Spelling LabelSpeller::ByCharacters(std::string_view word) const {
  std::string text(word);
  if (has_marks_ && !text.starts_with(kPieceMark)) text.insert(0, kPieceMark);
  return Greedy(text);
}

Spelling LabelSpeller::Greedy(const std::string& text) const {
  Spelling spelling;
  for (std::size_t begin = 0; begin < text.size();) {
    std::size_t bytes = std::min(longest_label_, text.size() - begin);
    auto found = labels_.find(text.substr(begin, bytes));
    while (found == labels_.end() && bytes > 1) found = labels_.find(text.substr(begin, --bytes));
    if (found == labels_.end()) {
      spelling.problem = fmt::format("no label of the model fits \"{}\"", text.substr(begin));
      return spelling;
    }
    spelling.labels.push_back(found->second);
    begin += bytes;
  }
  return spelling;
}

Spelling LabelSpeller::ByLabels(std::span<const std::string> names) const {
  const auto separates = [&](const std::string& name) { return name == separator_; };
  if (!separator_.empty() && !std::all_of(names.begin(), names.end(), separates)) {
    while (separates(names.back())) names = names.first(names.size() - 1);
    while (separates(names.front())) names = names.subspan(1);
  }
  Spelling spelling;
  for (const std::string& name : names) {
    const auto found = labels_.find(name);
    if (found == labels_.end()) {
      spelling.problem =
          fmt::format("\"{}\" is no label of the model; it has {} labels beside the blank", name,
                      labels_.size());
    } else if (separates(name)) {
      spelling.problem =
          fmt::format("\"{}\" is the label between words, and no part of a word", name);
    } else {
      spelling.labels.push_back(found->second);
      continue;
    }
    return spelling;
  }
  if (has_marks_ && !names[0].starts_with(kPieceMark)) {
    spelling.problem = fmt::format(
        "\"{}\" is no label that begins a word; such labels begin with {}", names[0], kPieceMark);
  }
  return spelling;
}

}  // namespace lockstep
