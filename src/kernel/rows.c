/* Which rows this build has and this processor can run. */
#include "kernel/kernel.h"

#include <stddef.h>
#include <string.h>

#define ROWS_MOST 4u

/* __builtin_cpu_supports also asks the system whether it saves the wide registers. */
static uint32_t rows(const ps_kernels *found[ROWS_MOST])
{
    uint32_t count = 0;

    found[count++] = &ps_kernels_c;
#if PS_HAVE_AVX2
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") &&
        __builtin_cpu_supports("bmi2"))
        found[count++] = &ps_kernels_avx2;
#endif
#if PS_HAVE_AVX512
    if (count == 2 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
        __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq"))
        found[count++] = &ps_kernels_avx512;
#endif
#if PS_HAVE_NEON
    found[count++] = &ps_kernels_neon; /* every aarch64 processor has it */
#endif
#if PS_HAVE_SIMD128
    found[count++] = &ps_kernels_simd128; /* else the module would not have been loaded */
#endif
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
