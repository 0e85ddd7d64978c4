// A corpus as speech has them, for tests: frames, and labels of their own length, with names.
#pragma once

#include <string>
#include <vector>

#include "data/corpus/corpus_writer.h"

namespace lockstep {

inline constexpr Index kFrameWidth = 4;

inline CorpusInfo SpeechHeader(ElementType targets = ElementType::kUint8) {
  CorpusInfo info;
  info.kind = "speech";
  info.schema = TwoFieldSchema({.type = ElementType::kFloat32, .width = kFrameWidth}, {},
                               {.type = targets, .alignment = Alignment::kList},
                               {"classes", {"<blank>", "a", "b", "c", " "}, {}, -1});
  info.has_names = true;
  info.features = R"({"bins":2,"kind":"test"})";
  info.units = R"({"kind":"letters"})";
  return info;
}

inline float FrameValue(Index sample, Index frame, Index i) {
  return static_cast<float>((sample * 31 + frame * 7 + i * 3) % 17) / 8 - 1;
}
inline Index LabelCount(Index frames) { return frames / 5; }
inline std::int32_t LabelOf(Index sample, Index place) {
  return static_cast<std::int32_t>(1 + (sample + place * place) % 4);
}
inline std::string NameOf(Index sample) { return "speaker-" + std::to_string(sample * sample); }

template <typename Label>
void AddSpeechSamples(CorpusWriter& writer, const std::string& split,
                      const std::vector<Index>& lengths) {
  for (Index sample = 0; sample < static_cast<Index>(lengths.size()); ++sample) {
    const Index frames = lengths[static_cast<std::size_t>(sample)];
    std::vector<float> inputs;
    for (Index t = 0; t < frames; ++t) {
      for (Index i = 0; i < kFrameWidth; ++i) inputs.push_back(FrameValue(sample, t, i));
    }
    std::vector<Label> labels;
    for (Index k = 0; k < LabelCount(frames); ++k) {
      labels.push_back(static_cast<Label>(LabelOf(sample, k)));
    }
    const std::string name = NameOf(sample);
    writer.Add(
        split,
        {{std::as_bytes(std::span(inputs)), std::as_bytes(std::span(labels))}, frames, name});
  }
}

template <typename Label = std::uint8_t>
CorpusInfo WriteSpeechCorpus(const std::string& folder, const std::vector<Index>& lengths,
                             Index shard_bytes = kDefaultShardBytes) {
  const ElementType type = sizeof(Label) == 1 ? ElementType::kUint8 : ElementType::kInt32;
  CorpusWriter writer(folder, SpeechHeader(type), {"train"}, shard_bytes);
  AddSpeechSamples<Label>(writer, "train", lengths);
  return writer.Finish("{}");
}

}  // namespace lockstep
