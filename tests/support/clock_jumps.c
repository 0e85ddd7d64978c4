// Preloaded into a program (LD_PRELOAD), makes the time of day jump an hour back and forth, twice a
// second, as where an administrator or NTP sets it. Monotonic clocks go on as they are.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stddef.h>
#include <sys/time.h>
#include <time.h>

typedef int (*ClockGettime)(clockid_t, struct timespec*);

static struct timespec Now(clockid_t clock) {
  static ClockGettime real;
  if (real == NULL) real = (ClockGettime)dlsym(RTLD_NEXT, "clock_gettime");
  struct timespec now, steady;
  real(clock, &now);
  if (clock != CLOCK_REALTIME && clock != CLOCK_REALTIME_COARSE) return now;
  real(CLOCK_MONOTONIC, &steady);
  const long halves = 2 * steady.tv_sec + steady.tv_nsec / 500000000;
  now.tv_sec += 3600 * (halves % 3 - 1);
  return now;
}

int clock_gettime(clockid_t clock, struct timespec* found) {
  *found = Now(clock);
  return 0;
}

int gettimeofday(struct timeval* restrict found, void* restrict zone) {
  (void)zone;
  const struct timespec now = Now(CLOCK_REALTIME);
  found->tv_sec = now.tv_sec;
  found->tv_usec = now.tv_nsec / 1000;
  return 0;
}

time_t time(time_t* found) {
  const time_t now = Now(CLOCK_REALTIME).tv_sec;
  if (found != NULL) *found = now;
  return now;
}
