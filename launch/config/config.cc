#include "launch/config/config.h"

#include <toml++/toml.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <limits>
#include <optional>
#include <sstream>
#include <type_traits>

#include "base/durable_file.h"
#include "base/duration.h"
#include "base/error.h"
#include "launch/config/class_weights.h"
#include "worker/kernels/isa.h"
#include "worker/layers/pooling.h"

namespace lockstep {
namespace {

// More steps, sequences or epochs than any run has, and far from where sums of them overflow.
constexpr Index kMost = Index{1} << 48;
constexpr double kLargest = std::numeric_limits<double>::max();
// The largest double below 1, for half-open bounds.
const double kBelowOne = std::nextafter(1.0, 0.0);
const double kAboveZero = std::numeric_limits<double>::min();

template <typename Number>
std::string Bounds(Number lowest, Number highest) {
  if (highest == std::numeric_limits<Number>::max() ||
      static_cast<double>(highest) == static_cast<double>(kMost)) {
    return fmt::format("at least {}", lowest);
  }
  return fmt::format("{} to {}", lowest, highest);
}

template <typename Number>
Number ParseNumber(const std::string& name, const std::string& text, Number lowest,
                   Number highest) {
  Number value{};
  const char* const end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, value);
  const bool inside = error == std::errc() && rest == end && value >= lowest && value <= highest;
  if (!inside) {
    throw UsageError("{} is \"{}\"; allowed is {} {}", name, text,
                     std::is_integral_v<Number> ? "a whole number" : "a number",
                     Bounds(lowest, highest));
  }
  return value;
}

std::string EnvironmentName(const std::string& key) {
  std::string name = "LOCKSTEP_" + key;
  for (char& c : name) c = c == '.' ? '_' : static_cast<char>(std::toupper(c));
  return name;
}

// Levenshtein distance.
std::size_t EditDistance(const std::string& a, const std::string& b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t change = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, change});
    }
  }
  return row[b.size()];
}

std::string NodeText(const toml::node& node) {
  if (const auto* text = node.as_string()) return text->get();
  if (!node.is_number() && !node.is_boolean()) {
    return "a list, table or date";  // no key takes one; the message shows this text
  }
  std::ostringstream out;
  if (const auto* number = node.as_integer()) out << number->get();
  if (const auto* flag = node.as_boolean()) out << (flag->get() ? "true" : "false");
  if (const auto* number = node.as_floating_point()) out << fmt::format("{}", number->get());
  return out.str();
}

}  // namespace

template <typename Number>
void Config::AddNumber(const std::string& name, Number* field, Number lowest, Number highest,
                       const std::string& help, bool free) {
  keys_.push_back(
      {name, fmt::format("{} ({})", help, Bounds(lowest, highest)), free,
       [=](const std::string& text) { *field = ParseNumber(name, text, lowest, highest); },
       [=] { return fmt::format("{}", *field); }});
}

void Config::AddBool(const std::string& name, bool* field, const std::string& help, bool free) {
  keys_.push_back({name, help + " (true or false)", free,
                   [=](const std::string& text) {
                     if (text != "true" && text != "false") {
                       throw UsageError("{} is \"{}\"; allowed are true and false", name, text);
                     }
                     *field = text == "true";
                   },
                   [=] { return *field ? "true" : "false"; }});
}

void Config::AddDuration(const std::string& name, double* seconds, const std::string& help,
                         bool free) {
  keys_.push_back(
      {name, help + " (90, 90s, 15m, 4h, 3:55:00, 1-12:00:00)", free,
       [=](const std::string& text) {
         const std::optional<double> value = SecondsFromText(text);
         if (!value) {
           throw UsageError(
               "{} is \"{}\"; allowed are seconds, 90s, 15m, 4h, 2d, 15:00, 3:55:00 and "
               "1-12:00:00",
               name, text);
         }
         *seconds = *value;
       },
       [=] { return fmt::format("{}", *seconds); }});
}

void Config::AddText(const std::string& name, std::string* field, const std::string& help,
                     void (*check)(const std::string&)) {
  keys_.push_back({name, help, false,
                   [=](const std::string& text) {
                     check(text);
                     *field = text;
                   },
                   [=] { return *field; }});
}

template <typename Enum>
void Config::AddEnum(const std::string& name, Enum* field, Enum (*parse)(const std::string&),
                     std::string (*print)(Enum), const std::string& help) {
  keys_.push_back({name, help, false, [=](const std::string& text) { *field = parse(text); },
                   [=] { return print(*field); }});
}

Config::Config() {
  AddModelKeys();
  AddTrainKeys();
  AddOptimizerKeys();
  AddRunKeys();
}

void Config::AddModelKeys() {
  EncoderOptions& m = run_.trainer.model.encoder;
  AddEnum("model.cell", &m.cell, CellFromName, CellName,
          "rnn_tanh, rnn_relu, gru (reset after the product, as torch.nn.GRU), gru_reset_before, "
          "lstm");
  AddNumber<Index>("model.layers", &m.layers, 0, 1000,
                   "recurrent layers; 0: none, each step is read by itself");
  AddNumber<Index>("model.hidden_size", &m.hidden_size, 1, 1 << 20,
                   "hidden units of each direction");
  AddBool("model.bidirectional", &m.bidirectional, "both directions");
  AddNumber<Index>("model.embedding_size", &m.embedding_size, 1, 1 << 20,
                   "width of symbol embeddings");
  AddNumber<Index>("model.conv_channels", &m.conv_channels, 0, 1 << 20,
                   "real-valued inputs: channels of a convolution over data.stack frames, every "
                   "data.stride frames; 0: the frames as they are");
  AddNumber("model.dropout", &m.dropout, 0.0, kBelowOne, "share dropped between recurrent layers");
  AddNumber("model.input_dropout", &m.input_dropout, 0.0, kBelowOne,
            "share dropped of what the first recurrent layer reads");
  AddNumber("model.output_dropout", &m.output_dropout, 0.0, kBelowOne,
            "share dropped of the output of the last recurrent layer");
  AddNumber("model.symbol_dropout", &m.symbol_dropout, 0.0, kBelowOne,
            "share of the input symbols whose embedding is replaced by zeros");
  AddBool("model.residual", &m.residual, "add a layer's input to its output where widths agree");
  AddNumber("model.forget_bias", &m.forget_bias, -kLargest, kLargest,
            "first bias of the LSTM's forget gate");
  AddHeadKeys();
}

void Config::AddHeadKeys() {
  HeadOptions& h = run_.trainer.model.head;
  AddText("model.head", &h.head,
          fmt::format("{}: what the model gives; auto: what fits the target of the corpus",
                      fmt::join(HeadNames(), ", ")),
          RequireHeadName);
  AddText(
      "model.pooling", &h.pooling,
      "last, mean, max, attention, or several with + between: how the steps of a sequence become "
      "one row, where the target belongs to the sequence",
      [](const std::string& text) { PoolingFromName(text); });
  AddText("model.loss", &h.loss, "squared, absolute: error of real-valued targets",
          RequireRealLoss);
  AddNumber<Index>("model.dense_layers", &h.dense_layers, 0, 1000,
                   "dense layers with ReLU between the recurrent layers and the output");
  AddNumber<Index>("model.dense_size", &h.dense_size, 1, 1 << 20, "units of each dense layer");
  AddNumber("model.dense_dropout", &h.dense_dropout, 0.0, kBelowOne,
            "share dropped after each dense layer");
  AddNumber("model.pooled_dropout", &h.pooled_dropout, 0.0, kBelowOne,
            "share dropped of the pooled row of a sequence");
  AddText(
      "model.class_weights", &run_.class_weights,
      "none; balanced (classes count alike, however rare); or a number for each class, with "
      "commas between: how often a target of the class counts in the loss of training and of its "
      "validations; evaluate counts each target once",
      [](const std::string& text) { ClassWeightsFromText(text); });
}

void Config::AddTrainKeys() {
  TrainerOptions& t = run_.trainer;
  AddNumber<std::uint64_t>("train.seed", &t.seed, 0, std::numeric_limits<std::uint64_t>::max(),
                           "seed of every random draw");
  AddNumber<Index>("train.steps", &t.steps, 0, kMost, "train until this step; 0: no bound", true);
  AddNumber<Index>("train.epochs", &t.epochs, 0, kMost, "train until this epoch; 0: no bound",
                   true);
  AddNumber<int>("train.threads", &t.threads, 1, 4096, "threads of each rank", true);
  AddNumber<Index>("train.bptt_steps", &t.stream.part_steps, 0, kMost,
                   "truncated BPTT: sequences are trained on in parts of so many steps, each from "
                   "the state the one before has left; one direction only; 0: whole sequences");
  AddBool("train.recompute", &t.model.encoder.recompute,
          "compute gates again in backward instead of keeping them: less memory, same bits, slower",
          true);
  AddBool("train.overlap", &t.traffic.overlap, "communicate while computing", true);
  AddNumber("train.replicated_share", &t.traffic.replicated_share, -1.0, 1.0,
            "share of the parameters that every rank updates itself; negative: chosen by hosts",
            true);
  AddBool("train.host_level", &t.traffic.host_level,
          "ranks of a host add their sums before these leave it, and share what arrives", true);
  AddDuration("train.time_limit", &t.time.seconds,
              "the run may last so long, its start included, and ends before with its state saved; "
              "0: for ever",
              true);
  AddDuration("train.time_margin", &t.time.margin_seconds,
              "left to spare before the limit or the end of a SLURM job, besides saving; at most a "
              "tenth of it",
              true);
  AddNumber<Index>(
      "train.check_period", &t.check_period, -1, kMost,
      "steps within which all parameters and moments are checked for changed bits; -1: "
      "as few as 0.1 % of the time allows, at most 50; 0: never",
      true);
  AddNumber<Index>("train.max_skipped", &t.max_skipped, 1, kMost,
                   "steps in a row with a non-finite gradient that end the run", true);
  AddBool("train.supervise", &run_.supervisor.on,
          "a process beside each rank that ends the job when the rank dies or stalls", true);
  AddNumber("train.stall_seconds", &run_.supervisor.stall_seconds, 0.0, kLargest,
            "a rank without progress for so long, or for 10 steps, has stalled; 0: never", true);
  AddNumber<Index>("batch.sequences", &t.stream.plan.batch_sequences, 1, kMost,
                   "sequences of a global batch");
  AddNumber<Index>(
      "batch.slots", &t.stream.plan.slots, 1, 1 << 16,
      "micro-batches that a global batch is cut into; ranks x threads may not exceed it");
  AddNumber<Index>("data.window_sequences", &t.stream.plan.window_sequences, 1, kMost,
                   "sequences that are shuffled together; bounds memory");
  AddBool("data.random_strand", &t.stream.random_strand,
          "DNA: read each sample from a strand drawn anew each epoch");
  AddFrameKeys();
  AddNumber<Index>("data.prefetch", &t.stream.prefetch, 1, 1000, "batches read ahead", true);
}

void Config::AddFrameKeys() {
  FrameOptions& f = run_.trainer.stream.frames;
  AddNumber<Index>("data.stack", &f.stack, 1, 1000,
                   "real-valued inputs: frames that are joined to the input of one step");
  AddNumber<Index>("data.stride", &f.stride, 1, 1000, "frames from one step to the next");
  AddNumber("augment.stretch", &f.stretch, 0.0, 0.9,
            "training: the duration of a sample changes by up to this share");
  AddNumber<Index>("augment.time_masks", &f.time_masks, 0, 100, "training: stretches set to 0");
  AddNumber<Index>("augment.time_mask_frames", &f.time_mask_frames, 0, kMost,
                   "frames of the longest; never more than a fifth of a sample");
  AddNumber<Index>("augment.band_masks", &f.band_masks, 0, 100,
                   "training: bands of features set to 0");
  AddNumber<Index>("augment.band_mask_bins", &f.band_mask_bins, 0, kMost, "bins of the widest");
  AddNumber("augment.noise", &f.noise, 0.0, kLargest,
            "training: standard deviation of noise added to features");
}

void Config::AddOptimizerKeys() {
  OptimizerOptions& o = run_.trainer.optimizer;
  ScheduleOptions& s = run_.trainer.schedule;
  ClipOptions& c = run_.trainer.clip;
  AddEnum("optimizer.name", &o.kind, OptimizerFromName, OptimizerName, "sgd, rmsprop, adam, adamw");
  AddNumber("optimizer.momentum", &o.momentum, 0.0, kBelowOne, "SGD");
  AddBool("optimizer.nesterov", &o.nesterov, "SGD with momentum");
  AddNumber("optimizer.rho", &o.rho, 0.0, kBelowOne, "RMSProp: decay of the mean square");
  AddNumber("optimizer.beta1", &o.beta1, 0.0, kBelowOne, "Adam");
  AddNumber("optimizer.beta2", &o.beta2, 0.0, kBelowOne, "Adam");
  AddNumber("optimizer.epsilon", &o.epsilon, 1e-30, kLargest, "RMSProp and Adam");
  AddNumber("optimizer.weight_decay", &o.weight_decay, 0.0, kLargest, "of matrices, not biases");
  AddEnum("schedule.name", &s.kind, ScheduleFromName, ScheduleName,
          "constant, inverse_sqrt, cosine, step, plateau");
  AddNumber("schedule.learning_rate", &s.learning_rate, 0.0, kLargest, "highest learning rate");
  AddNumber<Index>("schedule.warmup_steps", &s.warmup_steps, 0, kMost, "steps of linear warm-up");
  AddNumber<Index>("schedule.decay_steps", &s.decay_steps, 0, kMost,
                   "cosine: steps to the lowest rate; step: steps of a stair");
  AddNumber("schedule.factor", &s.factor, kAboveZero, kBelowOne, "step, plateau: factor of a drop");
  AddNumber("schedule.lowest", &s.lowest, 0.0, kLargest, "lowest learning rate after warm-up");
  AddNumber<Index>("schedule.patience", &s.patience, 0, kMost,
                   "plateau: validations without progress before a drop");
  AddEnum("clip.mode", &c.mode, ClipModeFromName, ClipModeName, "off, fixed, adaptive");
  AddNumber("clip.max_norm", &c.max_norm, kAboveZero, kLargest,
            "largest global norm of the mean gradient");
  AddNumber("clip.quantile", &c.quantile, 0.0, 1.0, "adaptive: quantile of recent norms");
  AddNumber<Index>("clip.window", &c.window, 1, 1 << 20, "adaptive: steps that count as recent");
}

void Config::AddRunKeys() {
  TrainerOptions& t = run_.trainer;
  AddNumber<Index>("validation.every", &t.validation.every, 0, kMost,
                   "steps between validations; 0: after each epoch");
  AddNumber<Index>("validation.patience", &t.validation.patience, 0, kMost,
                   "validations without a better loss that end the run; 0: never");
  AddNumber<Index>("checkpoint.every", &t.checkpoint.every, 1, kMost, "steps between checkpoints",
                   true);
  AddNumber<Index>("checkpoint.keep", &t.checkpoint.keep, 0, kMost,
                   "newest checkpoints kept besides the best; 0: all", true);
  AddNumber<Index>("checkpoint.keep_every", &t.checkpoint.keep_every, 0, kMost,
                   "checkpoints at multiples of so many steps are kept for ever; 0: none", true);
  AddNumber<Index>("checkpoint.max_failed", &t.checkpoint.max_failed, 1, kMost,
                   "checkpoints in a row that cannot be written before the run ends", true);
  AddNumber<Index>("log.every", &t.log.every, 1, kMost, "steps between lines of metrics.jsonl",
                   true);
  AddNumber("log.seconds", &t.log.seconds, 0.0, kLargest,
            "seconds between lines where standard error is no terminal", true);
  AddBool("log.progress_bar", &t.log.progress_bar, "live bar on a terminal", true);
  AddEnum(
      "numerics.precision", &t.model.encoder.precision, PrecisionFromName, PrecisionName,
      "float32, bf16 (operands of products rounded to bfloat16, sums and weights float32; needs "
      "AVX512_BF16)");
  keys_.push_back({"numerics.isa", "auto, sse4, avx2, avx512: instruction set of all ranks", true,
                   [this](const std::string& text) {
                     if (text != "auto") IsaFromName(text);
                     run_.isa = text;
                   },
                   [this] { return run_.isa; }});
}

Config::Key* Config::Find(const std::string& name) {
  const auto found =
      std::find_if(keys_.begin(), keys_.end(), [&](const Key& key) { return key.name == name; });
  return found == keys_.end() ? nullptr : &*found;
}

std::string Config::Nearest(const std::string& name) const {
  return std::min_element(keys_.begin(), keys_.end(),
                          [&](const Key& a, const Key& b) {
                            return EditDistance(a.name, name) < EditDistance(b.name, name);
                          })
      ->name;
}

void Config::Set(const std::string& key, const std::string& value, const std::string& origin) {
  Key* const found = Find(key);
  if (found == nullptr) {
    problems_.push_back(fmt::format("{}: unknown configuration key \"{}\"; did you mean \"{}\"?",
                                    origin, key, Nearest(key)));
    return;
  }
  try {
    found->set(value);
    found->origin = origin;
  } catch (const InputError& error) {
    problems_.push_back(fmt::format("{}: {}", origin, error.what()));
  }
}

void Config::ReadFile(const std::string& path) {
  const std::string text = ReadTextFile(path);
  try {
    const toml::table document = toml::parse(text, path);
    const auto where = [&](const toml::node& node) {
      return fmt::format("{}:{}", path, node.source().begin.line);
    };
    for (const auto& [section, node] : document) {
      const toml::table* const table = node.as_table();
      if (table == nullptr) {
        Set(std::string(section.str()), NodeText(node), where(node));
        continue;
      }
      for (const auto& [key, value] : *table) {
        Set(fmt::format("{}.{}", section.str(), key.str()), NodeText(value), where(value));
      }
    }
  } catch (const toml::parse_error& error) {
    throw UsageError("{}:{}: {}", path, error.source().begin.line, error.description());
  }
}

void Config::ReadEnvironment() {
  for (const Key& key : keys_) {
    const std::string name = EnvironmentName(key.name);
    if (const char* value = std::getenv(name.c_str())) Set(key.name, value, name);
  }
}

void Config::SetFromCommandLine(const std::string& assignment) {
  const std::size_t equals = assignment.find('=');
  if (equals == std::string::npos) {
    problems_.push_back(fmt::format("--set {}: has the form key=value", assignment));
    return;
  }
  Set(assignment.substr(0, equals), assignment.substr(equals + 1), "command line");
}

void Config::Finish() {
  const TrainerOptions& t = run_.trainer;
  const auto require = [&](bool holds, const std::string& text) {
    if (!holds) problems_.push_back(text);
  };
  require(
      t.checkpoint.keep_every % t.checkpoint.every == 0,
      fmt::format("checkpoint.keep_every is {}; it has to be a multiple of checkpoint.every, {}",
                  t.checkpoint.keep_every, t.checkpoint.every));
  const bool needs_decay =
      t.schedule.kind == ScheduleKind::kCosine || t.schedule.kind == ScheduleKind::kStep;
  require(!needs_decay || t.schedule.decay_steps > 0,
          fmt::format("schedule.decay_steps is {}; the {} schedule needs at least 1",
                      t.schedule.decay_steps, ScheduleName(t.schedule.kind)));
  require(!t.optimizer.nesterov || t.optimizer.momentum > 0,
          "optimizer.nesterov is true; it needs optimizer.momentum above 0");
  require(t.steps > 0 || t.epochs > 0 || t.validation.patience > 0,
          "nothing ends the run: set train.steps, train.epochs or validation.patience");
  if (problems_.empty()) return;
  throw UsageError("the configuration cannot be used:\n  {}", fmt::join(problems_, "\n  "));
}

std::map<std::string, std::string> Config::Values() const {
  std::map<std::string, std::string> values;
  for (const Key& key : keys_) values[key.name] = key.get();
  return values;
}

std::set<std::string> Config::FreeKeys() const {
  std::set<std::string> names;
  for (const Key& key : keys_) {
    if (key.free) names.insert(key.name);
  }
  return names;
}

std::string Config::ToToml() const {
  std::string text = "# Resolved configuration; the origin of each value stands behind it.\n";
  std::string section;
  for (const Key& key : keys_) {
    const std::size_t dot = key.name.find('.');
    if (key.name.substr(0, dot) != section) {
      section = key.name.substr(0, dot);
      text += fmt::format("\n[{}]\n", section);
    }
    const std::string value = key.get();
    const bool plain = value == "true" || value == "false" ||
                       value.find_first_not_of("0123456789.+-e") == std::string::npos;
    const std::string shown = plain ? value : "\"" + value + "\"";
    text += fmt::format("{} = {}  # {}\n", key.name.substr(dot + 1), shown, key.origin);
  }
  return text;
}

std::string Config::Help() {
  const Config config;
  std::string text;
  for (const Key& key : config.keys_) {
    text += fmt::format("  {:<26} {:<10} {}\n", key.name, key.get(), key.help);
  }
  return text;
}

}  // namespace lockstep
