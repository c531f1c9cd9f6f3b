#include "CSystem.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

// A job's number, how many parts it has and which part is next, in one word: a thread that claims a
// part by exchanging this word knows that the job it read is still the one under way.
#define STATE(job, count, next) ((uint64_t)(job) << 32 | (uint64_t)(count) << 16 | (next))
#define COUNT(state) ((uint32_t)((state) >> 16) & 0xffff)
#define NEXT(state) ((uint32_t)(state) & 0xffff)

// How often a thread looks again before it sleeps: some ten microseconds.
#define LOOKS_MAX 4000

struct csystem_team {
  _Alignas(64) _Atomic uint64_t state;
  // Written before `state` announces the job, read after a part of it is claimed.
  void (*body)(void *context, int part, int member);
  void *context;
  _Alignas(64) _Atomic uint32_t doneCount;
  _Atomic int sleeperCount;
  _Atomic int isCallerAsleep;
  _Atomic int isOver;
  pthread_mutex_t mutex;
  pthread_cond_t hasJob;
  pthread_cond_t isDone;
  int memberCount;
  uintptr_t *threads;
  struct member *members;
};

struct member {
  struct csystem_team *team;
  int number;
};

static void pauseBriefly(void) {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#endif
}

// Carries out parts until all are claimed.
static void help(struct csystem_team *team, int member) {
  uint64_t state = atomic_load(&team->state);
  while (NEXT(state) < COUNT(state)) {
    if (!atomic_compare_exchange_weak(&team->state, &state, state + 1)) continue;
    uint32_t count = COUNT(state);
    team->body(team->context, (int)NEXT(state), member);
    // The job cannot end before this part is counted.
    if (atomic_fetch_add(&team->doneCount, 1) + 1 == count &&
        atomic_load(&team->isCallerAsleep)) {
      pthread_mutex_lock(&team->mutex);
      pthread_cond_signal(&team->isDone);
      pthread_mutex_unlock(&team->mutex);
    }
    state = atomic_load(&team->state);
  }
}

static int hasWork(struct csystem_team *team) {
  uint64_t state = atomic_load(&team->state);
  return NEXT(state) < COUNT(state) || atomic_load(&team->isOver);
}

static void waitForWork(struct csystem_team *team) {
  for (int look = 0; look < LOOKS_MAX; look++) {
    if (hasWork(team)) return;
    pauseBriefly();
  }
  pthread_mutex_lock(&team->mutex);
  atomic_fetch_add(&team->sleeperCount, 1);
  while (!hasWork(team)) pthread_cond_wait(&team->hasJob, &team->mutex);
  atomic_fetch_sub(&team->sleeperCount, 1);
  pthread_mutex_unlock(&team->mutex);
}

static void work(void *context) {
  struct member *member = context;
  while (!atomic_load(&member->team->isOver)) {
    help(member->team, member->number);
    waitForWork(member->team);
  }
}

struct csystem_team *csystem_team_create(int memberCount) {
  struct csystem_team *team = NULL;
  if (posix_memalign((void **)&team, 64, sizeof *team) != 0) return NULL;
  memset(team, 0, sizeof *team);
  team->memberCount = 1;
  pthread_mutex_init(&team->mutex, NULL);
  pthread_cond_init(&team->hasJob, NULL);
  pthread_cond_init(&team->isDone, NULL);
  team->threads = calloc((size_t)memberCount, sizeof *team->threads);
  team->members = calloc((size_t)memberCount, sizeof *team->members);
  if (team->threads == NULL || team->members == NULL) return team;
  // Fewer threads than asked for do the same work, only later.
  while (team->memberCount < memberCount) {
    int number = team->memberCount;
    team->members[number] = (struct member){team, number};
    if (csystem_thread_start(&team->threads[number], work, &team->members[number], 0) != 0) break;
    team->memberCount++;
  }
  return team;
}

int csystem_team_size(const struct csystem_team *team) { return team->memberCount; }

void csystem_team_run(struct csystem_team *team, int count,
                      void (*body)(void *context, int part, int member), void *context) {
  if (count <= 0) return;
  team->body = body;
  team->context = context;
  atomic_store(&team->doneCount, 0);
  uint64_t job = (atomic_load(&team->state) >> 32) + 1;
  atomic_store(&team->state, STATE(job, count, 0));
  if (atomic_load(&team->sleeperCount) > 0) {
    pthread_mutex_lock(&team->mutex);
    pthread_cond_broadcast(&team->hasJob);
    pthread_mutex_unlock(&team->mutex);
  }
  help(team, 0);
  for (int look = 0; look < LOOKS_MAX; look++) {
    if (atomic_load(&team->doneCount) == (uint32_t)count) return;
    pauseBriefly();
  }
  pthread_mutex_lock(&team->mutex);
  atomic_store(&team->isCallerAsleep, 1);
  while (atomic_load(&team->doneCount) != (uint32_t)count) {
    pthread_cond_wait(&team->isDone, &team->mutex);
  }
  atomic_store(&team->isCallerAsleep, 0);
  pthread_mutex_unlock(&team->mutex);
}

void csystem_team_end(struct csystem_team *team) {
  atomic_store(&team->isOver, 1);
  pthread_mutex_lock(&team->mutex);
  pthread_cond_broadcast(&team->hasJob);
  pthread_mutex_unlock(&team->mutex);
  for (int number = 1; number < team->memberCount; number++) {
    csystem_thread_join(team->threads[number]);
  }
  pthread_cond_destroy(&team->isDone);
  pthread_cond_destroy(&team->hasJob);
  pthread_mutex_destroy(&team->mutex);
  free(team->members);
  free(team->threads);
  free(team);
}
