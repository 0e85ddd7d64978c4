#include "launch/tasks/speech/stream_lines.h"

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/json_text.h"
#include "launch/output/cell_text.h"
#include "launch/tasks/speech/transcript_writer.h"

namespace lockstep {
namespace {

std::string JsonLine(const StreamResult& result, double time, double step_seconds) {
  const CtcHypothesis& found = result.hypothesis;
  const std::string text = HypothesisText(found);
  nlohmann::ordered_json line = {{"kind", result.is_final ? "final" : "partial"}, {"time", time}};
  if (result.is_final) {
    const Transcript transcript{
        "", static_cast<double>(result.first) * step_seconds, step_seconds, {}};
    nlohmann::ordered_json words = nlohmann::ordered_json::array();
    for (const DecodedWord& word : found.words) {
      const WordTime place = TimeOf(word, transcript);
      words.push_back({{"word", word.text},
                       {"start", place.start_seconds},
                       {"end", place.end_seconds},
                       {"confidence", word.confidence}});
    }
    line["start"] = words.front()["start"];
    line["end"] = words.back()["end"];
    line["text"] = text;
    line["words"] = words;
  } else {
    line["text"] = text;
  }
  return JsonTextOfAnyBytes(line) + "\n";
}

}  // namespace

StreamFormat ParseStreamFormat(const std::string& name) {
  if (name == "text") return StreamFormat::kText;
  if (name == "jsonl") return StreamFormat::kJsonl;
  throw UsageError("--format is \"{}\"; with --stream, allowed are text and jsonl", name);
}

std::string StreamLine(StreamFormat format, const StreamResult& result, double time,
                       double step_seconds) {
  if (format == StreamFormat::kJsonl) return JsonLine(result, time, step_seconds);
  return fmt::format("{}\t{:.3f}\t{}\n", result.is_final ? "final" : "partial", time,
                     CellText(HypothesisText(result.hypothesis)));
}

}  // namespace lockstep
