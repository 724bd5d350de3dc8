/* Pinned memory lent to callers; where there is none, ordinary memory does as well. */
#include "host_memory.h"

#include <stdint.h>

#include "inside.h"

static void *take_pinned(ps_gpu *gpu, size_t size_bytes)
{
    ps_gpu_lent *lent = ps_alloc(NULL, 1, sizeof *lent);

    if (!lent)
        return NULL;
    if (ps_gpu_pinned_reserve(&lent->pinned, gpu, size_bytes) != CL_SUCCESS ||
        (uintptr_t)lent->pinned.numbers % PS_ALIGN_BYTES != 0) {
        ps_gpu_pinned_free(&lent->pinned, gpu);
        ps_free(NULL, lent);
        return NULL;
    }
    lent->next = gpu->lent;
    gpu->lent = lent;
    return lent->pinned.numbers;
}

static void *take(void *user, size_t size_bytes)
{
    ps_gpu *gpu = user;
    void *memory = NULL;

    if (ps_gpu_enter(gpu)) {
        if (ps_gpu_open(gpu))
            memory = take_pinned(gpu, size_bytes);
        ps_gpu_leave(gpu);
    }
    return memory ? memory : ps_alloc(NULL, 1, size_bytes);
}

static bool give_pinned(ps_gpu *gpu, const void *memory)
{
    for (ps_gpu_lent **at = &gpu->lent; *at; at = &(*at)->next) {
        ps_gpu_lent *lent = *at;

        if (lent->pinned.numbers == memory) {
            *at = lent->next;
            ps_gpu_pinned_free(&lent->pinned, gpu);
            ps_free(NULL, lent);
            return true;
        }
    }
    return false;
}

/* In a forked child nobody can say any more whose memory it is: the child's end gives it back. */
static void give(void *user, void *memory)
{
    ps_gpu *gpu = user;
    bool given;

    if (!ps_gpu_enter(gpu))
        return;
    given = give_pinned(gpu, memory);
    ps_gpu_leave(gpu);
    if (!given)
        ps_free(NULL, memory);
}

ps_allocator ps_gpu_lender(ps_gpu *gpu)
{
    return (ps_allocator){take, give, gpu};
}

bool ps_gpu_is_lent(const ps_gpu *gpu, const float *numbers, size_t count)
{
    const uintptr_t at = (uintptr_t)numbers;

    for (const ps_gpu_lent *lent = gpu->lent; lent; lent = lent->next) {
        const uintptr_t begin = (uintptr_t)lent->pinned.numbers;

        if (at >= begin && at - begin + count * sizeof(float) <= lent->pinned.bytes)
            return true;
    }
    return false;
}
