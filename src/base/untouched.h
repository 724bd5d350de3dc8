/* Memory for buffers that are always written before they are read. */
#ifndef PLAINSONG_BASE_UNTOUCHED_H
#define PLAINSONG_BASE_UNTOUCHED_H

#include "plainsong/memory.h"

/* Like ps_alloc, but with any content: large buffers cost nothing until they are used. */
void *ps_alloc_untouched(const ps_allocator *allocator, size_t count, size_t size_bytes);

#endif
