/* Which rows of effects this build has. */
#include "dsp/send_row.h"

#include <string.h>

extern const ps_send_row ps_send_row_c, ps_send_row_avx2, ps_send_row_avx512, ps_send_row_neon,
    ps_send_row_simd128;

const ps_send_row *ps_send_row_find(const char *row)
{
#if PS_HAVE_AVX2
    if (strcmp(row, "avx2") == 0)
        return &ps_send_row_avx2;
#endif
#if PS_HAVE_AVX512
    if (strcmp(row, "avx512") == 0)
        return &ps_send_row_avx512;
#endif
#if PS_HAVE_NEON
    if (strcmp(row, "neon") == 0)
        return &ps_send_row_neon;
#endif
#if PS_HAVE_SIMD128
    if (strcmp(row, "simd128") == 0)
        return &ps_send_row_simd128;
#endif
    (void)row;
    return &ps_send_row_c;
}
