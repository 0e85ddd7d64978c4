#include "launch/run/once_words.h"

#include <nlohmann/json.hpp>

#include "base/json_node.h"
#include "base/json_text.h"

namespace lockstep {

void SetOnceWords(const CorpusInfo& corpus, WordOptions* words) {
  words->once_begin = words->once_end = 0;
  const nlohmann::json task = ParseJsonOrDiscard(corpus.task);
  const JsonNode node(task, kCorpusIndexName, "task");
  if (!node.Has("once") || corpus.leading().is_real()) return;
  const std::vector<JsonNode> once = node.At("once").Items();
  if (once.size() != 2) node.At("once").Fail("has not two numbers");
  const Index ids = corpus.schema.IdsOf(corpus.leading());
  words->once_begin = once[0].Integer(0, ids);
  words->once_end = once[1].Integer(words->once_begin, ids);
}

void RequireOnceWords(const WordOptions& words) {
  if (words.unknown_dropout == 0 || words.once_begin < words.once_end) return;
  throw UsageError(
      "model.unknown_dropout is {}, but no word of the corpus is known to occur once: it is for "
      "tagged sentences (--task tag), prepared with --min-count 1 and without --vocabulary; or set "
      "model.unknown_dropout = 0",
      words.unknown_dropout);
}

}  // namespace lockstep
