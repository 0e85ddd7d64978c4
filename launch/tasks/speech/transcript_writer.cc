#include "launch/tasks/speech/transcript_writer.h"

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/json_text.h"
#include "launch/output/cell_text.h"

namespace lockstep {
namespace {

std::string JsonLine(const Transcript& transcript) {
  nlohmann::ordered_json words = nlohmann::ordered_json::array();
  for (const DecodedWord& word : transcript.hypotheses[0].words) {
    const WordTime time = TimeOf(word, transcript);
    words.push_back({{"word", word.text},
                     {"start", time.start_seconds},
                     {"end", time.end_seconds},
                     {"confidence", word.confidence}});
  }
  nlohmann::ordered_json hypotheses = nlohmann::ordered_json::array();
  for (const CtcHypothesis& hypothesis : transcript.hypotheses) {
    hypotheses.push_back({{"text", HypothesisText(hypothesis)},
                          {"acoustic", hypothesis.acoustic},
                          {"language", hypothesis.language},
                          {"total", hypothesis.total}});
  }
  const nlohmann::ordered_json line = {{"id", transcript.utterance},
                                       {"text", HypothesisText(transcript.hypotheses[0])},
                                       {"words", words},
                                       {"hypotheses", hypotheses}};
  return JsonTextOfAnyBytes(line);
}

}  // namespace

TranscriptFormat ParseTranscriptFormat(const std::string& name) {
  if (name == "text") return TranscriptFormat::kText;
  if (name == "trn") return TranscriptFormat::kTrn;
  if (name == "ctm") return TranscriptFormat::kCtm;
  if (name == "jsonl") return TranscriptFormat::kJsonl;
  throw UsageError("\"{}\" is no format of transcripts; there are text, trn, ctm and jsonl", name);
}

std::string HypothesisText(const CtcHypothesis& hypothesis) {
  std::string text;
  for (const DecodedWord& word : hypothesis.words) {
    if (!text.empty()) text += ' ';
    text += word.text;
  }
  return text;
}

WordTime TimeOf(const DecodedWord& word, const Transcript& transcript) {
  const auto at = [&](Index frame) {
    return transcript.start_seconds + static_cast<double>(frame) * transcript.frame_seconds;
  };
  return {at(word.first_frame), at(word.last_frame + 1)};
}

TranscriptWriter::TranscriptWriter(const std::optional<std::string>& path, TranscriptFormat format)
    : output_(path), format_(format) {}

std::optional<std::string> TranscriptWriter::WhyNot(const std::string& id) const {
  const bool is_trn = format_ == TranscriptFormat::kTrn;
  const std::size_t bad = id.find_first_of(is_trn ? " \t\r\n()" : " \t\r\n");
  if (format_ == TranscriptFormat::kJsonl || (!id.empty() && bad == std::string::npos)) return {};
  return fmt::format(
      "cannot write the transcript of utterance \"{}\": its id must hold at least one character "
      "and no spaces{}; rename it or write jsonl",
      id, is_trn ? " or parentheses" : "");
}

void TranscriptWriter::Add(const Transcript& transcript) {
  LOCKSTEP_CHECK(!transcript.hypotheses.empty());
  if (const auto problem = WhyNot(transcript.utterance)) throw BadData("{}", *problem);
  const std::string text = CellText(HypothesisText(transcript.hypotheses[0]));
  const std::string id = CellText(transcript.utterance);
  switch (format_) {
    case TranscriptFormat::kText:
      output_.stream() << id << (text.empty() ? "" : " ") << text << '\n';
      break;
    case TranscriptFormat::kTrn:
      output_.stream() << text << (text.empty() ? "(" : " (") << id << ")\n";
      break;
    case TranscriptFormat::kCtm:
      AddCtm(transcript);
      break;
    case TranscriptFormat::kJsonl:
      output_.stream() << JsonLine(transcript) << '\n';
      break;
  }
}

void TranscriptWriter::AddCtm(const Transcript& transcript) {
  for (const DecodedWord& word : transcript.hypotheses[0].words) {
    const WordTime time = TimeOf(word, transcript);
    output_.stream() << fmt::format(
        "{} 1 {:.3f} {:.3f} {} {:.4f}\n", CellText(transcript.utterance), time.start_seconds,
        time.end_seconds - time.start_seconds, WordText(word.text), word.confidence);
  }
}

void TranscriptWriter::Finish() { output_.Finish(); }

}  // namespace lockstep
