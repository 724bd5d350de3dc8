/*
 * The banks that this process has open, by what their files are: device, inode, size, time of the
 * last change. A file that was replaced or changed is another file and is opened anew; who plays
 * the old one keeps it. What nobody uses stays open for the next one, but only so many.
 */
#include "core.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define IDLE_MOST 8u

typedef struct identity {
    dev_t device;
    ino_t inode;
    off_t size_bytes;
    int64_t changed_nsec;
    bool strict;
} identity;

struct core_bank {
    identity is;
    ps_soundfont_file *file;
    core_warnings warnings;
    uint32_t users;     /* under the lock, as what follows */
    uint64_t last_used; /* tick of the cache when the last user left */
    core_bank *next;
    char path[];
};

static struct cache {
    pthread_mutex_t lock;
    core_bank *first;
    uint64_t tick;
    size_t hits, misses;
} cache = {.lock = PTHREAD_MUTEX_INITIALIZER};

static void before_fork(void)
{
    pthread_mutex_lock(&cache.lock);
}

static void after_fork(void)
{
    pthread_mutex_unlock(&cache.lock);
}

static void watch_forks(void)
{
    pthread_atfork(before_fork, after_fork, after_fork);
}

static void take_lock(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;

    pthread_once(&once, watch_forks);
    pthread_mutex_lock(&cache.lock);
}

/* False for what is no ordinary file: it is like no other. */
static bool identify(const char *path, bool strict, identity *is)
{
    struct stat at;

    memset(is, 0, sizeof *is); /* compared as bytes */
    is->strict = strict;
    if (stat(path, &at) != 0 || !S_ISREG(at.st_mode)) {
        take_lock();
        is->size_bytes = -1;
        is->changed_nsec = (int64_t)++cache.tick;
        pthread_mutex_unlock(&cache.lock);
        return false;
    }
    is->device = at.st_dev;
    is->inode = at.st_ino;
    is->size_bytes = at.st_size;
    is->changed_nsec = (int64_t)at.st_mtim.tv_sec * 1000000000 + at.st_mtim.tv_nsec;
    return true;
}

static void destroy(core_bank *bank)
{
    if (!bank)
        return;
    ps_soundfont_file_close(bank->file);
    core_warnings_destroy(&bank->warnings);
    free(bank);
}

static ps_status create(core_bank **out, const char *path, const identity *is, ps_error *err)
{
    const size_t path_bytes = strlen(path) + 1;
    core_bank *bank = calloc(1, sizeof *bank + path_bytes);
    ps_warnings warnings;
    ps_status status;

    if (!bank)
        return ps_fail(err, PS_NO_MEMORY, "no memory for a bank");
    memcpy(bank->path, path, path_bytes);
    bank->is = *is;
    bank->users = 1;
    core_warnings_init(&bank->warnings, NULL);
    warnings = core_warnings_lend(&bank->warnings);
    status = ps_soundfont_file_open(&bank->file, path, is->strict, &warnings, err);
    if (status != PS_OK) {
        ps_error_in(err, path);
        destroy(bank);
        return status;
    }
    *out = bank;
    return PS_OK;
}

/* ---- Under the lock ------------------------------------------------------------------------- */

static core_bank *find(const identity *is)
{
    for (core_bank *bank = cache.first; bank; bank = bank->next)
        if (memcmp(&bank->is, is, sizeof *is) == 0)
            return bank;
    return NULL;
}

/* Takes the bank out that nobody has used for the longest time, when more than `most` are idle. */
static core_bank *take_idle(size_t most)
{
    core_bank **oldest = NULL, *bank;
    size_t idle = 0;

    for (core_bank **at = &cache.first; *at; at = &(*at)->next) {
        if ((*at)->users > 0)
            continue;
        idle++;
        if (!oldest || (*at)->last_used < (*oldest)->last_used)
            oldest = at;
    }
    if (idle <= most)
        return NULL;
    bank = *oldest;
    *oldest = bank->next;
    return bank;
}

/* ---- The cache ------------------------------------------------------------------------------ */

static core_bank *share_known(const identity *is)
{
    core_bank *bank;

    take_lock();
    bank = find(is);
    if (bank) {
        bank->users++;
        cache.hits++;
    }
    pthread_mutex_unlock(&cache.lock);
    return bank;
}

/* The new bank, or the one that another thread has opened meanwhile. */
static core_bank *keep(core_bank *made)
{
    core_bank *bank;

    take_lock();
    cache.misses++;
    bank = find(&made->is);
    if (bank) {
        bank->users++;
    } else {
        made->next = cache.first;
        cache.first = made;
    }
    pthread_mutex_unlock(&cache.lock);
    if (!bank)
        return made;
    destroy(made);
    return bank;
}

ps_status core_bank_open(core_bank **out, const char *path, bool strict, ps_error *err)
{
    char found[1024];
    identity is;
    core_bank *bank;
    ps_status status;

    if (!path) {
        status = ps_soundfont_find_default(found, sizeof found, err);
        if (status != PS_OK)
            return status;
        path = found;
    }
    if (identify(path, strict, &is)) {
        bank = share_known(&is);
        if (bank) {
            *out = bank;
            return PS_OK;
        }
    }
    status = create(&bank, path, &is, err);
    if (status == PS_OK)
        *out = keep(bank);
    return status;
}

core_bank *core_bank_share(core_bank *bank)
{
    take_lock();
    bank->users++;
    pthread_mutex_unlock(&cache.lock);
    return bank;
}

static void close_idle(size_t most)
{
    core_bank *bank;

    do {
        take_lock();
        bank = take_idle(most);
        pthread_mutex_unlock(&cache.lock);
        destroy(bank);
    } while (bank);
}

void core_bank_close(core_bank *bank)
{
    if (!bank)
        return;
    take_lock();
    bank->users--;
    bank->last_used = ++cache.tick;
    pthread_mutex_unlock(&cache.lock);
    close_idle(IDLE_MOST);
}

size_t core_bank_cache_clear(void)
{
    close_idle(0);
    return core_bank_cache_counts().open;
}

core_bank_counts core_bank_cache_counts(void)
{
    core_bank_counts counts = {0};

    take_lock();
    for (const core_bank *bank = cache.first; bank; bank = bank->next) {
        counts.open++;
        counts.idle += bank->users == 0;
    }
    counts.hits = cache.hits;
    counts.misses = cache.misses;
    pthread_mutex_unlock(&cache.lock);
    return counts;
}

/* ---- A bank --------------------------------------------------------------------------------- */

ps_soundfont *core_bank_soundfont(const core_bank *bank)
{
    return ps_soundfont_file_bank(bank->file);
}

const char *core_bank_path(const core_bank *bank)
{
    return bank->path;
}

const core_warnings *core_bank_warnings(const core_bank *bank)
{
    return &bank->warnings;
}
