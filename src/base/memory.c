/* Zeroed, aligned memory from the caller's allocator or the C library. */
#include "plainsong/memory.h"

#include <stdlib.h>
#include <string.h>

#include "base/untouched.h"

void *ps_alloc_untouched(const ps_allocator *allocator, size_t count, size_t size_bytes)
{
    size_t total_bytes;

    if (count == 0 || size_bytes == 0 || count > (SIZE_MAX - PS_ALIGN_BYTES) / size_bytes)
        return NULL;
    total_bytes = count * size_bytes;
    if (allocator)
        return allocator->take(allocator->user, total_bytes);
    /* aligned_alloc wants a multiple of the alignment. */
    return aligned_alloc(PS_ALIGN_BYTES,
                         (total_bytes + PS_ALIGN_BYTES - 1) / PS_ALIGN_BYTES * PS_ALIGN_BYTES);
}

void *ps_alloc(const ps_allocator *allocator, size_t count, size_t size_bytes)
{
    void *memory = ps_alloc_untouched(allocator, count, size_bytes);

    if (memory)
        memset(memory, 0, count * size_bytes);
    return memory;
}

void ps_free(const ps_allocator *allocator, void *memory)
{
    if (!memory)
        return;
    if (allocator)
        allocator->give(allocator->user, memory);
    else
        free(memory);
}
