// A corpus of frames with transcripts whose words are known, for tests of crops and joins.
#pragma once

#include <string>
#include <vector>

#include "data/batch/label_fit.h"
#include "data/corpus/corpus_writer.h"
#include "tests/data/speech_corpus.h"

namespace lockstep {

inline constexpr std::int32_t kTestSeparator = 4;

// A word of a sample: its frames (row-major) and its labels.
struct TestWord {
  std::vector<float> frames;
  std::vector<std::int32_t> labels;
};
using TestSample = std::vector<TestWord>;

// Sample number `sample`: 1 to 5 words of 4 to 9 times `frames_per_label` frames.
inline TestSample WordsOfSample(Index sample, Index frames_per_label = 4) {
  TestSample words;
  for (Index w = 0; w < 1 + sample % 5; ++w) {
    TestWord word;
    for (Index k = 0; k < 1 + (sample + w) % 3; ++k) {
      word.labels.push_back(static_cast<std::int32_t>(1 + (sample + w + k) % 3));
    }
    const Index frames = frames_per_label * (std::ssize(word.labels) + 1) + (sample * w) % 3;
    for (Index t = 0; t < frames * kFrameWidth; ++t) {
      word.frames.push_back(static_cast<float>(100 * sample + 10 * w) + static_cast<float>(t) / 64);
    }
    words.push_back(std::move(word));
  }
  return words;
}

// The frames and labels of words in a row.
inline TestWord Joined(const std::vector<TestWord>& words) {
  TestWord all;
  for (const TestWord& word : words) {
    if (!all.labels.empty()) all.labels.push_back(kTestSeparator);
    all.frames.insert(all.frames.end(), word.frames.begin(), word.frames.end());
    all.labels.insert(all.labels.end(), word.labels.begin(), word.labels.end());
  }
  return all;
}

// `slack` frames around each cut within the sample in which no word is spoken.
inline std::vector<WordCut> CutsOfSample(const TestSample& words, std::int32_t slack = 0) {
  std::vector<WordCut> cuts{{}};
  const TestWord all = Joined(words);
  Index frames = 0, labels = 0;
  for (std::size_t w = 0; w < words.size(); ++w) {
    frames += std::ssize(words[w].frames) / kFrameWidth;
    labels += std::ssize(words[w].labels) + (w + 1 < words.size() ? 1 : 0);
    const Index least =
        LeastStepsFor(std::span(all.labels).first(static_cast<std::size_t>(labels)));
    cuts.push_back({static_cast<std::int32_t>(frames), static_cast<std::int32_t>(labels),
                    static_cast<std::int32_t>(least), w + 1 < words.size() ? slack : 0});
  }
  return cuts;
}

inline CorpusInfo WriteSplicedCorpus(const std::string& folder, Index samples,
                                     bool with_cuts = true, Index shard_bytes = kDefaultShardBytes,
                                     Index frames_per_label = 4, std::int32_t slack = 0) {
  CorpusInfo header = SpeechHeader(ElementType::kInt32);
  header.has_cuts = with_cuts;
  CorpusWriter writer(folder, header, {"train"}, shard_bytes);
  for (Index sample = 0; sample < samples; ++sample) {
    const TestSample words = WordsOfSample(sample, frames_per_label);
    const TestWord all = Joined(words);
    const std::string name = NameOf(sample);
    std::vector<WordCut> cuts;
    if (with_cuts) cuts = CutsOfSample(words, slack);
    writer.Add("train",
               {{std::as_bytes(std::span(all.frames)), std::as_bytes(std::span(all.labels))},
                std::ssize(all.frames) / kFrameWidth,
                name,
                cuts});
  }
  return writer.Finish("{}");
}

}  // namespace lockstep
