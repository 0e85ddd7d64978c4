#include "worker/models/encoder_decoder_fit.h"

#include "base/error.h"

namespace lockstep {

std::size_t WrittenField(const HeadOptions& head, const Schema& schema) {
  const std::size_t target = *schema.Target();
  const Field& field = schema.fields[target];
  if (field.is_real() || field.width != 1) {
    throw UsageError(
        "the target field \"{}\" of the corpus has steps of its own and {}; a model can write one "
        "id per step only",
        field.name, field.is_real() ? "real values" : fmt::format("{} ids per step", field.width));
  }
  if (schema.VocabularyOf(field).start < 0) {
    throw UsageError(
        "the vocabulary \"{}\" of the corpus has no id to stand before the first step of a target; "
        "prepare the corpus again",
        schema.VocabularyOf(field).name);
  }
  if (head.head != "auto") {
    throw UsageError(
        "model.head is \"{}\", but the target field \"{}\" of the corpus has steps of its own, "
        "which a decoder writes: set model.head = \"auto\"",
        head.head, field.name);
  }
  if (head.pooled_dropout > 0) {
    throw UsageError(
        "model.pooled_dropout is {}; it is for targets of whole sequences: set it to 0",
        head.pooled_dropout);
  }
  return target;
}

Index VectorWidth(const EncoderOptions& encoder, const HeadOptions& head) {
  if (!head.tie_embeddings) return encoder.hidden_size;
  if (head.dense_layers == 0) return encoder.embedding_size;
  if (head.dense_size == encoder.embedding_size) return encoder.hidden_size;
  throw UsageError(
      "model.tie_embeddings is true, but the last dense layer has {} units (model.dense_size) and "
      "the embedding {} columns: set model.dense_size = {}",
      head.dense_size, encoder.embedding_size, encoder.embedding_size);
}

bool SharesEmbedding(const HeadOptions& head, const Schema& schema, std::size_t target) {
  return head.tie_embeddings && !schema.fields[0].is_real() &&
         schema.fields[0].vocabulary == schema.fields[target].vocabulary;
}

}  // namespace lockstep
