#include "launch/tasks/speech/speech_recognition.h"

#include <map>

#include "base/error.h"
#include "launch/run/chunk_scorers.h"
#include "launch/run/split_work.h"
#include "launch/tasks/speech/transcript_writer.h"

namespace lockstep {
namespace {

// Labels of the transcripts of the sequences of a slot by sample id.
using References = std::map<std::uint64_t, std::vector<Index>>;

References ReferencesOf(const SlotBatch& slot, std::size_t target) {
  References references;
  const FieldBatch& targets = slot.fields[target];
  for (std::size_t b = 0; b < slot.sample_ids.size(); ++b) {
    references[slot.sample_ids[b]].assign(targets.ids.begin() + targets.offsets[b],
                                          targets.ids.begin() + targets.offsets[b + 1]);
  }
  return references;
}

std::vector<CtcHypothesis> Hypotheses(const SpeechDecoder& decoder, const SequenceScores& scores,
                                      Index classes, const std::vector<Index>& reference) {
  const LogPosteriors posteriors(scores.values, classes);
  if (!decoder.aligns()) return decoder.Decode(posteriors);
  try {
    return {decoder.Align(posteriors, reference)};
  } catch (const InputError& error) {
    throw InputError(error.code(), fmt::format("sample {} cannot be aligned: {}", scores.sample_id,
                                               error.what()));
  }
}

std::string ToBytes(const RecognisedUtterance& utterance) {
  std::string bytes;
  Put(utterance.sample_id, &bytes);
  PutList(utterance.reference, &bytes);
  PutRecord(utterance.hypotheses, &bytes);
  PutList(utterance.logits, &bytes);
  return bytes;
}

RecognisedUtterance FromBytes(BytesReader* in) {
  RecognisedUtterance utterance;
  utterance.sample_id = in->Take<std::uint64_t>();
  utterance.reference = in->TakeText();
  utterance.hypotheses = TakeRecord<std::vector<CtcHypothesis>>(in);
  utterance.logits = in->TakeList<float>();
  return utterance;
}

}  // namespace

void RecogniseSplit(const Communicator& comm, const std::string& verb, const SplitSource& source,
                    const TrainedModel& trained, const SpeechDecoder& decoder, int threads,
                    Index most_logits, const std::function<void(const RecognisedUtterance&)>& use) {
  const CorpusInfo& corpus = *source.corpus;
  const std::uint64_t first =
      static_cast<std::uint64_t>(corpus.Split(source.split).first_sample_id);
  const std::uint64_t shown_end = first + static_cast<std::uint64_t>(most_logits);
  ChunkScorers scorers(trained, threads);
  SplitWork work(comm, source.folder, corpus, source.split, SmallBatches(trained.stream), threads);
  work.StopAfter(source.most);
  const auto recognise = [&](int member, const std::vector<SlotBatch>& slots) {
    const auto references = ReferencesOf(slots[0], corpus.target_index());
    std::string bytes;
    for (SequenceScores& found : scorers.Score(member, slots, work.bounds())) {
      const std::vector<Index>& reference = references.at(found.sample_id);
      RecognisedUtterance utterance{found.sample_id, decoder.Text(reference), {}, {}};
      utterance.hypotheses = Hypotheses(decoder, found, trained.model->score_width(), reference);
      if (found.sample_id < shown_end) utterance.logits = std::move(found.values);
      bytes += ToBytes(utterance);
    }
    return bytes;
  };
  work.Run(verb, recognise, [&](Index, const std::string& result) {
    for (BytesReader in(result); !in.AtEnd();) use(FromBytes(&in));
  });
}

SpeechErrors CountSpeechErrors(const Communicator& comm, const SplitSource& source,
                               const TrainedModel& trained, const SpeechDecoder& decoder,
                               int threads) {
  SpeechErrors errors;
  RecogniseSplit(comm, "evaluate words", source, trained, decoder, threads, 0,
                 [&](const RecognisedUtterance& utterance) {
                   const std::string& text = utterance.reference;
                   const std::string found = HypothesisText(utterance.hypotheses.front());
                   errors.words.Add(SplitWords(text), SplitWords(found));
                   errors.characters.Add(SplitCharacters(text), SplitCharacters(found));
                 });
  return errors;
}

}  // namespace lockstep
