// The system calls that Swift's Glibc module does not show, under names of our own.
// Linux is the tested platform. What differs between systems is in Linux.c and Darwin.c; CSystem.c
// is the same everywhere.
#ifndef CSYSTEM_H
#define CSYSTEM_H

#include <stdint.h>
#include <sys/types.h>

// A set of descriptors to wait on: epoll on Linux, kqueue elsewhere.
int csystem_poller_create(void);
// Watches (or changes what is watched of) a descriptor; `token` comes back with its events.
int csystem_poller_set(int poller, int descriptor, uint64_t token, int wantsRead, int wantsWrite,
                       int isNew);
int csystem_poller_remove(int poller, int descriptor);

struct csystem_ready {
  uint64_t token;
  int isReadable;  // data, an end of stream, or an error to be read
  int isWritable;
};
// Waits until a descriptor is ready or the time is over; a negative time waits without end.
// Returns how many of `ready` were filled, or -1 with errno.
int csystem_poller_wait(int poller, struct csystem_ready *ready, int readyMax,
                        int64_t timeoutNanoseconds);

// Sleeps until an instant of the monotonic clock, in nanoseconds.
void csystem_sleep_until(int64_t monotonicNanoseconds);

// Asks for timers that fire within a nanosecond of their time instead of 50 microseconds.
void csystem_sharpen_timers(void);

// Routes SIGINT, SIGTERM and SIGHUP to a descriptor: each arrival writes the signal's number as one byte.
// The second one ends the process after `millisecondsMax`, with exit code 130, whatever it does; the
// third at once.
int csystem_signals_to_descriptor(int descriptor, int millisecondsMax);
// How many signals have arrived so.
int csystem_signal_count(void);
// Ends the process in so many milliseconds instead.
void csystem_end_after(int milliseconds);
void csystem_ignore_signal(int signalNumber);
void csystem_default_signal(int signalNumber);

// Starts `path` with `arguments` (ended by a null) in `directory` (null: this one). Descriptor i of
// the new process is descriptors[i], for 0 to 3; -1 leaves it as it is here. Others that are to stay
// closed there must be close-on-exec. With `ownGroup` signals to this process's group, Ctrl-C among
// them, do not reach it. Returns the process id, or -1 with errno.
pid_t csystem_spawn(const char *path, char *const arguments[], const char *directory,
                    const int descriptors[4], int ownGroup);

// Ends this process (SIGKILL) when its parent ends. On Linux the kernel sends the signal when the
// thread that started this process ends; on macOS a thread here waits for a kqueue's NOTE_EXIT.
// Returns 0, or -1 when `parent` is not, or no longer, the process that started this one.
int csystem_end_with_parent(pid_t parent);

// Locks (or unlocks) `count` bytes of an open file from `start` on, without waiting. The lock belongs
// to the open file, not to this process. Returns 0, or -1 with errno.
int csystem_lock(int descriptor, int64_t start, int64_t count, int isLocked);

// Locks a whole open file or directory without waiting, alone or shared with others that look. The
// lock belongs to the open file and ends with it. Returns 0, or -1 with errno.
int csystem_lock_whole(int descriptor, int isExclusive);

// Starts a thread that calls `body(context)` and ends, with a stack of so many bytes (0: the system's
// choice); returns 0 or an error number.
int csystem_thread_start(uintptr_t *handle, void (*body)(void *), void *context,
                         size_t stackByteCount);
void csystem_thread_join(uintptr_t handle);
void csystem_thread_detach(uintptr_t handle);

// Makes threads share one heap, where each may have an address space of its own for one: for processes
// whose address space is limited.
void csystem_share_heap(void);

// A team of threads, the caller's among them, that does the parts of one job after the other.
struct csystem_team;
// Starts a team of up to `memberCount` threads; null when there is no memory.
struct csystem_team *csystem_team_create(int memberCount);
// How many threads it has: fewer than asked for when the system has none left.
int csystem_team_size(const struct csystem_team *team);
// Calls `body(context, part, member)` for each part from 0 to `count` - 1 (at most 65,535), by
// whichever member is free, and returns when all have returned.
void csystem_team_run(struct csystem_team *team, int count,
                      void (*body)(void *context, int part, int member), void *context);
void csystem_team_end(struct csystem_team *team);

// Asks for large pages behind memory, where the system has them.
void csystem_prefer_large_pages(void *memory, size_t byteCount);

// Asks the processor to fetch what is at an address, which will be written soon.
static inline void csystem_prefetch(const void *address) { __builtin_prefetch(address, 1); }

// How many columns a terminal has; 0 when it is none.
int csystem_terminal_width(int descriptor);

// Makes a terminal without a screen, for tests: what is written to `line` can be read from `screen`,
// and what is typed at `screen` from `line`. Returns 0, or -1 with errno.
int csystem_make_terminal(int *screen, int *line);

// The pieces of a wait status.
int csystem_status_exited(int status);
int csystem_status_code(int status);
int csystem_status_signal(int status);

#endif
