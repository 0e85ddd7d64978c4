#include "trainer/save/old_schema.h"

#include "base/error.h"

namespace lockstep {
namespace {

Index Extent(const CheckpointContent& content, const std::string& file, const std::string& name,
             std::size_t axis) {
  const auto found = content.arrays.find(name);
  if (found != content.arrays.end() && axis < found->second.shape.size())
    return found->second.shape[axis];
  throw BadData(
      "{}: array \"{}\" of the model is missing or has too few axes; use another checkpoint", file,
      name);
}

Vocabulary Unnamed(const char* name, Index size) {
  return {name, std::vector<std::string>(static_cast<std::size_t>(size)), {}, -1};
}

}  // namespace

Schema OldSchemaOf(const CheckpointContent& content, const std::string& file) {
  const Vocabulary classes = Unnamed("classes", Extent(content, file, "head.bias", 0));
  if (content.arrays.contains("embedding.weight")) {
    return TwoFieldSchema({}, Unnamed("symbols", Extent(content, file, "embedding.weight", 0)), {},
                          classes);
  }
  const bool convolves = content.arrays.contains("front.weight");
  const Index width = Extent(content, file, convolves ? "front.weight" : "rnn.weight_ih_l0", 1);
  return TwoFieldSchema({.type = ElementType::kFloat32, .width = width}, {}, {}, classes);
}

}  // namespace lockstep
