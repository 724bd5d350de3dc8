#define _GNU_SOURCE
#include "edge_support.h"

#include <pthread.h>
#include <stdatomic.h>
#include <sys/wait.h>

#include "../edge/processors.h"
#include "failing_heap.h"
#include "plainsong/threads.h"

#define TASKS 1000u

static ps_threads *make_pool(uint32_t threads)
{
    ps_threads *pool;

    assert_int_equal(ps_threads_create(&pool, threads, NULL), PS_OK);
    assert_int_equal(ps_threads_workers(pool)->threads, threads);
    return pool;
}

typedef struct counts {
    _Atomic uint32_t of[TASKS];
} counts;

static void count_one(void *argument, uint32_t index)
{
    atomic_fetch_add(&((counts *)argument)->of[index], 1);
}

static void every_task_runs_exactly_once(void **state)
{
    (void)state;
    for (uint32_t threads = 1; threads <= 8; threads++) {
        ps_threads *pool = make_pool(threads);

        for (uint32_t count = 0; count <= TASKS; count = count < 10 ? count + 1 : count * 10) {
            counts seen = {0};

            ps_workers_run(ps_threads_workers(pool), count_one, &seen, count);
            for (uint32_t i = 0; i < TASKS; i++)
                assert_int_equal(seen.of[i], i < count);
        }
        ps_threads_destroy(pool);
    }
}

/* Plain memory: that it is seen after the run is what TSan checks. */
static void write_square(void *argument, uint32_t index)
{
    ((uint32_t *)argument)[index] = index * index;
}

static void results_are_there_when_run_returns(void **state)
{
    ps_threads *pool = make_pool(4);
    uint32_t squares[64];

    (void)state;
    for (int round = 0; round < 300; round++) {
        memset(squares, 0, sizeof squares);
        ps_workers_run(ps_threads_workers(pool), write_square, squares, 64);
        for (uint32_t i = 0; i < 64; i++)
            assert_int_equal(squares[i], i * i);
    }
    ps_threads_destroy(pool);
}

typedef struct nest {
    const ps_workers *workers;
    uint32_t depth;
    _Atomic uint32_t *leaves;
} nest;

static void go_deeper(void *argument, uint32_t index)
{
    const nest *outer = argument;
    nest inner = *outer;

    (void)index;
    if (outer->depth == 0) {
        atomic_fetch_add(outer->leaves, 1);
        return;
    }
    inner.depth--;
    ps_workers_run(outer->workers, go_deeper, &inner, 3);
}

static void nested_runs_end(void **state)
{
    (void)state;
    for (uint32_t threads = 1; threads <= 5; threads++) {
        ps_threads *pool = make_pool(threads);

        for (int round = 0; round < 20; round++) {
            _Atomic uint32_t leaves = 0;
            nest outermost = {ps_threads_workers(pool), 4, &leaves};

            ps_workers_run(outermost.workers, go_deeper, &outermost, 3);
            assert_int_equal(leaves, 3 * 3 * 3 * 3 * 3);
        }
        ps_threads_destroy(pool);
    }
}

static void *call_often(void *argument)
{
    const ps_workers *workers = argument;

    for (int round = 0; round < 50; round++) {
        _Atomic uint32_t leaves = 0;
        nest outermost = {workers, 2, &leaves};

        ps_workers_run(workers, go_deeper, &outermost, 3);
        if (leaves != 27)
            return argument;
    }
    return NULL;
}

static void several_callers_share_a_pool(void **state)
{
    ps_threads *pool = make_pool(3);
    pthread_t callers[4];

    (void)state;
    for (int i = 0; i < 4; i++)
        assert_int_equal(pthread_create(&callers[i], NULL, call_often,
                                        (void *)(uintptr_t)ps_threads_workers(pool)),
                         0);
    for (int i = 0; i < 4; i++) {
        void *failed;

        pthread_join(callers[i], &failed);
        assert_null(failed);
    }
    ps_threads_destroy(pool);
}

typedef struct meeting {
    pthread_mutex_t mutex;
    pthread_cond_t all_here;
    uint32_t here, expected;
} meeting;

static void meet(void *argument, uint32_t index)
{
    meeting *m = argument;

    (void)index;
    pthread_mutex_lock(&m->mutex);
    if (++m->here == m->expected)
        pthread_cond_broadcast(&m->all_here);
    while (m->here < m->expected)
        pthread_cond_wait(&m->all_here, &m->mutex);
    pthread_mutex_unlock(&m->mutex);
}

/* Each task waits for all others: ends only when as many run at once as the pool promises. */
static void as_many_tasks_run_at_once_as_promised(void **state)
{
    ps_threads *pool = make_pool(6);

    (void)state;
    for (int round = 0; round < 20; round++) {
        meeting m = {PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, 0, 6};

        ps_workers_run(ps_threads_workers(pool), meet, &m, 6);
        assert_int_equal(m.here, 6);
        pthread_cond_destroy(&m.all_here);
        pthread_mutex_destroy(&m.mutex);
    }
    ps_threads_destroy(pool);
}

typedef struct helping {
    const ps_workers *workers;
    meeting inner;
} helping;

/* Of two threads one is in task 1, the other is the caller, who waits: only both can meet. */
static void start_a_meeting(void *argument, uint32_t index)
{
    helping *h = argument;

    if (index == 1)
        ps_workers_run(h->workers, meet, &h->inner, 2);
}

static void a_waiting_caller_helps(void **state)
{
    ps_threads *pool = make_pool(2);

    (void)state;
    for (int round = 0; round < 50; round++) {
        helping h = {ps_threads_workers(pool),
                     {PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, 0, 2}};

        ps_workers_run(h.workers, start_a_meeting, &h, 2);
        assert_int_equal(h.inner.here, 2);
        pthread_cond_destroy(&h.inner.all_here);
        pthread_mutex_destroy(&h.inner.mutex);
    }
    ps_threads_destroy(pool);
}

static void a_forked_child_works_alone(void **state)
{
    ps_threads *pool = make_pool(3);
    counts seen = {0};
    pid_t child;
    int ended;

    (void)state;
    ps_workers_run(ps_threads_workers(pool), count_one, &seen, 100);
    child = fork();
    if (child == 0) {
        ps_workers_run(ps_threads_workers(pool), count_one, &seen, 100);
        for (uint32_t i = 0; i < 100; i++)
            CHILD_CHECK(seen.of[i] == 2);
        ps_threads_destroy(pool);
        _exit(0);
    }
    waitpid(child, &ended, 0);
    assert_int_equal(ended, 0);
    ps_threads_destroy(pool);
}

static void a_pool_may_end_unused(void **state)
{
    ps_threads *pool;
    ps_error err;

    (void)state;
    ps_threads_destroy(make_pool(4));
    ps_threads_destroy(NULL);
    assert_int_equal(ps_threads_create(&pool, 0, NULL), PS_OK);
    assert_int_equal(ps_threads_workers(pool)->threads, ps_threads_available());
    ps_threads_destroy(pool);
    assert_int_equal(ps_threads_create(&pool, 5000, &err), PS_BAD_ARGUMENT);
}

static void create_gives_back_everything_when_memory_runs_out(void **state)
{
    ps_status status = PS_NO_MEMORY;
    ps_threads *pool = NULL;

    (void)state;
    for (long allowed = 0; status != PS_OK; allowed++) {
        assert_true(allowed < 10);
        heap_allowed = allowed;
        status = ps_threads_create(&pool, 2, NULL);
        heap_allowed = -1;
        assert_true(status == PS_OK ? pool != NULL : status == PS_NO_MEMORY && !pool);
    }
    ps_threads_destroy(pool);
}

/* A cgroup tree as it looks under /sys: files made here, in the test's folder. */
static void put(const char *path, const char *text)
{
    make_file(path, text, strlen(text));
}

static void quotas_of_all_groups_above_count(void **state)
{
    (void)state;
    mkdir("v2", 0700);
    mkdir("v2/a", 0700);
    mkdir("v2/a/b", 0700);
    put("in", "0::/a/b\n");
    assert_int_equal(ps_processors_of_groups("in", "v2"), UINT32_MAX);
    put("v2/a/b/cpu.max", "max 100000\n");
    assert_int_equal(ps_processors_of_groups("in", "v2"), UINT32_MAX);
    put("v2/a/cpu.max", "250000 100000\n");
    assert_int_equal(ps_processors_of_groups("in", "v2"), 3);
    put("v2/cpu.max", "50000 100000\n");
    assert_int_equal(ps_processors_of_groups("in", "v2"), 1);
    put("v2/cpu.max", "100000 100000\n");
    put("in", "0::/../../elsewhere\n");
    assert_int_equal(ps_processors_of_groups("in", "v2"), 1);
    put("in", "0::/gone\n");
    assert_int_equal(ps_processors_of_groups("in", "v2"), 1);
    assert_int_equal(ps_processors_of_groups("no-such", "v2"), UINT32_MAX);

    mkdir("v2/cpu", 0700);
    mkdir("v2/cpu/job", 0700);
    put("in", "7:memory:/job\n5:cpuset:/\n4:cpu,cpuacct:/job\n");
    put("v2/cpu/job/cpu.cfs_quota_us", "400000\n");
    put("v2/cpu/job/cpu.cfs_period_us", "100000\n");
    put("v2/cpu/cpu.cfs_quota_us", "-1\n");
    put("v2/cpu/cpu.cfs_period_us", "100000\n");
    assert_int_equal(ps_processors_of_groups("in", "v2"), 4);
    put("in", "garbage\n:\n4:cpu:\n");
    assert_int_equal(ps_processors_of_groups("in", "v2"), UINT32_MAX);
    assert_true(ps_threads_available() >= 1);
    assert_int_equal(system("rm -r v2 in"), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_task_runs_exactly_once),
        cmocka_unit_test(results_are_there_when_run_returns),
        cmocka_unit_test(nested_runs_end),
        cmocka_unit_test(several_callers_share_a_pool),
        cmocka_unit_test(as_many_tasks_run_at_once_as_promised),
        cmocka_unit_test(a_waiting_caller_helps),
        cmocka_unit_test(a_forked_child_works_alone),
        cmocka_unit_test(a_pool_may_end_unused),
        cmocka_unit_test(create_gives_back_everything_when_memory_runs_out),
        cmocka_unit_test(quotas_of_all_groups_above_count),
    };

    return cmocka_run_group_tests(tests, in_folder, out_of_folder);
}
