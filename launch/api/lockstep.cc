// The border to C: checks what a caller could get wrong, and turns exceptions into codes.
#include "launch/api/lockstep.h"

#include <limits>
#include <memory>
#include <new>

#include "base/error.h"
#include "launch/api/inference.h"
#include "launch/frame/version.h"

struct lockstep_model {
  explicit lockstep_model(const char* path) : inference(path) {}
  lockstep::InferenceModel inference;
};

struct lockstep_stream {
  lockstep_stream(const lockstep_model& model, lockstep::Index most_steps)
      : width(model.inference.model().score_width()),
        reads_symbols(model.inference.symbols() > 0),
        stream(model.inference, most_steps) {}
  lockstep::Index width;
  bool reads_symbols;
  lockstep::InferenceStream stream;
};

namespace lockstep {
namespace {

// More numbers than any memory holds: sizes below it can be multiplied by the bytes of a float.
constexpr std::size_t kMostNumbers = std::size_t{1} << 48;

std::string& Message() {
  thread_local std::string message;
  return message;
}

// An error of this call; there may be no memory for its text.
lockstep_status Failed(lockstep_status status, const char* text) noexcept {
  try {
    Message() = text;
  } catch (...) {
    Message().clear();
  }
  return status;
}

template <typename Body>
lockstep_status Guarded(const Body& body) noexcept {
  try {
    body();
    return LOCKSTEP_OK;
  } catch (const Error& error) {
    return Failed(static_cast<lockstep_status>(error.code()), error.what());
  } catch (const std::bad_alloc&) {
    return Failed(LOCKSTEP_IO, "there is not enough memory; give fewer or shorter sequences");
  } catch (const std::exception& error) {
    return Failed(LOCKSTEP_INTERNAL, error.what());
  } catch (...) {
    return Failed(LOCKSTEP_INTERNAL, "an unknown exception");
  }
}

void RequireGiven(const void* pointer, const char* name) {
  if (pointer == nullptr) throw UsageError("{} is NULL", name);
}

// `numbers` rows of `width`, as an Index.
Index CountOf(std::size_t rows, std::size_t width) {
  if (rows > kMostNumbers / std::max<std::size_t>(1, width)) {
    throw UsageError("{} rows of {} numbers are more than any memory holds", rows, width);
  }
  return static_cast<Index>(rows);
}

void RequireInput(bool reads_symbols, const std::int32_t* symbols, const float* values) {
  reads_symbols ? RequireGiven(symbols, "symbols") : RequireGiven(values, "values");
}

InputSequences Checked(const InferenceModel& model, const lockstep_batch& batch) {
  RequireGiven(batch.steps, "steps");
  RequireInput(model.symbols() > 0, batch.symbols, batch.values);
  InputSequences input;
  input.symbols = batch.symbols;
  input.values = batch.values;
  const auto widest =
      static_cast<std::size_t>(std::max(model.width(), model.model().score_width()));
  CountOf(batch.sequences, widest);
  std::size_t all = 0;
  for (std::size_t i = 0; i < batch.sequences; ++i) {
    if (batch.steps[i] == 0) throw UsageError("sequence {} has no steps", i);
    input.steps.push_back(CountOf(batch.steps[i], widest));
    all += batch.steps[i];
    CountOf(all, widest);
  }
  return input;
}

const char* TextOf(const std::string* name) { return name == nullptr ? nullptr : name->c_str(); }

}  // namespace
}  // namespace lockstep

using lockstep::Guarded;
using lockstep::RequireGiven;

extern "C" {

const char* lockstep_version(void) { return lockstep::kVersion; }
const char* lockstep_error(void) { return lockstep::Message().c_str(); }

lockstep_status lockstep_load(const char* path, lockstep_model** model) {
  return Guarded([&] {
    RequireGiven(path, "path");
    RequireGiven(model, "model");
    *model = std::make_unique<lockstep_model>(path).release();
  });
}

void lockstep_free(lockstep_model* model) { delete model; }

lockstep_status lockstep_shape_of(const lockstep_model* model, lockstep_shape* shape) {
  return Guarded([&] {
    RequireGiven(model, "model");
    RequireGiven(shape, "shape");
    const lockstep::InferenceModel& from = model->inference;
    const auto stream = from.model().OpenStream(from.values(), lockstep::Index{1});
    *shape = {static_cast<std::size_t>(from.symbols()),
              static_cast<std::size_t>(from.width()),
              static_cast<std::size_t>(from.model().score_width()),
              from.scores_steps() ? 1 : 0,
              stream != nullptr ? 1 : 0,
              stream != nullptr ? static_cast<std::size_t>(stream->look_ahead()) : 0};
  });
}

const char* lockstep_symbol_name(const lockstep_model* model, size_t symbol) {
  return model == nullptr ? nullptr : lockstep::TextOf(model->inference.SymbolName(symbol));
}

const char* lockstep_class_name(const lockstep_model* model, size_t output) {
  return model == nullptr ? nullptr : lockstep::TextOf(model->inference.ClassName(output));
}

lockstep_status lockstep_run(const lockstep_model* model, const lockstep_batch* batch,
                             float* outputs, int32_t* labels) {
  return Guarded([&] {
    RequireGiven(model, "model");
    RequireGiven(batch, "batch");
    if (batch->sequences == 0) return;
    RequireGiven(outputs, "outputs");
    model->inference.Run(lockstep::Checked(model->inference, *batch), outputs, labels);
  });
}

lockstep_status lockstep_stream_open(const lockstep_model* model, size_t most_steps,
                                     lockstep_stream** stream) {
  return Guarded([&] {
    RequireGiven(model, "model");
    RequireGiven(stream, "stream");
    const auto width = static_cast<std::size_t>(model->inference.model().score_width());
    if (most_steps == 0) throw lockstep::UsageError("most_steps is 0; allowed is 1 or more");
    *stream =
        std::make_unique<lockstep_stream>(*model, lockstep::CountOf(most_steps, width)).release();
  });
}

lockstep_status lockstep_stream_add(lockstep_stream* stream, size_t steps, const int32_t* symbols,
                                    const float* values, int ends, const float** outputs,
                                    size_t* rows) {
  return Guarded([&] {
    RequireGiven(stream, "stream");
    RequireGiven(outputs, "outputs");
    RequireGiven(rows, "rows");
    if (steps > 0) lockstep::RequireInput(stream->reads_symbols, symbols, values);
    const auto width = static_cast<std::size_t>(stream->width);
    const auto found =
        stream->stream.Add(lockstep::CountOf(steps, width), symbols, values, ends != 0);
    *outputs = found.data();
    *rows = found.size() / width;
  });
}

void lockstep_stream_close(lockstep_stream* stream) { delete stream; }

}  // extern "C"
