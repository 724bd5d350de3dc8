/*
 * What a process has once: its threads, its engines, its GPU. Made when first needed, and anew in a
 * forked child, which has none of its parent's threads; the parent's are then left alone. They are
 * never given back: a thread of Python's may still be rendering while the interpreter ends.
 */
#include "core.h"

#include <unistd.h>

typedef struct runtime {
    pid_t process;
    ps_threads *threads;
    ps_engine *serial, *shared;
    ps_gpu *gpus[2]; /* PS_GPU_AUTO, PS_GPU_ON */
} runtime;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static runtime here;

static void before_fork(void)
{
    pthread_mutex_lock(&lock);
}

static void after_fork(void)
{
    pthread_mutex_unlock(&lock);
}

static void watch_forks(void)
{
    pthread_atfork(before_fork, after_fork, after_fork);
}

void core_runtime_prepare(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;

    pthread_once(&once, watch_forks);
}

/* Under the lock. */
static void notice_fork(void)
{
    if (here.process != getpid())
        here = (runtime){.process = getpid()};
}

static ps_status make_threads(ps_error *err)
{
    return here.threads ? PS_OK : ps_threads_create(&here.threads, 0, err);
}

static ps_status process_engine(core_engine *out, bool serial, ps_error *err)
{
    ps_engine **engine = serial ? &here.serial : &here.shared;
    ps_engine_options options = {0};
    ps_status status = PS_OK;

    if (!*engine && !serial) {
        status = make_threads(err);
        options.workers = status == PS_OK ? ps_threads_workers(here.threads) : NULL;
    }
    if (!*engine && status == PS_OK)
        status = ps_engine_create(engine, &options, err);
    if (status == PS_OK)
        *out = (core_engine){.engine = *engine};
    return status;
}

static ps_status own_engine(core_engine *out, uint32_t threads, ps_error *err)
{
    core_engine made = {.own = true};
    ps_engine_options options = {0};
    ps_status status = ps_threads_create(&made.threads, threads, err);

    if (status == PS_OK) {
        options.workers = ps_threads_workers(made.threads);
        status = ps_engine_create(&made.engine, &options, err);
    }
    if (status == PS_OK)
        *out = made;
    else
        core_engine_give_back(&made);
    return status;
}

ps_status core_engine_borrow(core_engine *out, uint32_t threads, ps_error *err)
{
    ps_status status;

    if (threads > 1)
        return own_engine(out, threads, err);
    pthread_mutex_lock(&lock);
    notice_fork();
    status = process_engine(out, threads == 1, err);
    pthread_mutex_unlock(&lock);
    return status;
}

void core_engine_give_back(core_engine *engine)
{
    if (engine->own) {
        ps_engine_destroy(engine->engine);
        ps_threads_destroy(engine->threads);
    }
    *engine = (core_engine){0};
}

const ps_accelerator *core_gpu(ps_gpu_mode mode)
{
    const ps_accelerator *accelerator = NULL;
    ps_gpu_options options = {.mode = mode};

    if (mode == PS_GPU_OFF)
        return NULL;
    pthread_mutex_lock(&lock);
    notice_fork();
    if (!here.gpus[mode] && make_threads(NULL) == PS_OK) {
        options.workers = ps_threads_workers(here.threads);
        ps_gpu_create(&here.gpus[mode], &options, NULL);
    }
    if (here.gpus[mode])
        accelerator = ps_gpu_accelerator(here.gpus[mode]);
    pthread_mutex_unlock(&lock);
    return accelerator;
}
