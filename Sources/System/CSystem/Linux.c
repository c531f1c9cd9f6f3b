// What only Linux has. The file beside it, Darwin.c, has the same functions for macOS.
#ifdef __linux__

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "CSystem.h"

#include <errno.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>
#include <sys/epoll.h>
#include <sys/prctl.h>

#define EVENTS_MAX 256

int csystem_poller_create(void) { return epoll_create1(EPOLL_CLOEXEC); }

int csystem_poller_set(int poller, int descriptor, uint64_t token, int wantsRead, int wantsWrite,
                       int isNew) {
  struct epoll_event event = {0};
  if (wantsRead) event.events |= EPOLLIN;
  if (wantsWrite) event.events |= EPOLLOUT;
  event.data.u64 = token;
  return epoll_ctl(poller, isNew ? EPOLL_CTL_ADD : EPOLL_CTL_MOD, descriptor, &event);
}

int csystem_poller_remove(int poller, int descriptor) {
  return epoll_ctl(poller, EPOLL_CTL_DEL, descriptor, NULL);
}

int csystem_poller_wait(int poller, struct csystem_ready *ready, int readyMax,
                        int64_t timeoutNanoseconds) {
  struct epoll_event events[EVENTS_MAX];
  struct timespec timeout = {timeoutNanoseconds / 1000000000, timeoutNanoseconds % 1000000000};
  int max = readyMax < EVENTS_MAX ? readyMax : EVENTS_MAX;
  int count = epoll_pwait2(poller, events, max, timeoutNanoseconds < 0 ? NULL : &timeout, NULL);
  for (int i = 0; i < count; i++) {
    ready[i].token = events[i].data.u64;
    ready[i].isReadable = (events[i].events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0;
    ready[i].isWritable = (events[i].events & (EPOLLOUT | EPOLLERR)) != 0;
  }
  return count;
}

void csystem_sleep_until(int64_t monotonicNanoseconds) {
  struct timespec time = {monotonicNanoseconds / 1000000000, monotonicNanoseconds % 1000000000};
  while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &time, NULL) == EINTR) {
  }
}

void csystem_sharpen_timers(void) { prctl(PR_SET_TIMERSLACK, 1UL, 0, 0, 0); }

int csystem_end_with_parent(pid_t parent) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  // It may have ended before it was asked for.
  return getppid() == parent ? 0 : -1;
}

#endif
