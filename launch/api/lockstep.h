/* Inference with models of Lockstep, from C and from every language that can call C: load a
 * checkpoint, score whole sequences, or score a sequence while it comes, with carried state.
 * docs/exchange.md describes it, example.c and example.py beside this file use it.
 *
 * The shared library (liblockstep.so) needs no MPI, starts no threads, and writes nothing but
 * warnings about damaged checkpoints, on standard error.
 *
 * Errors. Functions that can fail return a code, 0 if all went well; lockstep_error() says what was
 * wrong, in words. No exception and no signal leaves the library; what a failed call would have set
 * is then unchanged.
 *
 * Threads. A model does not change after it was loaded: any number of threads may use it at once. A
 * stream belongs to one thread at a time.
 *
 * Bits. The scores are those of `lockstep predict --logits`, to the bit, on any number of threads,
 * whatever sequences are scored together, and whether they come whole or in parts. The first model
 * that a process loads decides which instructions are used (as `predict` does: those that the model
 * was trained with, or better ones that give the same bits); a later model that was trained with
 * instructions of other bits (SSE4, and AVX2 or AVX-512) is then scored with those of the first. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define LOCKSTEP_API __attribute__((visibility("default")))

/* The codes are the exit codes of `lockstep` (docs/exit_codes.md). */
typedef enum lockstep_status {
  LOCKSTEP_OK = 0,
  LOCKSTEP_USAGE = 64,    /* an argument is wrong, or the model cannot be used like this */
  LOCKSTEP_BAD_DATA = 65, /* the checkpoint is damaged */
  LOCKSTEP_MISSING = 66,  /* there is no such file */
  LOCKSTEP_INTERNAL = 70, /* a fault of the library */
  LOCKSTEP_IO = 74        /* the machine failed: a file cannot be read, memory is used up */
} lockstep_status;

typedef struct lockstep_model lockstep_model;
typedef struct lockstep_stream lockstep_stream;

/* What a model reads and gives. Strings and structures that the library returns belong to it. */
typedef struct lockstep_shape {
  size_t symbols;    /* ids are below this; 0: the model reads real values */
  size_t width;      /* ids or real values of a step */
  size_t outputs;    /* columns of the scores: classes, or real targets */
  int scores_steps;  /* 1: a row of scores per step; 0: one row per sequence */
  int streams;       /* 1: lockstep_stream_open works */
  size_t look_ahead; /* of a stream: the scores of a step come so many steps later */
} lockstep_shape;

/* Some sequences, one after another. Where the model reads ids, `symbols` holds them, and `values`
 * is not read; where it reads real values, the other way round. A step of a model with data.stack
 * is that many frames side by side, and there is one for each data.stride frames. Real values, and
 * scores for real targets, are scaled as those of the corpus are: docs/exchange.md says how, and
 * how frames make a step. */
typedef struct lockstep_batch {
  size_t sequences;
  const size_t* steps;    /* [sequences], of each sequence; at least 1 */
  const int32_t* symbols; /* [all steps, width] or NULL */
  const float* values;    /* [all steps, width] or NULL */
} lockstep_batch;

/* The version of the library, such as "0.1.0". */
LOCKSTEP_API const char* lockstep_version(void);
/* What was wrong with the last call of this thread that failed; until its next call fails. */
LOCKSTEP_API const char* lockstep_error(void);

/* Loads a model from a run folder (the checkpoint of the best validation, and of its parameters
 * those that `predict` takes) or from a checkpoint file. Refuses models that score no rows (those
 * that write targets of their own length), and those that read several fields, such as words with
 * their characters (words alone, model.characters = none and model.shape_size = 0, are symbols). */
LOCKSTEP_API lockstep_status lockstep_load(const char* path, lockstep_model** model);
/* The streams of the model must be closed. NULL is ignored. */
LOCKSTEP_API void lockstep_free(lockstep_model* model);

LOCKSTEP_API lockstep_status lockstep_shape_of(const lockstep_model* model, lockstep_shape* shape);
/* The name of an input symbol, and of a class; NULL if it has none or there is none. */
LOCKSTEP_API const char* lockstep_symbol_name(const lockstep_model* model, size_t symbol);
LOCKSTEP_API const char* lockstep_class_name(const lockstep_model* model, size_t output);

/* Scores sequences. Sets `outputs`, a row per step [all steps, outputs] or per sequence [sequences,
 * outputs], in the order of the batch: scores before softmax, or real values; of a conditional
 * random field (model.head = "crf") the logarithms of marginal probabilities. `labels`, [rows] or
 * NULL, gets the class of each row: that of its largest score, or what a conditional random field
 * chose for the whole sequence. The memory that this takes grows with the steps of the batch. */
LOCKSTEP_API lockstep_status lockstep_run(const lockstep_model* model, const lockstep_batch* batch,
                                          float* outputs, int32_t* labels);

/* Opens a stream for a sequence that comes in parts of at most `most_steps` steps, for models of
 * one direction that score each step by itself. The model must outlive it. */
LOCKSTEP_API lockstep_status lockstep_stream_open(const lockstep_model* model, size_t most_steps,
                                                  lockstep_stream** stream);
/* Adds the next steps; as in lockstep_batch, one of `symbols` and `values` is read, [steps, width].
 * Sets `outputs` to the scores that are known now, [rows, outputs], which follow those of the call
 * before and are valid until the next call. `ends` is 1 with the last steps (or after them, with
 * none): then all that remains is returned, and the next call begins a new sequence. */
LOCKSTEP_API lockstep_status lockstep_stream_add(lockstep_stream* stream, size_t steps,
                                                 const int32_t* symbols, const float* values,
                                                 int ends, const float** outputs, size_t* rows);
/* NULL is ignored. */
LOCKSTEP_API void lockstep_stream_close(lockstep_stream* stream);

#ifdef __cplusplus
}
#endif
