/*
 * A pool of threads. A run is a job on its caller's stack, in a list; whoever is free claims the
 * next index of the newest job that has one left. The caller works on its own job, so every job
 * progresses even when no thread is free, and a nested run cannot dead-lock. A caller whose last
 * tasks run elsewhere meanwhile helps with the jobs that those tasks have started, never with
 * strangers' jobs: these could keep it longer than its own.
 *
 * Idle threads and waiting callers watch for news for some microseconds, then sleep.
 */
#include "plainsong/threads.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "plainsong/memory.h"

#define THREADS_MAX 1024u

/* Sleeping and waking costs about this much, so that watching never more than doubles the cost. */
#define WATCH_NSEC 40000

typedef struct job {
    ps_task *task;
    void *argument;
    uint32_t count;
    const struct job *parent;  /* the job whose task made this run, or NULL */
    _Atomic uint64_t next;     /* first index nobody has claimed; may pass count */
    _Atomic uint32_t done;     /* tasks that have returned; the last of them ends the job's life */
    struct job *older, *newer; /* in the pool's list */
} job;

struct ps_threads {
    ps_workers workers;
    pid_t process; /* threads do not survive a fork: in a child, everything runs on the caller */
    bool watch;    /* worth it: more than one processor */

    pthread_mutex_t mutex;   /* guards what follows, the list included */
    pthread_cond_t work;     /* idle threads: there is a job, or the end */
    pthread_cond_t progress; /* waiting callers: a job has ended, or begun */
    job *newest;
    pthread_t *ids;
    uint32_t started;
    uint32_t idle;
    bool begun, ending;

    _Atomic uint32_t waiting; /* callers asleep */
    _Atomic uint32_t news;    /* counts jobs begun, and the end: what idle threads watch */
};

/* The job whose task this thread is in. */
static _Thread_local const job *inside;

static int64_t now_nsec(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static void pause_briefly(void)
{
    for (int i = 0; i < 16; i++) {
#if defined(__x86_64__) || defined(__i386__)
        __builtin_ia32_pause();
#elif defined(__aarch64__)
        __asm__ volatile("yield");
#endif
    }
}

/* Until there is news since `seen`, or `mine` (NULL allowed) has ended, or time is up. */
static void watch(ps_threads *pool, uint32_t seen, job *mine)
{
    const int64_t end_nsec = now_nsec() + WATCH_NSEC;

    do {
        pause_briefly();
        if (atomic_load(&pool->news) != seen || (mine && atomic_load(&mine->done) == mine->count))
            return;
    } while (now_nsec() < end_nsec);
}

static bool comes_from(const job *candidate, const job *ancestor)
{
    while (candidate && candidate != ancestor)
        candidate = candidate->parent;
    return candidate == ancestor;
}

/*
 * Claims a task of the newest job that has one (of ancestor's descendants, if given), and so keeps
 * that job alive. The mutex is held.
 */
static job *claim(ps_threads *pool, const job *ancestor, uint64_t *index)
{
    for (job *j = pool->newest; j; j = j->older) {
        if (ancestor && (j == ancestor || !comes_from(j, ancestor)))
            continue;
        if (atomic_load(&j->next) < j->count) {
            *index = atomic_fetch_add(&j->next, 1);
            if (*index < j->count)
                return j;
        }
    }
    return NULL;
}

/* Wakes callers that sleep. The job that has ended may be gone already. */
static void tell_progress(ps_threads *pool)
{
    if (atomic_load(&pool->waiting) == 0)
        return;
    pthread_mutex_lock(&pool->mutex);
    pthread_cond_broadcast(&pool->progress);
    pthread_mutex_unlock(&pool->mutex);
}

/* Runs the claimed task and all further ones that can be claimed of the same job. */
static void work_on(ps_threads *pool, job *j, uint64_t index)
{
    const job *const outer = inside;
    const uint32_t count = j->count;

    inside = j;
    while (index < count) {
        j->task(j->argument, (uint32_t)index);
        /* The next claim comes first: without one, the job may vanish as soon as this is done. */
        index = atomic_fetch_add(&j->next, 1);
        if (atomic_fetch_add(&j->done, 1) + 1 == count)
            tell_progress(pool);
    }
    inside = outer;
}

static void *thread_main(void *argument)
{
    ps_threads *pool = argument;
    bool watched = false;

    pthread_mutex_lock(&pool->mutex);
    for (;;) {
        uint64_t index;
        job *j = claim(pool, NULL, &index);

        if (j) {
            pthread_mutex_unlock(&pool->mutex);
            work_on(pool, j, index);
            pthread_mutex_lock(&pool->mutex);
            watched = false;
        } else if (pool->ending) {
            break;
        } else if (pool->watch && !watched) {
            const uint32_t seen = atomic_load(&pool->news);

            pthread_mutex_unlock(&pool->mutex);
            watch(pool, seen, NULL);
            pthread_mutex_lock(&pool->mutex);
            watched = true;
        } else {
            pool->idle++;
            pthread_cond_wait(&pool->work, &pool->mutex);
            pool->idle--;
            watched = false;
        }
    }
    pthread_mutex_unlock(&pool->mutex);
    return NULL;
}

/* As many threads as the system gives; fewer are only slower. The mutex is held. */
static void begin(ps_threads *pool)
{
    sigset_t all, before;

    pool->begun = true;
    sigfillset(&all); /* signals are for the program's own threads */
    pthread_sigmask(SIG_SETMASK, &all, &before);
    while (pool->started + 1 < pool->workers.threads &&
           pthread_create(&pool->ids[pool->started], NULL, thread_main, pool) == 0)
        pool->started++;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
}

static void add_job(ps_threads *pool, job *j)
{
    uint32_t to_wake;

    pthread_mutex_lock(&pool->mutex);
    if (!pool->begun)
        begin(pool);
    j->older = pool->newest;
    if (j->older)
        j->older->newer = j;
    pool->newest = j;
    atomic_fetch_add(&pool->news, 1);
    to_wake = pool->idle < j->count - 1 ? pool->idle : j->count - 1;
    if (atomic_load(&pool->waiting) > 0)
        pthread_cond_broadcast(&pool->progress);
    pthread_mutex_unlock(&pool->mutex);
    while (to_wake-- > 0)
        pthread_cond_signal(&pool->work);
}

/* The mutex is held. */
static void remove_job(ps_threads *pool, job *j)
{
    if (j->newer)
        j->newer->older = j->older;
    else
        pool->newest = j->older;
    if (j->older)
        j->older->newer = j->newer;
}

/* All tasks are claimed; waits until they have returned, and helps where it can. */
static void see_to_the_end(ps_threads *pool, job *mine)
{
    bool watched = false;

    pthread_mutex_lock(&pool->mutex);
    while (atomic_load(&mine->done) < mine->count) {
        uint64_t index;
        job *child = claim(pool, mine, &index);

        if (child) {
            pthread_mutex_unlock(&pool->mutex);
            work_on(pool, child, index);
            pthread_mutex_lock(&pool->mutex);
            watched = false;
        } else if (pool->watch && !watched) {
            const uint32_t seen = atomic_load(&pool->news);

            pthread_mutex_unlock(&pool->mutex);
            watch(pool, seen, mine);
            pthread_mutex_lock(&pool->mutex);
            watched = true;
        } else {
            /* Whoever ends a job counts it done, then looks for waiters; here it is the other
             * way round, so that one of the two sees the other. */
            atomic_fetch_add(&pool->waiting, 1);
            if (atomic_load(&mine->done) < mine->count)
                pthread_cond_wait(&pool->progress, &pool->mutex);
            atomic_fetch_sub(&pool->waiting, 1);
            watched = false;
        }
    }
    remove_job(pool, mine);
    pthread_mutex_unlock(&pool->mutex);
}

static void run(void *user, ps_task *task, void *argument, uint32_t count)
{
    ps_threads *pool = user;
    job mine = {.task = task, .argument = argument, .count = count, .parent = inside};

    if (count < 2 || pool->workers.threads < 2 || getpid() != pool->process) {
        for (uint32_t i = 0; i < count; i++)
            task(argument, i);
        return;
    }
    add_job(pool, &mine);
    work_on(pool, &mine, atomic_fetch_add(&mine.next, 1));
    see_to_the_end(pool, &mine);
}

ps_status ps_threads_create(ps_threads **out, uint32_t threads, ps_error *err)
{
    ps_threads *pool;

    if (threads == 0) {
        threads = ps_threads_available();
        threads = threads < THREADS_MAX ? threads : THREADS_MAX;
    }
    if (threads > THREADS_MAX)
        return ps_fail(err, PS_BAD_ARGUMENT, "%u threads are more than %u", (unsigned)threads,
                       THREADS_MAX);
    pool = ps_alloc(NULL, 1, sizeof *pool);
    if (!pool)
        return ps_fail(err, PS_NO_MEMORY, "no memory for a pool of threads");
    pool->ids = ps_alloc(NULL, threads, sizeof *pool->ids);
    if (!pool->ids) {
        ps_free(NULL, pool);
        return ps_fail(err, PS_NO_MEMORY, "no memory for a pool of threads");
    }
    pool->workers.run = run;
    pool->workers.user = pool;
    pool->workers.threads = threads;
    pool->process = getpid();
    pool->watch = threads > 1 && ps_threads_available() > 1;
    pthread_mutex_init(&pool->mutex, NULL);
    pthread_cond_init(&pool->work, NULL);
    pthread_cond_init(&pool->progress, NULL);
    *out = pool;
    return PS_OK;
}

void ps_threads_destroy(ps_threads *threads)
{
    if (!threads)
        return;
    if (getpid() == threads->process) {
        pthread_mutex_lock(&threads->mutex);
        threads->ending = true;
        atomic_fetch_add(&threads->news, 1);
        pthread_cond_broadcast(&threads->work);
        pthread_mutex_unlock(&threads->mutex);
        for (uint32_t i = 0; i < threads->started; i++)
            pthread_join(threads->ids[i], NULL);
        pthread_cond_destroy(&threads->progress);
        pthread_cond_destroy(&threads->work);
        pthread_mutex_destroy(&threads->mutex);
    }
    ps_free(NULL, threads->ids);
    ps_free(NULL, threads);
}

const ps_workers *ps_threads_workers(ps_threads *threads)
{
    return &threads->workers;
}
