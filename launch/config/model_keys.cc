// Keys of the network: its layers, its head, and what is dropped while it learns.
#include <fmt/ranges.h>

#include <limits>

#include "launch/config/class_weights.h"
#include "launch/config/keys.h"
#include "worker/layers/pooling.h"

namespace lockstep {
namespace {

constexpr Index kWidest = Index{1} << 20;
constexpr Index kDeepest = 1000;

void AddWordKeys(WordOptions* w, KeyTable* table) {
  table->AddEnum("model.characters", &w->characters, CharacterKindFromName, CharacterKindName,
                 "how the characters of a word become features beside its embedding, for tagged "
                 "sentences: cnn (convolution over three characters, largest value of each "
                 "channel), gru (last states of both directions) or none");
  table->AddNumber("model.character_embedding_size", &w->character_embedding_size, {1, kWidest},
                   "width of the embedding of a character of a word, for tagged sentences");
  table->AddNumber("model.character_size", &w->character_size, {1, kWidest},
                   "channels of model.characters = cnn, or units of each direction of gru");
  table->AddNumber("model.shape_size", &w->shape_size, {0, kWidest},
                   "width of the embedding of a word's shape (capitals, digits, signs), for tagged "
                   "sentences; 0: shapes are not read");
  table->AddNumber("model.unknown_dropout", &w->unknown_dropout, KeyTable::ShareBelowOne(),
                   "probability that training reads a word that occurs once in the training split "
                   "as the unknown word, for tagged sentences (prepared with --min-count 1)");
}

void AddLayerKeys(EncoderOptions* m, KeyTable* table) {
  table->AddEnum("model.cell", &m->cell, CellFromName, CellName,
                 "kind of recurrent cell: rnn_tanh, rnn_relu, gru (reset after the product, as "
                 "torch.nn.GRU), gru_reset_before, lstm, or gru_ln and lstm_ln with layer "
                 "normalisation");
  table->AddNumber("model.layers", &m->layers, {0, kDeepest},
                   "number of recurrent layers; 0: each step is read by itself");
  table->AddNumber("model.hidden_size", &m->hidden_size, {1, kWidest},
                   "hidden units of each recurrent layer and direction");
  table->AddBool("model.bidirectional", &m->bidirectional,
                 "each recurrent layer reads the sequence forwards and backwards");
  table->AddEnum(
      "model.lookahead", &m->lookahead, LookAheadFromText, LookAheadText,
      "steps that recurrent layers of one direction look ahead (0 to 100): a number for "
      "the top layer, or one for each layer, lowest first, with commas between; 0: none");
  table->AddNumber("model.embedding_size", &m->embedding_size, {1, kWidest},
                   "width of the embedding of a symbol, for corpora of symbols");
  table->AddNumber(
      "model.embedding_scale", &m->embedding_scale, {std::numeric_limits<double>::min(), 1e6},
      "standard deviation of the first values of embeddings; 0.1 where most symbols are "
      "rare, such as words");
  AddWordKeys(&m->words, table);
  table->AddNumber(
      "model.conv_channels", &m->conv_channels, {0, kWidest},
      "channels of a convolution over data.stack frames, every data.stride frames, for "
      "real-valued inputs; 0: the frames go into the first layer as they are");
}

void AddDropoutKeys(EncoderOptions* m, double* weight_noise, KeyTable* table) {
  table->AddNumber(
      "model.dropout", &m->dropout, KeyTable::ShareBelowOne(),
      "share of the values between two recurrent layers that training drops; without effect "
      "where model.layers is below 2");
  table->AddNumber("model.input_dropout", &m->input_dropout, KeyTable::ShareBelowOne(),
                   "share of the inputs of the first recurrent layer that training drops");
  table->AddNumber("model.output_dropout", &m->output_dropout, KeyTable::ShareBelowOne(),
                   "share of the outputs of the last recurrent layer that training drops");
  table->AddNumber("model.symbol_dropout", &m->symbol_dropout, KeyTable::ShareBelowOne(),
                   "share of the input symbols whose embedding training replaces by zeros");
  table->AddNumber("model.embedding_dropout", &m->embedding_dropout, KeyTable::ShareBelowOne(),
                   "share of the symbols of the vocabulary that training drops in all steps of a "
                   "slot (batch.slots) at once, drawn anew in each training step; for corpora of "
                   "symbols");
  table->AddBool("model.variational_dropout", &m->variational_dropout,
                 "model.dropout, model.input_dropout and model.output_dropout drop the same values "
                 "in all steps of a sequence (or of its part, with train.bptt_steps)");
  table->AddNumber("model.weight_dropout", &m->weight_dropout, KeyTable::ShareBelowOne(),
                   "share of the recurrent weights (hidden to hidden) of each recurrent layer that "
                   "training sets to zero, drawn once for all samples of a training step");
  table->AddNumber("model.weight_noise", weight_noise, {0, 1e6},
                   "standard deviation of the noise that training adds to all parameters, drawn "
                   "anew for each slot (batch.slots) of each training step; 0: none");
  table->AddNumber("model.zoneout", &m->zoneout, KeyTable::ShareBelowOne(),
                   "probability that an output of a recurrent layer keeps its value of the step "
                   "before in training (zoneout)");
  table->AddNumber("model.cell_zoneout", &m->cell_zoneout, KeyTable::ShareBelowOne(),
                   "probability that a cell state of an LSTM keeps its value of the step before in "
                   "training (zoneout)");
  table->AddNumber("model.activation_l2", &m->activation_l2, {0, 1e6},
                   "weight of the mean square of the last recurrent layer's outputs, after "
                   "dropout, in the loss of training (activation regularisation)");
  table->AddNumber("model.activation_difference_l2", &m->difference_l2, {0, 1e6},
                   "weight of the mean square of the differences between neighbouring steps of the "
                   "last recurrent layer's outputs, before dropout, in the loss of training "
                   "(temporal activation regularisation)");
  table->AddBool("model.residual", &m->residual,
                 "adds the input of a recurrent layer to its output where their widths agree");
  table->AddNumber("model.forget_bias", &m->forget_bias,
                   {-std::numeric_limits<double>::max(), std::numeric_limits<double>::max()},
                   "value that the bias of the forget gate of an LSTM starts from");
}

void AddDecoderKeys(DecoderOptions* d, KeyTable* table) {
  table->AddEnum("model.attention", &d->attention, AttentionFromName, AttentionName,
                 "how a decoder, which writes targets of their own length, looks at the steps of "
                 "its source: none (it knows the pooled source only, model.pooling), dot (product "
                 "of states and projected source steps) or additive (a tanh layer between both)");
  table->AddNumber("model.decoder_layers", &d->layers, {0, kDeepest},
                   "number of recurrent layers of a decoder; 0: as many as model.layers");
  table->AddBool("model.input_feeding", &d->input_feeding,
                 "a decoder reads at each step what it attended to at the step before; slower, "
                 "because its layers are then walked step by step");
}

void AddHeadKeys(HeadOptions* h, std::string* class_weights, KeyTable* table) {
  table->AddText(
      "model.head", &h->head,
      fmt::format("what the model gives: {}; auto: the first that fits the target of the "
                  "corpus",
                  fmt::join(HeadNames(), ", ")),
      RequireHeadName);
  table->AddBool("model.tie_embeddings", &h->tie_embeddings,
                 "the output layer has the embedding of the inputs as its weight (one class per "
                 "step, as many classes as input symbols, model.embedding_size as wide as the last "
                 "layer), or that of the targets, where a decoder writes these; take "
                 "model.embedding_scale = 0.1 or less with it; default false");
  table->AddText(
      "model.pooling", &h->pooling,
      "how the steps of a sequence become one row, where the target belongs to the sequence, or "
      "where a decoder starts from it: last "
      "(last state of each direction), middle (state of each direction at the middle), mean, max "
      "or "
      "attention, or several with + between",
      [](const std::string& text) { PoolingFromName(text); });
  table->AddText("model.loss", &h->loss, "error of real-valued targets: squared or absolute",
                 RequireRealLoss);
  table->AddNumber("model.dense_layers", &h->dense_layers, {0, kDeepest},
                   "number of dense layers with ReLU between the recurrent layers and the output");
  table->AddNumber("model.dense_size", &h->dense_size, {1, kWidest}, "units of each dense layer");
  table->AddNumber("model.dense_dropout", &h->dense_dropout, KeyTable::ShareBelowOne(),
                   "share of the outputs of each dense layer that training drops");
  table->AddNumber("model.pooled_dropout", &h->pooled_dropout, KeyTable::ShareBelowOne(),
                   "share of the pooled row of a sequence that training drops");
  table->AddNumber("model.label_smoothing", &h->label_smoothing, KeyTable::ShareBelowOne(),
                   "share of a target class that training gives to all classes alike (label "
                   "smoothing); validations and evaluate do not smooth");
  table->AddText(
      "model.class_weights", class_weights,
      "how often a target of each class counts in the loss of training and of its validations: "
      "none (once), balanced (all classes alike, however rare), or a number for each class with "
      "commas between; evaluate counts each target once",
      [](const std::string& text) { ClassWeightsFromText(text); });
}

}  // namespace

void AddModelKeys(RunConfig* run, KeyTable* table) {
  ModelOptions& model = run->trainer.model;
  AddLayerKeys(&model.encoder, table);
  table->AddText("model.embeddings", &run->embeddings,
                 "file of word vectors (word2vec text or binary, GloVe text) that the embedding of "
                 "a new run begins with, for corpora of words; its vectors are as wide as "
                 "model.embedding_size; none: all values are drawn",
                 [](const std::string&) {});
  AddDropoutKeys(&model.encoder, &run->trainer.weight_noise, table);
  AddHeadKeys(&model.head, &run->class_weights, table);
  AddDecoderKeys(&model.decoder, table);
}

}  // namespace lockstep
