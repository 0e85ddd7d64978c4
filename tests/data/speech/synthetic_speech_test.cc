#include "data/speech/synthetic_speech.h"

#include <gtest/gtest.h>

#include <set>

namespace lockstep {
namespace {

std::vector<Utterance> ReadSplit(int number, std::uint64_t seed) {
  SpeechOptions options;
  options.synthetic = 400;
  options.seed = seed;
  const auto reader = OpenSyntheticSpeech(options, number);
  std::vector<Utterance> utterances;
  for (Utterance utterance; reader->Next(&utterance);) utterances.push_back(utterance);
  return utterances;
}

TEST(SyntheticSpeech, SplitsHaveNoVariantOfAVoiceInCommon) {
  std::set<std::string> seen;
  std::size_t utterances = 0;
  for (int split = 0; split < 3; ++split) {
    std::set<std::string> variants;
    for (const Utterance& utterance : ReadSplit(split, 1)) {
      variants.insert(utterance.speaker.substr(utterance.speaker.find('+')));
      EXPECT_FALSE(utterance.transcript.empty());
      ++utterances;
    }
    for (const std::string& variant : variants) EXPECT_TRUE(seen.insert(variant).second) << variant;
  }
  EXPECT_EQ(utterances, 400u);
}

TEST(SyntheticSpeech, IsAFunctionOfTheSeed) {
  const auto one = ReadSplit(1, 1), same = ReadSplit(1, 1), other = ReadSplit(1, 2);
  int differences = 0;
  for (std::size_t i = 0; i < one.size(); ++i) {
    EXPECT_EQ(one[i].path, same[i].path);
    EXPECT_EQ(one[i].transcript, same[i].transcript);
    differences += one[i].transcript != other[i].transcript ? 1 : 0;
  }
  EXPECT_GT(differences, 30);
}

}  // namespace
}  // namespace lockstep
