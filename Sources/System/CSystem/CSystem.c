#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "CSystem.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#ifdef __GLIBC__
#include <malloc.h>
#endif

extern char **environ;

static volatile int signalDescriptor = -1;
static int signalCount = 0;
static volatile int endMilliseconds = 0;

// What a shell says of a program that Ctrl-C has ended.
#define EXIT_CODE_INTERRUPTED 130

static void endNow(int signalNumber) {
  (void)signalNumber;
  _exit(EXIT_CODE_INTERRUPTED);
}

void csystem_end_after(int milliseconds) {
  struct itimerval timer;
  memset(&timer, 0, sizeof timer);
  timer.it_value.tv_sec = milliseconds / 1000;
  timer.it_value.tv_usec = milliseconds % 1000 * 1000;
  setitimer(ITIMER_REAL, &timer, NULL);
}

static void writeSignal(int signalNumber) {
  int savedErrno = errno;
  // Two threads may be in here at once.
  int count = __atomic_add_fetch(&signalCount, 1, __ATOMIC_SEQ_CST);
  if (count > 2) endNow(signalNumber);
  // setitimer is a plain system call here: the main loop may hold any lock.
  if (count == 2) csystem_end_after(endMilliseconds);
  unsigned char byte = (unsigned char)signalNumber;
  // A full pipe already holds more signals than anybody needs.
  ssize_t ignored = write(signalDescriptor, &byte, 1);
  (void)ignored;
  errno = savedErrno;
}

int csystem_signals_to_descriptor(int descriptor, int millisecondsMax) {
  signalDescriptor = descriptor;
  signalCount = 0;
  endMilliseconds = millisecondsMax;
  struct sigaction action;
  memset(&action, 0, sizeof action);
  action.sa_flags = SA_RESTART;
  action.sa_handler = endNow;
  sigemptyset(&action.sa_mask);
  if (sigaction(SIGALRM, &action, NULL) != 0) return -1;
  action.sa_handler = writeSignal;
  if (sigaction(SIGINT, &action, NULL) != 0) return -1;
  if (sigaction(SIGTERM, &action, NULL) != 0) return -1;
  // A terminal that closes ends the run in order too, unless nohup said otherwise.
  struct sigaction hangup;
  if (sigaction(SIGHUP, NULL, &hangup) != 0) return -1;
  return hangup.sa_handler == SIG_IGN ? 0 : sigaction(SIGHUP, &action, NULL);
}

int csystem_signal_count(void) { return __atomic_load_n(&signalCount, __ATOMIC_SEQ_CST); }

void csystem_ignore_signal(int signalNumber) { signal(signalNumber, SIG_IGN); }
void csystem_default_signal(int signalNumber) { signal(signalNumber, SIG_DFL); }

int csystem_lock_whole(int descriptor, int isExclusive) {
  return flock(descriptor, (isExclusive ? LOCK_EX : LOCK_SH) | LOCK_NB);
}

int csystem_lock(int descriptor, int64_t start, int64_t count, int isLocked) {
  struct flock lock;
  memset(&lock, 0, sizeof lock);
  lock.l_type = isLocked ? F_WRLCK : F_UNLCK;
  lock.l_whence = SEEK_SET;
  lock.l_start = start;
  lock.l_len = count;
#ifdef F_OFD_SETLK
  return fcntl(descriptor, F_OFD_SETLK, &lock);
#else
  return fcntl(descriptor, F_SETLK, &lock);
#endif
}

pid_t csystem_spawn(const char *path, char *const arguments[], const char *directory,
                    const int descriptors[4], int ownGroup) {
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  posix_spawn_file_actions_init(&actions);
  posix_spawnattr_init(&attributes);
  if (directory != NULL) posix_spawn_file_actions_addchdir_np(&actions, directory);
  // Descriptors of ours are opened close-on-exec; only these copies survive the start.
  for (int i = 0; i < 4; i++) {
    if (descriptors[i] >= 0) posix_spawn_file_actions_adddup2(&actions, descriptors[i], i);
  }
  // A program expects signals as a shell would hand them over, not as this process ignores them or
  // this thread blocks them: a Ctrl-C would never reach it.
  sigset_t defaults;
  sigemptyset(&defaults);
  sigaddset(&defaults, SIGPIPE);
  sigaddset(&defaults, SIGXFSZ);
  sigaddset(&defaults, SIGINT);
  posix_spawnattr_setsigdefault(&attributes, &defaults);
  sigset_t none;
  sigemptyset(&none);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setpgroup(&attributes, 0);
  posix_spawnattr_setflags(&attributes,
                           POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK |
                               (ownGroup ? POSIX_SPAWN_SETPGROUP : 0));
  pid_t child = -1;
  int error = posix_spawnp(&child, path, &actions, &attributes, arguments, environ);
  posix_spawn_file_actions_destroy(&actions);
  posix_spawnattr_destroy(&attributes);
  if (error != 0) {
    errno = error;
    return -1;
  }
  return child;
}

struct threadStart {
  void (*body)(void *);
  void *context;
};

static void *runThread(void *argument) {
  struct threadStart start = *(struct threadStart *)argument;
  free(argument);
  start.body(start.context);
  return NULL;
}

int csystem_thread_start(uintptr_t *handle, void (*body)(void *), void *context,
                         size_t stackByteCount) {
  struct threadStart *start = malloc(sizeof *start);
  if (start == NULL) return ENOMEM;
  start->body = body;
  start->context = context;
  pthread_t thread;
  pthread_attr_t attributes;
  int error = pthread_attr_init(&attributes);
  if (error == 0) {
    if (stackByteCount > 0) error = pthread_attr_setstacksize(&attributes, stackByteCount);
    if (error == 0) error = pthread_create(&thread, &attributes, runThread, start);
    pthread_attr_destroy(&attributes);
  }
  if (error != 0) {
    free(start);
    return error;
  }
  *handle = (uintptr_t)thread;
  return 0;
}

void csystem_thread_join(uintptr_t handle) { pthread_join((pthread_t)handle, NULL); }

void csystem_thread_detach(uintptr_t handle) { pthread_detach((pthread_t)handle); }

void csystem_share_heap(void) {
#ifdef __GLIBC__
  mallopt(M_ARENA_MAX, 1);
#endif
}

void csystem_prefer_large_pages(void *memory, size_t byteCount) {
#ifdef MADV_HUGEPAGE
  size_t pageSize = (size_t)sysconf(_SC_PAGESIZE);
  uintptr_t start = ((uintptr_t)memory + pageSize - 1) / pageSize * pageSize;
  uintptr_t end = ((uintptr_t)memory + byteCount) / pageSize * pageSize;
  // Where it is refused, memory works all the same.
  if (end > start) (void)madvise((void *)start, end - start, MADV_HUGEPAGE);
#else
  (void)memory;
  (void)byteCount;
#endif
}

int csystem_terminal_width(int descriptor) {
  struct winsize size;
  return ioctl(descriptor, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

int csystem_make_terminal(int *screen, int *line) {
  *screen = posix_openpt(O_RDWR | O_NOCTTY);
  if (*screen < 0) return -1;
  char *name = NULL;
  if (grantpt(*screen) == 0 && unlockpt(*screen) == 0) name = ptsname(*screen);
  *line = name != NULL ? open(name, O_RDWR | O_NOCTTY | O_CLOEXEC) : -1;
  if (*line < 0) {
    close(*screen);
    return -1;
  }
  fcntl(*screen, F_SETFD, FD_CLOEXEC);
  return 0;
}

int csystem_status_exited(int status) { return WIFEXITED(status); }
int csystem_status_code(int status) { return WEXITSTATUS(status); }
int csystem_status_signal(int status) { return WIFSIGNALED(status) ? WTERMSIG(status) : 0; }
