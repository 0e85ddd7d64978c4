/* Scores sequences with a model of Lockstep: an example of lockstep.h in C11.
 *
 *   cc -std=c11 example.c -I. -L. -llockstep -o example
 *   echo "0 3 1 2" | ./example RUN
 *   echo "A C G T" | ./example RUN
 *   ./example RUN --stream < sequences.txt
 *
 * Each line of standard input is a sequence, step by step: real values, or ids or names of symbols.
 * Each row of scores becomes a line of standard output. With --stream, each step is scored when it
 * comes. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lockstep.h"

enum { kMostNumbers = 1 << 20 }; /* of a line */

static int32_t symbols[kMostNumbers];
static float values[kMostNumbers];
static char line[16 * kMostNumbers];

static void Require(lockstep_status status) {
  if (status == LOCKSTEP_OK) return;
  fprintf(stderr, "%s\n", lockstep_error());
  exit(status);
}

static void Refuse(const char* word, const char* wanted) {
  fprintf(stderr, "\"%s\" is no %s\n", word, wanted);
  exit(LOCKSTEP_USAGE);
}

/* The id that the word is, or that of the symbol with this name. */
static int32_t IdOf(const lockstep_model* model, const lockstep_shape* shape, const char* word) {
  char* end;
  const long id = strtol(word, &end, 10);
  if (*end == '\0') return (int32_t)id;
  for (size_t symbol = 0; symbol < shape->symbols; ++symbol) {
    const char* const name = lockstep_symbol_name(model, symbol);
    if (name != NULL && strcmp(name, word) == 0) return (int32_t)symbol;
  }
  Refuse(word, "id and no name of a symbol");
  return -1;
}

/* The numbers of the line; how many they are. */
static size_t ReadNumbers(const lockstep_model* model, const lockstep_shape* shape) {
  const char* const blanks = " \t\r\n";
  size_t count = 0;
  for (char* word = strtok(line, blanks); word != NULL && count < kMostNumbers; ++count) {
    char* end = word + strlen(word);
    if (shape->symbols > 0) {
      symbols[count] = IdOf(model, shape, word);
    } else {
      values[count] = strtof(word, &end);
    }
    if (*end != '\0') Refuse(word, "number");
    word = strtok(NULL, blanks);
  }
  return count;
}

static void Print(const float* scores, size_t rows, size_t columns) {
  for (size_t row = 0; row < rows; ++row) {
    for (size_t k = 0; k < columns; ++k) {
      printf("%.9g%c", scores[row * columns + k], k + 1 < columns ? ' ' : '\n');
    }
  }
}

static void ScoreWhole(const lockstep_model* model, const lockstep_shape* shape, size_t steps) {
  const size_t rows = shape->scores_steps ? steps : 1;
  const lockstep_batch batch = {1, &steps, symbols, values};
  float* scores = malloc(rows * shape->outputs * sizeof(float));
  if (scores == NULL) exit(LOCKSTEP_IO);
  Require(lockstep_run(model, &batch, scores, NULL));
  Print(scores, rows, shape->outputs);
  free(scores);
}

/* One step at a time. With look-ahead, the last scores come with the end. */
static void ScoreStream(lockstep_stream* stream, const lockstep_shape* shape, size_t steps) {
  for (size_t t = 0; t < steps; ++t) {
    const float* scores;
    size_t rows;
    Require(lockstep_stream_add(stream, 1, symbols + t * shape->width, values + t * shape->width,
                                t + 1 == steps, &scores, &rows));
    Print(scores, rows, shape->outputs);
  }
}

int main(int argc, char** argv) {
  const int streams = argc == 3 && strcmp(argv[2], "--stream") == 0;
  if (argc != 2 + streams) {
    fprintf(stderr, "usage: %s RUN_OR_CHECKPOINT [--stream] < SEQUENCES\n", argv[0]);
    return LOCKSTEP_USAGE;
  }
  lockstep_model* model;
  lockstep_stream* stream = NULL;
  lockstep_shape shape;
  Require(lockstep_load(argv[1], &model));
  Require(lockstep_shape_of(model, &shape));
  if (streams) Require(lockstep_stream_open(model, 1, &stream));
  while (fgets(line, sizeof line, stdin) != NULL) {
    const size_t steps = ReadNumbers(model, &shape) / shape.width;
    if (stream != NULL) {
      ScoreStream(stream, &shape, steps);
    } else {
      ScoreWhole(model, &shape, steps);
    }
  }
  lockstep_stream_close(stream);
  lockstep_free(model);
  return 0;
}
