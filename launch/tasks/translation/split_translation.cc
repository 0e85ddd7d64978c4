#include "launch/tasks/translation/split_translation.h"

#include <map>

#include "launch/run/split_work.h"

namespace lockstep {
namespace {

struct Translated {
  std::vector<std::int32_t> source;
  std::vector<Hypothesis> hypotheses;
};

std::vector<std::int32_t> SourceOf(const SlotBatch& slot, Index b) {
  std::vector<std::int32_t> ids;
  for (Index t = 0; t < slot.layout.Length(b); ++t)
    ids.push_back(slot.fields[0].ids[static_cast<std::size_t>(slot.layout.Row(t, b))]);
  return ids;
}

std::string TranslateSlot(int member, const SlotBatch& slot, Translator* translator) {
  std::string bytes;
  if (slot.layout.sequences() == 0) return bytes;
  const auto found = translator->Translate(member, slot);
  for (std::size_t b = 0; b < found.size(); ++b) {
    Put(slot.sample_ids[b], &bytes);
    PutList(SourceOf(slot, static_cast<Index>(b)), &bytes);
    PutRecord(found[b], &bytes);
  }
  return bytes;
}

}  // namespace

void TranslateSplit(const Communicator& comm, const std::string& verb, const TranslatedSplit& test,
                    Translator* translator, const UseTranslation& use) {
  SplitWork work(comm, test.folder, *test.corpus, test.split, SmallBatches(test.stream),
                 test.threads);
  work.StopAfter(test.most);
  const auto first = static_cast<std::uint64_t>(test.corpus->Split(test.split).first_sample_id);
  // A slot is sorted by length, so its pairs wait until those before them are there.
  std::map<std::uint64_t, Translated> waiting;
  std::uint64_t next = first;
  const auto take = [&](Index, const std::string& result) {
    for (BytesReader in(result); !in.AtEnd();) {
      const auto id = in.Take<std::uint64_t>();
      Translated& one = waiting[id];
      one.source = in.TakeList<std::int32_t>();
      one.hypotheses = TakeRecord<std::vector<Hypothesis>>(&in);
    }
    for (; !waiting.empty() && waiting.begin()->first == next; ++next) {
      const Translated& one = waiting.begin()->second;
      use(static_cast<Index>(next - first), one.source, one.hypotheses);
      waiting.erase(waiting.begin());
    }
  };
  work.Run(
      verb,
      [&](int member, const std::vector<SlotBatch>& slots) {
        return TranslateSlot(member, slots[0], translator);
      },
      take);
}

}  // namespace lockstep
