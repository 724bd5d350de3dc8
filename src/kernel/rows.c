/* Which rows this build has and this processor can run. */
#include "kernel/kernel.h"

#include <stddef.h>
#include <string.h>

#define ROWS_MOST 4u

static uint32_t rows(const ps_kernels *found[ROWS_MOST])
{
    uint32_t count = 0;

    found[count++] = &ps_kernels_c;
    return count;
}

const ps_kernels *ps_kernels_row(uint32_t index)
{
    const ps_kernels *found[ROWS_MOST];

    return index < rows(found) ? found[index] : NULL;
}

const ps_kernels *ps_kernels_find(const char *name)
{
    const ps_kernels *found[ROWS_MOST];
    const uint32_t count = rows(found);

    if (!name)
        return found[count - 1];
    for (uint32_t i = 0; i < count; i++) {
        if (strcmp(found[i]->name, name) == 0)
            return found[i];
    }
    return NULL;
}
