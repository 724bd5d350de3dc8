/* Which rows of mixing this build has; amplifying for those outside. */
#include "dsp/mix.h"

#include <string.h>

#include "kernel/engine.h"
#include "plainsong/level.h"

const ps_mix_row *ps_mix_row_find(const char *row)
{
#if PS_HAVE_AVX2
    if (strcmp(row, "avx2") == 0)
        return &ps_mix_row_avx2;
#endif
#if PS_HAVE_AVX512
    if (strcmp(row, "avx512") == 0)
        return &ps_mix_row_avx512;
#endif
#if PS_HAVE_NEON
    if (strcmp(row, "neon") == 0)
        return &ps_mix_row_neon;
#endif
#if PS_HAVE_SIMD128
    if (strcmp(row, "simd128") == 0)
        return &ps_mix_row_simd128;
#endif
    (void)row;
    return &ps_mix_row_c;
}

float ps_amplify(const ps_engine *engine, ps_block block, float gain)
{
    const ps_mix_row *row = ps_mix_row_find(engine->kernels->name);
    const float left = row->amplify(block.left, block.left, gain, block.frames);

    if (!block.right)
        return left;
    const float right = row->amplify(block.right, block.right, gain, block.frames);
    return left > right ? left : right;
}
