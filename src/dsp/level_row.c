/* Which rows of level loops this build has. */
#include "dsp/level_row.h"

#include <string.h>

extern const ps_level_row ps_level_row_c, ps_level_row_avx2, ps_level_row_avx512, ps_level_row_neon,
    ps_level_row_simd128;

const ps_level_row *ps_level_row_find(const char *row)
{
#if PS_HAVE_AVX2
    if (strcmp(row, "avx2") == 0)
        return &ps_level_row_avx2;
#endif
#if PS_HAVE_AVX512
    if (strcmp(row, "avx512") == 0)
        return &ps_level_row_avx512;
#endif
#if PS_HAVE_NEON
    if (strcmp(row, "neon") == 0)
        return &ps_level_row_neon;
#endif
#if PS_HAVE_SIMD128
    if (strcmp(row, "simd128") == 0)
        return &ps_level_row_simd128;
#endif
    (void)row;
    return &ps_level_row_c;
}
