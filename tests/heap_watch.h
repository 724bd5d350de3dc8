/*
 * Watches the process's heap and locks: stands in for the C library's allocation functions and for
 * pthread_mutex_lock, so that calls made inside other libraries are seen too. Include it in one
 * file of a test program.
 *
 * heap_allowed fails ps_alloc(NULL, ...), which is aligned_alloc, after that many allocations.
 * Include it first (it needs _GNU_SOURCE). Counting needs glibc and no sanitizer (those stand in
 * for the same functions): HEAP_WATCHED.
 */
#ifndef TESTS_HEAP_WATCH_H
#define TESTS_HEAP_WATCH_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define HEAP_WATCHED 0
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define HEAP_WATCHED 0
#endif
#endif
#ifndef HEAP_WATCHED
#ifdef __GLIBC__
#define HEAP_WATCHED 1
#else
#define HEAP_WATCHED 0
#endif
#endif

static long heap_allowed = -1; /* for ps_alloc; negative: as many as wanted */
static atomic_long heap_calls; /* of any allocation function; not counted unless HEAP_WATCHED */
static atomic_long lock_calls;

static bool heap_refuses(void)
{
    if (heap_allowed == 0)
        return true;
    if (heap_allowed > 0)
        heap_allowed--;
    return false;
}

#if HEAP_WATCHED

#include <dlfcn.h>
#include <pthread.h>

void *__libc_malloc(size_t size_bytes);
void *__libc_calloc(size_t count, size_t size_bytes);
void *__libc_realloc(void *memory, size_t size_bytes);
void *__libc_memalign(size_t alignment, size_t size_bytes);
void __libc_free(void *memory);

void *malloc(size_t size_bytes)
{
    heap_calls++;
    return __libc_malloc(size_bytes);
}

void *calloc(size_t count, size_t size_bytes)
{
    heap_calls++;
    return __libc_calloc(count, size_bytes);
}

void *realloc(void *memory, size_t size_bytes)
{
    heap_calls++;
    return __libc_realloc(memory, size_bytes);
}

void *aligned_alloc(size_t alignment, size_t size_bytes)
{
    heap_calls++;
    return heap_refuses() ? NULL : __libc_memalign(alignment, size_bytes);
}

void free(void *memory)
{
    heap_calls++;
    __libc_free(memory);
}

int pthread_mutex_lock(pthread_mutex_t *mutex)
{
    int (*lock)(pthread_mutex_t *);

    lock_calls++;
    *(void **)&lock = dlsym(RTLD_NEXT, "pthread_mutex_lock");
    return lock(mutex);
}

#else

void *aligned_alloc(size_t alignment, size_t size_bytes)
{
    void *memory;

    if (heap_refuses())
        return NULL;
    return posix_memalign(&memory, alignment, size_bytes) == 0 ? memory : NULL;
}

#endif
#endif
