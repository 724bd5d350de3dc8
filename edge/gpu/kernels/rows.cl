/*
 * Jobs on rows of complex numbers. A row holds two stretches of sound that follow each other, the
 * first as its real part, the second as its imaginary part, so that one complex transform serves
 * both: a product with the spectrum of a real response keeps them apart.
 *
 * The first dimension runs along a row, the second over rows.
 */

/* As ps_gpu_row in pipeline.h. */
typedef struct {
    int in;            /* where the first stretch begins in the sound brought along */
    int low, high;     /* where this row's sound lies there: outside is silence */
    int step;          /* from the first stretch to the second */
    int out;           /* where results of the first stretch go; of the second, behind them */
    int skip;          /* this many results at the beginning of a stretch are no use */
    int count;         /* how many results are wanted */
    uint spectrum[2];  /* where the spectra of the responses begin */
} row;

float sample(__global const float *in, const row *r, int at)
{
    const float x = at >= r->low && at < r->high ? in[at] : 0.0f;

    return isfinite(x) ? x : 0.0f;
}

float2 times(float2 a, float2 b)
{
    return (float2)(a.x * b.x - a.y * b.y, a.x * b.y + a.y * b.x);
}

__kernel void gather(__global const float *in, __global const row *rows, __global float2 *work,
                     uint size)
{
    const uint n = get_global_id(0);
    const size_t at = get_global_id(1);

    if (n >= size)
        return;
    const row r = rows[at];
    work[at * size + n] =
        (float2)(sample(in, &r, r.in + (int)n), sample(in, &r, r.in + r.step + (int)n));
}

__kernel void gather_windowed(__global const float *in, __global const row *rows,
                              __global float2 *work, uint size, __global const float *window)
{
    const uint n = get_global_id(0);
    const size_t at = get_global_id(1);

    if (n >= size)
        return;
    const row r = rows[at];
    work[at * size + n] = window[n] * (float2)(sample(in, &r, r.in + (int)n),
                                               sample(in, &r, r.in + r.step + (int)n));
}

/* ---- Convolution ----------------------------------------------------------------------------- */

/* The spectrum of a response is that of a real signal: its first half is enough. */
__kernel void keep(__global const float2 *work, __global const row *rows,
                   __global float2 *spectra, uint size, float scale)
{
    const uint k = get_global_id(0);
    const size_t at = get_global_id(1);

    if (k <= size / 2)
        spectra[rows[at].spectrum[0] + k] = scale * work[at * size + k];
}

float2 bin(__global const float2 *spectrum, uint k, uint size)
{
    const float2 x = spectrum[k <= size / 2 ? k : size - k];

    return k <= size / 2 ? x : (float2)(x.x, -x.y);
}

__kernel void multiply(__global float2 *work, __global const row *rows,
                       __global const float2 *spectra, uint size)
{
    const uint k = get_global_id(0);
    const size_t at = get_global_id(1);

    if (k < size)
        work[at * size + k] =
            times(work[at * size + k], bin(spectra + rows[at].spectrum[0], k, size));
}

/* True stereo: rows 2 i and 2 i + 1 are left and right; the second dimension runs over i. */
__kernel void multiply_stereo(__global float2 *work, __global const row *rows,
                              __global const float2 *spectra, uint size)
{
    const uint k = get_global_id(0);
    const size_t at = 2 * get_global_id(1);

    if (k >= size)
        return;
    const row to_left = rows[at], to_right = rows[at + 1];
    const float2 left = work[at * size + k], right = work[(at + 1) * size + k];
    work[at * size + k] = times(left, bin(spectra + to_left.spectrum[0], k, size)) +
                          times(right, bin(spectra + to_left.spectrum[1], k, size));
    work[(at + 1) * size + k] = times(left, bin(spectra + to_right.spectrum[0], k, size)) +
                                times(right, bin(spectra + to_right.spectrum[1], k, size));
}

__kernel void scatter(__global const float2 *work, __global const row *rows, __global float *out,
                      uint size)
{
    const int n = (int)get_global_id(0);
    const size_t at = get_global_id(1);
    const row r = rows[at];

    if (n >= r.step || n >= r.count)
        return;
    const float2 result = work[at * size + r.skip + n];
    out[r.out + n] = result.x;
    if (r.step + n < r.count)
        out[r.out + r.step + n] = result.y;
}

/* ---- Spectra --------------------------------------------------------------------------------- */

void put(__global float *out, float2 x, uint k, uint kind)
{
    if (kind == 2)
        vstore2(x, k, out);
    else
        out[k] = kind == 1 ? x.x * x.x + x.y * x.y : hypot(x.x, x.y);
}

/* kind: as ps_spectra_kind. `count` of a row is 1 or 2 spectra. */
__kernel void split(__global const float2 *work, __global const row *rows, __global float *out,
                   uint size, uint kind)
{
    const uint k = get_global_id(0);
    const size_t at = get_global_id(1);
    const uint numbers = (size / 2 + 1) * (kind == 2 ? 2 : 1);

    if (k > size / 2)
        return;
    const row r = rows[at];
    const float2 a = work[at * size + k];
    const float2 b = work[at * size + (k == 0 ? 0 : size - k)];
    put(out + r.out, 0.5f * (float2)(a.x + b.x, a.y - b.y), k, kind);
    if (r.count > 1)
        put(out + r.out + numbers, 0.5f * (float2)(a.y + b.y, b.x - a.x), k, kind);
}
