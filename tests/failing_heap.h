/*
 * For edges, which have no allocator to pass: stands in for the C library's function that ps_alloc
 * calls, and fails on request. Include it in one file of a test program.
 */
#ifndef TESTS_FAILING_HEAP_H
#define TESTS_FAILING_HEAP_H

#include <stdlib.h>

static long heap_allowed = -1; /* allocations still given; negative: as many as wanted */

void *aligned_alloc(size_t alignment, size_t size_bytes)
{
    void *memory;

    if (heap_allowed == 0)
        return NULL;
    if (heap_allowed > 0)
        heap_allowed--;
    return posix_memalign(&memory, alignment, size_bytes) == 0 ? memory : NULL;
}

#endif
