#include "data/speech/manifests/utterance.h"

#include "base/text.h"

namespace lockstep {

bool ParseChannel(std::string_view text, int* channel) {
  constexpr int kHighestChannel = 1023;  // libsndfile reads no more
  if (text == "mix") {
    *channel = Utterance::kMixedChannels;
    return true;
  }
  return ReadNumber(text, channel) && *channel >= 0 && *channel <= kHighestChannel;
}

}  // namespace lockstep
