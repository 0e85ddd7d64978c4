// A reference to a function, for parameters that are only called during the call they are passed
// to. Unlike std::function it owns nothing, and so never allocates. The function must outlive the
// reference.
#pragma once

#include <type_traits>
#include <utility>

namespace lockstep {

template <typename Signature>
class FunctionRef;

template <typename Result, typename... Arguments>
class FunctionRef<Result(Arguments...)> {
 public:
  template <typename Function>
  requires(!std::is_same_v<std::remove_cvref_t<Function>, FunctionRef>)
      FunctionRef(const Function& function)  // implicit, so that lambdas can be passed
      : object_(&function), call_([](const void* object, Arguments... arguments) {
          return (*static_cast<const Function*>(object))(std::forward<Arguments>(arguments)...);
        }) {}

  Result operator()(Arguments... arguments) const {
    return call_(object_, std::forward<Arguments>(arguments)...);
  }

 private:
  const void* object_;
  Result (*call_)(const void*, Arguments...);
};

}  // namespace lockstep
