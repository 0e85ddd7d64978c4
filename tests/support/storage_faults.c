// Preloaded into a program (LD_PRELOAD), fails, cuts short, kills at or records its n-th storage
// call. Calls are counted on paths below FAULTS_UNDER only, so the rest of the program, its
// launcher and its libraries notice nothing. For tests; nothing of it is in the product.
//
//   FAULTS_UNDER   absolute path of the folder that is watched; nothing happens without it
//   FAULTS_AT      "7": acts at the 7th call; "7-": at the 7th and all later ones
//   FAULTS_ACT     what it does there:
//                    EIO, ENOSPC, ...      the call fails and does nothing
//                    after:EIO, ...        the call is carried out and said to have failed
//                    short                 read and write move half of the bytes
//                    kill-before, kill-after   SIGKILL
//                    stop-before           SIGSTOP, and the call when the process is woken
//                    note                  nothing: the report is what is wanted
//                    delay:1.5             the call takes 1.5 s longer
//   FAULTS_OPS     counts only these, such as "write,fsync"; without it all
//   FAULTS_ONLY    counts only paths that hold this text
//   FAULTS_RANK    acts, counts and records on this MPI rank only
//   FAULTS_REPORT  a file that gets a line "acted <n> <operation> <path>" for each act, and "synced
//                  again <path>" when a file is synced after a sync of it has failed,
//                  without having been written to again
//   FAULTS_NAME    stands in front of these lines, for processes that report to one file
//   FAULTS_RECORD  a file that gets every call that succeeded, in order (tests/support/
//                  recorded_calls.h reads it), and what is said on standard error
//
// Operations: open read write truncate fsync close list link rename unlink mkdir.
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdio_ext.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

enum { kMostFiles = 4096, kMostFailedSyncs = 64 };
typedef enum { kPass, kFail, kFailAfter, kShort, kKillAfter } Act;

// One call at a time, so that the record has the order in which things happened.
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static const char *under, *act, *operations, *only;  // what the environment says
static long first = 0, last = 0, count = 0;
static int record_fd = -1, report_fd = -1;
static const char *reporter = "", *space = "";
static const char* paths[kMostFiles];  // of open files that are watched; never freed
static const char* failed_syncs[kMostFailedSyncs];
static int failed_sync_count = 0;

static void Put(int fd, const void* bytes, size_t size) {
  if (fd >= 0 && syscall(SYS_write, fd, bytes, size) != (long)size) abort();
}

static void PutLine(int fd, const char* format, ...) __attribute__((format(printf, 2, 3)));
static void PutLine(int fd, const char* format, ...) {
  char line[2 * 4096];
  va_list values;
  va_start(values, format);
  const int length = vsnprintf(line, sizeof line, format, values);
  va_end(values);
  Put(fd, line, (size_t)length);
}

static int OpenLog(const char* variable) {
  const char* path = getenv(variable);
  if (path == NULL) return -1;
  return (int)syscall(SYS_openat, AT_FDCWD, path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
}

__attribute__((constructor)) static void ReadEnvironment(void) {
  const char* rank = getenv("FAULTS_RANK");
  const char* mine = getenv("OMPI_COMM_WORLD_RANK");
  if (rank != NULL && (mine == NULL || strcmp(rank, mine) != 0)) return;
  act = getenv("FAULTS_ACT");
  operations = getenv("FAULTS_OPS");
  only = getenv("FAULTS_ONLY");
  const char* at = getenv("FAULTS_AT");
  if (at != NULL) {
    char* end;
    first = strtol(at, &end, 10);
    last = *end == '-' ? 1L << 60 : first;
  }
  record_fd = OpenLog("FAULTS_RECORD");
  report_fd = OpenLog("FAULTS_REPORT");
  if (getenv("FAULTS_NAME") != NULL) reporter = getenv("FAULTS_NAME"), space = " ";
  under = getenv("FAULTS_UNDER");
  if (under != NULL) PutLine(record_fd, "start\n");
}

static const char* Watched(const char* path) {
  if (under == NULL || path == NULL) return NULL;
  const size_t length = strlen(under);
  const int inside =
      strncmp(path, under, length) == 0 && (path[length] == '/' || path[length] == 0);
  return inside ? path : NULL;
}
static const char* PathOf(int fd) { return fd >= 0 && fd < kMostFiles ? paths[fd] : NULL; }

static int ErrnoOf(const char* name) {
  for (int number = 1; number < 200; ++number) {
    const char* known = strerrorname_np(number);
    if (known != NULL && strcmp(known, name) == 0) return number;
  }
  abort();
}

static void Die(void) {
  kill(getpid(), SIGKILL);
  for (;;) pause();
}

static int IsCounted(const char* operation, const char* path) {
  if (only != NULL && strstr(path, only) == NULL) return 0;
  if (operations == NULL) return 1;
  const char* found = strstr(operations, operation);
  return found != NULL && strchr(",", found[strlen(operation)]) != NULL;
}

// What is to happen to this call; counts it. errno is set when it is to fail.
static Act Choose(const char* operation, const char* path) {
  if (act == NULL || !IsCounted(operation, path)) return kPass;
  ++count;
  if (count < first || count > last) return kPass;
  PutLine(report_fd, "%s%sacted %ld %s %s\n", reporter, space, count, operation, path);
  if (strcmp(act, "note") == 0) return kPass;
  if (strcmp(act, "stop-before") == 0) {
    raise(SIGSTOP);
    return kPass;
  }
  if (strcmp(act, "kill-before") == 0) Die();
  if (strcmp(act, "kill-after") == 0) return kKillAfter;
  if (strcmp(act, "short") == 0) return kShort;
  if (strncmp(act, "delay:", 6) == 0) {
    usleep((unsigned)(atof(act + 6) * 1e6));
    return kPass;
  }
  if (strncmp(act, "after:", 6) == 0) return kFailAfter;
  errno = ErrnoOf(act);
  return kFail;
}

// Carries out `call` (or not) and, when it succeeded, `record`.
#define GUARD(operation, path, failure, call, record) \
  ({                                                  \
    pthread_mutex_lock(&mutex);                       \
    const Act chosen = Choose(operation, path);       \
    const int is_short = chosen == kShort;            \
    (void)is_short;                                   \
    __typeof__(call) result = failure;                \
    if (chosen != kFail) result = call;               \
    int reason = errno;                               \
    if (result != failure) {                          \
      record;                                         \
    }                                                 \
    if (chosen == kKillAfter) Die();                  \
    if (chosen == kFailAfter) {                       \
      result = failure;                               \
      reason = ErrnoOf(act + 6);                      \
    }                                                 \
    pthread_mutex_unlock(&mutex);                     \
    errno = reason;                                   \
    result;                                           \
  })

#define REAL(name)               \
  static __typeof__(&name) real; \
  if (real == NULL) real = (__typeof__(&name))dlsym(RTLD_NEXT, #name)

static void Opened(int fd, int flags, const char* path) {
  if (fd < kMostFiles) paths[fd] = strdup(path);
  PutLine(record_fd, "open %d %d %d %s\n", fd, (flags & O_CREAT) != 0, (flags & O_TRUNC) != 0,
          path);
}
static void Closed(int fd) {
  paths[fd] = NULL;
  PutLine(record_fd, "close %d\n", fd);
}
static void Written(int fd, long offset, const void* bytes, long size) {
  for (int i = 0; i < failed_sync_count; ++i) {
    if (strcmp(failed_syncs[i], paths[fd]) == 0) failed_syncs[i] = "";
  }
  PutLine(record_fd, "write %d %ld %ld\n", fd, offset, size);
  Put(record_fd, bytes, (size_t)size);
}

#define DEFINE_OPEN(name)                                                                 \
  int name(const char* path, int flags, ...) {                                            \
    REAL(name);                                                                           \
    va_list values;                                                                       \
    va_start(values, flags);                                                              \
    const int mode = va_arg(values, int);                                                 \
    va_end(values);                                                                       \
    if (!Watched(path)) return real(path, flags, mode);                                   \
    return GUARD("open", path, -1, real(path, flags, mode), Opened(result, flags, path)); \
  }
DEFINE_OPEN(open)
DEFINE_OPEN(open64)

#define DEFINE_OPENAT(name)                                                                       \
  int name(int folder, const char* path, int flags, ...) {                                        \
    REAL(name);                                                                                   \
    va_list values;                                                                               \
    va_start(values, flags);                                                                      \
    const int mode = va_arg(values, int);                                                         \
    va_end(values);                                                                               \
    if (!Watched(path)) return real(folder, path, flags, mode);                                   \
    return GUARD("open", path, -1, real(folder, path, flags, mode), Opened(result, flags, path)); \
  }
DEFINE_OPENAT(openat)
DEFINE_OPENAT(openat64)

// What programs call that are built with _FORTIFY_SOURCE, where no file may be made.
int __open_2(const char* path, int flags) { return open(path, flags, 0); }
int __open64_2(const char* path, int flags) { return open64(path, flags, 0); }
int __openat_2(int folder, const char* path, int flags) { return openat(folder, path, flags, 0); }
int __openat64_2(int folder, const char* path, int flags) {
  return openat64(folder, path, flags, 0);
}

// A stream is watched when it is opened, flushed and closed; its bytes are not recorded.
#define DEFINE_FOPEN(name)                                                    \
  FILE* name(const char* path, const char* mode) {                            \
    REAL(name);                                                               \
    if (!Watched(path)) return real(path, mode);                              \
    return GUARD("open", path, NULL, real(path, mode),                        \
                 Opened(fileno(result), mode[0] == 'r' ? 0 : O_CREAT, path)); \
  }
DEFINE_FOPEN(fopen)
DEFINE_FOPEN(fopen64)

#define DEFINE_READ(name, parameters, half, whole)               \
  ssize_t name parameters {                                      \
    REAL(name);                                                  \
    const char* path = PathOf(fd);                               \
    if (path == NULL) return whole;                              \
    return GUARD("read", path, -1, (is_short ? half : whole), ); \
  }
#define HALF(size) ((size) > 1 ? (size) / 2 : (size))
DEFINE_READ(read, (int fd, void* bytes, size_t size), real(fd, bytes, HALF(size)),
            real(fd, bytes, size))
DEFINE_READ(pread, (int fd, void* bytes, size_t size, off_t at), real(fd, bytes, HALF(size), at),
            real(fd, bytes, size, at))
DEFINE_READ(pread64, (int fd, void* bytes, size_t size, off64_t at),
            real(fd, bytes, HALF(size), at), real(fd, bytes, size, at))

ssize_t __read_chk(int fd, void* bytes, size_t size, size_t room) {
  (void)room;
  return read(fd, bytes, size);
}
ssize_t __pread_chk(int fd, void* bytes, size_t size, off_t at, size_t room) {
  (void)room;
  return pread(fd, bytes, size, at);
}
ssize_t __pread64_chk(int fd, void* bytes, size_t size, off64_t at, size_t room) {
  (void)room;
  return pread64(fd, bytes, size, at);
}

ssize_t write(int fd, const void* bytes, size_t size) {
  REAL(write);
  const char* path = PathOf(fd);
  if (path == NULL) return real(fd, bytes, size);
  const long offset = lseek(fd, 0, SEEK_CUR);
  return GUARD("write", path, -1, real(fd, bytes, is_short ? HALF(size) : size),
               Written(fd, offset, bytes, result));
}

#define DEFINE_PWRITE(name, offset_type)                                               \
  ssize_t name(int fd, const void* bytes, size_t size, offset_type at) {               \
    REAL(name);                                                                        \
    const char* path = PathOf(fd);                                                     \
    if (path == NULL) return real(fd, bytes, size, at);                                \
    return GUARD("write", path, -1, real(fd, bytes, is_short ? HALF(size) : size, at), \
                 Written(fd, at, bytes, result));                                      \
  }
DEFINE_PWRITE(pwrite, off_t)
DEFINE_PWRITE(pwrite64, off64_t)

ssize_t writev(int fd, const struct iovec* pieces, int piece_count) {
  REAL(writev);
  const char* path = PathOf(fd);
  if (path == NULL) return real(fd, pieces, piece_count);
  ssize_t total = 0;  // one call a piece: what the program sees is a short transfer
  for (int i = 0; i < piece_count; ++i) {
    const ssize_t written = write(fd, pieces[i].iov_base, pieces[i].iov_len);
    if (written < 0) return total > 0 ? total : -1;
    total += written;
    if ((size_t)written < pieces[i].iov_len) break;
  }
  return total;
}

// What a program tells people is part of the record: nothing may be announced too early.
size_t fwrite(const void* bytes, size_t size, size_t number, FILE* file) {
  REAL(fwrite);
  if (under != NULL && file == stderr && record_fd >= 0) {
    pthread_mutex_lock(&mutex);
    PutLine(record_fd, "say %zu\n", size * number);
    Put(record_fd, bytes, size * number);
    pthread_mutex_unlock(&mutex);
  }
  return real(bytes, size, number, file);
}

int fflush(FILE* file) {
  REAL(fflush);
  const char* path = file != NULL ? PathOf(fileno(file)) : NULL;
  if (path == NULL || __fpending(file) == 0) return real(file);
  return GUARD("write", path, EOF, real(file), );
}

static void NoteSecondSync(const char* path) {
  for (int i = 0; i < failed_sync_count; ++i) {
    if (strcmp(failed_syncs[i], path) == 0) PutLine(report_fd, "synced again %s\n", path);
  }
}

// After a failed sync the kernel may have thrown the pages away: another one proves nothing. (A
// folder is not written to, so there is nothing to throw away.)
static int Sync(int fd, int (*real)(int)) {
  const char* path = PathOf(fd);
  if (path == NULL) return real(fd);
  NoteSecondSync(path);
  const int done = GUARD("fsync", path, -1, real(fd), PutLine(record_fd, "fsync %d\n", fd));
  const int reason = errno;
  const int is_file = (fcntl(fd, F_GETFL) & O_DIRECTORY) == 0;
  if (done != 0 && reason != EINTR && is_file && failed_sync_count < kMostFailedSyncs) {
    failed_syncs[failed_sync_count++] = path;
    PutLine(record_fd, "lost %d\n", fd);
  }
  errno = reason;
  return done;
}
int fsync(int fd) {
  REAL(fsync);
  return Sync(fd, real);
}
int fdatasync(int fd) {
  REAL(fdatasync);
  return Sync(fd, real);
}

#define DEFINE_TRUNCATE(name, offset_type)                                 \
  int name(int fd, offset_type size) {                                     \
    REAL(name);                                                            \
    const char* path = PathOf(fd);                                         \
    if (path == NULL) return real(fd, size);                               \
    return GUARD("truncate", path, -1, real(fd, size),                     \
                 PutLine(record_fd, "truncate %d %ld\n", fd, (long)size)); \
  }
DEFINE_TRUNCATE(ftruncate, off_t)
DEFINE_TRUNCATE(ftruncate64, off64_t)

// A close that fails has closed the file all the same.
#define DEFINE_CLOSE(name, argument, number)                          \
  int name(argument) {                                                \
    REAL(name);                                                       \
    const int fd = number;                                            \
    const char* path = PathOf(fd);                                    \
    if (path == NULL) return real(file);                              \
    pthread_mutex_lock(&mutex);                                       \
    const Act chosen = Choose("close", path);                         \
    int reason = errno;                                               \
    Closed(fd);                                                       \
    int result = real(file);                                          \
    if (chosen == kKillAfter) Die();                                  \
    if (chosen == kFail) result = -1;                                 \
    if (chosen == kFailAfter) reason = ErrnoOf(act + 6), result = -1; \
    pthread_mutex_unlock(&mutex);                                     \
    errno = reason;                                                   \
    return result;                                                    \
  }
DEFINE_CLOSE(close, int file, file)
DEFINE_CLOSE(fclose, FILE* file, fileno(file))
DEFINE_CLOSE(closedir, DIR* file, dirfd(file))

#define DEFINE_READDIR(name, type)                    \
  struct type* name(DIR* folder) {                    \
    REAL(name);                                       \
    const char* path = PathOf(dirfd(folder));         \
    if (path == NULL) return real(folder);            \
    return GUARD("list", path, NULL, real(folder), ); \
  }
DEFINE_READDIR(readdir, dirent)
DEFINE_READDIR(readdir64, dirent64)

#define DEFINE_ON_TWO(name, operation, parameters, arguments)         \
  int name parameters {                                               \
    REAL(name);                                                       \
    if (!Watched(to)) return real arguments;                          \
    return GUARD(operation, to, -1, real arguments,                   \
                 PutLine(record_fd, operation " %s %s\n", from, to)); \
  }
DEFINE_ON_TWO(link, "link", (const char* from, const char* to), (from, to))
DEFINE_ON_TWO(rename, "rename", (const char* from, const char* to), (from, to))
DEFINE_ON_TWO(linkat, "link", (int a, const char* from, int b, const char* to, int flags),
              (a, from, b, to, flags))
DEFINE_ON_TWO(renameat, "rename", (int a, const char* from, int b, const char* to),
              (a, from, b, to))
DEFINE_ON_TWO(renameat2, "rename", (int a, const char* from, int b, const char* to, unsigned flags),
              (a, from, b, to, flags))

#define DEFINE_ON_ONE(name, operation, parameters, arguments)  \
  int name parameters {                                        \
    REAL(name);                                                \
    if (!Watched(path)) return real arguments;                 \
    return GUARD(operation, path, -1, real arguments,          \
                 PutLine(record_fd, operation " %s\n", path)); \
  }
DEFINE_ON_ONE(unlink, "unlink", (const char* path), (path))
DEFINE_ON_ONE(remove, "unlink", (const char* path), (path))
DEFINE_ON_ONE(unlinkat, "unlink", (int folder, const char* path, int flags), (folder, path, flags))
DEFINE_ON_ONE(mkdir, "mkdir", (const char* path, mode_t mode), (path, mode))
