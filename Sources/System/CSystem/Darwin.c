// For macOS: kqueue in place of epoll, and of the signal that Linux sends when a parent ends.
// `.ci/run` compiles and links this file, but it has never run.
#ifndef __linux__

#include "CSystem.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>
#include <sys/event.h>

#define EVENTS_MAX 256

int csystem_poller_create(void) { return kqueue(); }

int csystem_poller_set(int poller, int descriptor, uint64_t token, int wantsRead, int wantsWrite,
                       int isNew) {
  struct kevent changes[2];
  EV_SET(&changes[0], descriptor, EVFILT_READ, EV_ADD | (wantsRead ? EV_ENABLE : EV_DISABLE), 0, 0,
         (void *)(uintptr_t)token);
  EV_SET(&changes[1], descriptor, EVFILT_WRITE, EV_ADD | (wantsWrite ? EV_ENABLE : EV_DISABLE), 0,
         0, (void *)(uintptr_t)token);
  (void)isNew;
  return kevent(poller, changes, 2, NULL, 0, NULL);
}

int csystem_poller_remove(int poller, int descriptor) {
  struct kevent changes[2];
  EV_SET(&changes[0], descriptor, EVFILT_READ, EV_DELETE, 0, 0, NULL);
  EV_SET(&changes[1], descriptor, EVFILT_WRITE, EV_DELETE, 0, 0, NULL);
  return kevent(poller, changes, 2, NULL, 0, NULL);
}

int csystem_poller_wait(int poller, struct csystem_ready *ready, int readyMax,
                        int64_t timeoutNanoseconds) {
  struct kevent events[EVENTS_MAX];
  struct timespec timeout = {timeoutNanoseconds / 1000000000, timeoutNanoseconds % 1000000000};
  int max = readyMax < EVENTS_MAX ? readyMax : EVENTS_MAX;
  int count = kevent(poller, NULL, 0, events, max, timeoutNanoseconds < 0 ? NULL : &timeout);
  for (int i = 0; i < count; i++) {
    ready[i].token = (uint64_t)(uintptr_t)events[i].udata;
    ready[i].isReadable = events[i].filter == EVFILT_READ;
    ready[i].isWritable = events[i].filter == EVFILT_WRITE;
  }
  return count;
}

void csystem_sleep_until(int64_t monotonicNanoseconds) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  int64_t rest = monotonicNanoseconds - ((int64_t)now.tv_sec * 1000000000 + now.tv_nsec);
  struct timespec time = {rest / 1000000000, rest % 1000000000};
  if (rest > 0) nanosleep(&time, NULL);
}

void csystem_sharpen_timers(void) {}

// Waits for a process to end, then ends this one, whatever it does.
static void *endAfter(void *parent) {
  int queue = kqueue();
  struct kevent event;
  EV_SET(&event, (uintptr_t)parent, EVFILT_PROC, EV_ADD, NOTE_EXIT, 0, NULL);
  // A process that is gone already is an error at once, and means the same.
  while (queue >= 0 && kevent(queue, &event, 1, &event, 1, NULL) < 0 && errno == EINTR) {
  }
  // Without a queue this cannot be known; then the end of the control link must do.
  if (queue >= 0) kill(getpid(), SIGKILL);
  return NULL;
}

int csystem_end_with_parent(pid_t parent) {
  pthread_t watcher;
  if (pthread_create(&watcher, NULL, endAfter, (void *)(uintptr_t)parent) == 0) {
    pthread_detach(watcher);
  }
  return getppid() == parent ? 0 : -1;
}

#endif
