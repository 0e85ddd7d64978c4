#include "launch/tasks/speech/speech_recognition.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/thread_team.h"
#include "launch/tasks/speech/transcript_writer.h"
#include "worker/comm/together.h"
#include "worker/decode/sequence_scorer.h"

namespace lockstep {
namespace {

// Reference texts of the sequences of a batch by sample id.
std::map<std::uint64_t, std::string> ReferencesOf(const RankBatch& batch, std::size_t target,
                                                  const SpeechDecoder& decoder) {
  std::map<std::uint64_t, std::string> references;
  for (const SlotBatch& slot : batch.slots) {
    const FieldBatch& targets = slot.fields[target];
    for (std::size_t b = 0; b < slot.sample_ids.size(); ++b) {
      const std::vector<Index> labels(targets.ids.begin() + targets.offsets[b],
                                      targets.ids.begin() + targets.offsets[b + 1]);
      references[slot.sample_ids[b]] = decoder.Text(labels);
    }
  }
  return references;
}

// One line an utterance, so that ranks can send them.
std::string ToLine(const RecognisedUtterance& utterance) {
  const nlohmann::json line = {utterance.sample_id, utterance.reference,
                               HypothesisText(utterance.hypotheses.front())};
  // A word list may hold bytes that are no UTF-8, which JSON cannot.
  return line.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

}  // namespace

void RecogniseSplit(const SplitSource& source, const TrainedModel& trained,
                    const SpeechDecoder& decoder, int threads, SlotRange range,
                    const std::function<void(const RecognisedUtterance&)>& use) {
  const StreamOptions options = EvaluationStream(trained.stream);
  const Index classes = trained.model->score_width();
  SequenceScorer scorer(*trained.model, trained.values.data(),
                        BoundsOf(*source.corpus, source.corpus->Split(source.split), options),
                        threads);
  ThreadTeam team(threads);
  BatchStream stream(source.folder, *source.corpus, source.split, options, range, Cursor{});
  std::unique_ptr<RankBatch> batch;
  while ((batch = stream.Next(std::move(batch))) != nullptr) {
    const auto references = ReferencesOf(*batch, source.corpus->target_index(), decoder);
    const std::vector<SequenceScores> found = scorer.Score(batch->slots);
    std::vector<RecognisedUtterance> utterances(found.size());
    team.Split(static_cast<Index>(found.size()), 1, [&](Index begin, Index end) {
      for (std::size_t i = static_cast<std::size_t>(begin); i < static_cast<std::size_t>(end);
           ++i) {
        const SequenceScores& logits = found[i];
        utterances[i] = {logits.sample_id, references.at(logits.sample_id),
                         decoder.Decode(LogPosteriors(logits.values, classes)), logits.values};
      }
    });
    for (const RecognisedUtterance& utterance : utterances) use(utterance);
  }
}

SpeechErrors CountSpeechErrors(const Communicator& comm, const SplitSource& source,
                               const TrainedModel& trained, const SpeechDecoder& decoder,
                               int threads) {
  const SlotRange range = DealSlots(trained.stream.plan.slots, comm.rank(), comm.size());
  std::string mine;
  Together(comm, [&] {
    RecogniseSplit(source, trained, decoder, threads, range,
                   [&](const RecognisedUtterance& utterance) { mine += ToLine(utterance); });
  });
  std::map<std::uint64_t, std::pair<std::string, std::string>> utterances;
  for (const std::string& text : comm.GatherText(mine)) {
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) {
      const nlohmann::json fields = nlohmann::json::parse(line);
      utterances[fields[0].get<std::uint64_t>()] = {fields[1], fields[2]};
    }
  }
  SpeechErrors errors;
  for (const auto& [id, texts] : utterances) {
    errors.words.Add(SplitWords(texts.first), SplitWords(texts.second));
    errors.characters.Add(SplitCharacters(texts.first), SplitCharacters(texts.second));
  }
  return errors;
}

}  // namespace lockstep
