#include "base/element_type.h"

#include "base/error.h"

namespace lockstep {

Index ElementBytes(ElementType type) {
  switch (type) {
    case ElementType::kUint8:
      return 1;
    case ElementType::kInt32:
    case ElementType::kFloat32:
      return 4;
    case ElementType::kInt64:
    case ElementType::kUint64:
    case ElementType::kFloat64:
      return 8;
  }
  LOCKSTEP_CHECK(false);
}

std::string ElementName(ElementType type) {
  switch (type) {
    case ElementType::kUint8:
      return "uint8";
    case ElementType::kInt32:
      return "int32";
    case ElementType::kInt64:
      return "int64";
    case ElementType::kUint64:
      return "uint64";
    case ElementType::kFloat32:
      return "float32";
    case ElementType::kFloat64:
      return "float64";
  }
  LOCKSTEP_CHECK(false);
}

ElementType ElementTypeFromName(const std::string& name) {
  for (ElementType type : kAllElementTypes) {
    if (ElementName(type) == name) return type;
  }
  throw BadData("unknown element type \"{}\"", name);
}

}  // namespace lockstep
