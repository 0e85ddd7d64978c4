// Models for tests, with one input field and one target field, and the schemas and bounds for them.
#pragma once

#include "worker/models/encoder_model.h"

namespace lockstep {

// The options of the encoder, and the sizes that would otherwise come from a corpus.
struct SmallModelOptions : EncoderOptions {
  Index symbols = 0;        // number of ids of the inputs; 0: the inputs are real values
  Index feature_width = 0;  // width of real values
  Index classes = 0;
  Alignment target = Alignment::kStep;
  HeadOptions head;
};

inline Vocabulary UnnamedVocabulary(const char* name, Index size) {
  return {name, std::vector<std::string>(static_cast<std::size_t>(size), "x"), {}, -1};
}

inline Schema SchemaOf(const SmallModelOptions& options) {
  Field inputs, targets{.type = ElementType::kInt32, .alignment = options.target};
  if (options.symbols == 0) {
    inputs.type = ElementType::kFloat32;
    inputs.width = options.feature_width;
  }
  return TwoFieldSchema(inputs, UnnamedVocabulary("symbols", options.symbols), targets,
                        UnnamedVocabulary("classes", options.classes));
}

template <typename S>
class SmallEncoderModel : public EncoderModel<S> {
 public:
  explicit SmallEncoderModel(const SmallModelOptions& options)
      : EncoderModel<S>(options, options.head, SchemaOf(options)), options_(options) {}
  const SmallModelOptions& options() const { return options_; }

 private:
  SmallModelOptions options_;
};

// The bounds of a slot for such a model. `labels` is the length of the longest list of targets.
inline SlotBounds TwoFieldBounds(Index sequences, Index steps, Index rows, Index labels = 0) {
  return {sequences,
          steps,
          rows,
          {rows, std::max(rows, sequences * labels)},
          {steps, std::max(steps, labels)}};
}

}  // namespace lockstep
