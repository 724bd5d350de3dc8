/* The limiter: never above its ceiling, and nothing else. */
#include "effect_support.h"

#define PI 3.14159265358979323846

/* ---- True peaks, measured in double by one step of windowed sincs
 * --------------------------------
 */

#define STEPS 8
#define TAPS  44 /* with this window right up to 20 kHz at 44.1 kHz */

typedef struct meter {
    double weights[STEPS][TAPS];
} meter;

static double bessel(double x)
{
    double sum = 1.0, term = 1.0;

    for (int k = 1; k < 40; k++) {
        term *= x / (2.0 * k) * (x / (2.0 * k));
        sum += term;
    }
    return sum;
}

static void make_meter(meter *m)
{
    for (int step = 0; step < STEPS; step++) {
        double sum = 0.0;

        for (int k = 0; k < TAPS; k++) {
            const double d = (double)step / STEPS + TAPS / 2 - 1 - k, u = 2.0 * d / TAPS;
            const double window = fabs(u) < 1.0 ? bessel(6.45 * sqrt(1.0 - u * u)) : 0.0;

            m->weights[step][k] = window * (d == 0.0 ? 1.0 : sin(PI * d) / (PI * d));
            sum += m->weights[step][k];
        }
        for (int k = 0; k < TAPS; k++)
            m->weights[step][k] /= sum;
    }
}

/* The largest of eight points per frame, from one frame on; every second is one of four. Before and
   after it all is silence. */
static double true_peak(const meter *m, const float *x, uint32_t frames, uint32_t from)
{
    double *wide = calloc(frames + 2u * TAPS, sizeof *wide), peak = 0.0;

    for (uint32_t i = 0; i < frames; i++)
        wide[TAPS + i] = (double)x[i];
    for (uint32_t i = from; i < frames + TAPS; i++) {
        for (int step = 0; step < STEPS; step++) {
            double sum = 0.0;

            for (int k = 0; k < TAPS; k++)
                sum += m->weights[step][k] * wide[i + (uint32_t)k];
            peak = fmax(peak, fabs(sum));
        }
    }
    free(wide);
    return peak;
}

static double true_peak_of_both(const meter *m, const fx_audio *a)
{
    return fmax(true_peak(m, a->left, a->frames, 0), true_peak(m, a->right, a->frames, 0));
}

/* ---- Inputs ---------------------------------------------------------------------------------- */

static double pick(uint64_t seed, uint64_t i, double low, double high)
{
    return low + (high - low) * (double)(ps_random_bits(seed, i) >> 11) * 0x1p-53;
}

static double sample(uint64_t seed, uint32_t i, double hz, double level)
{
    const double noise = pick(seed, i + 100, -1, 1), phase = pick(seed, 3, 0, 6.3);
    const uint32_t period = (uint32_t)pick(seed, 4, 2, 200);

    switch (seed / 2 % 9) {
    case 0:
        return level * noise;
    case 1:
        return noise > 0.0 ? level : -level;
    case 2: /* close to a quarter of the rate, where samples miss the peaks by 3 dB */
        return level * sin((0.5 + pick(seed, 5, -0.002, 0.002)) * PI * i + 0.25 * PI);
    case 3:
        return i / period % 2 ? level : -level;
    case 4:
        return (i % 300 < 60 ? level : 0.02 * level) * noise;
    case 5:
        return level * sin(2.0 * PI * hz * i + phase);
    case 6:
        return (i / period % 3 == 0 ? level : 0.05) * sin(2.0 * PI * hz * i + phase);
    case 7:
        return i > 300 ? level : 0.01 * noise;
    default:
        return i % period == 0 ? level * noise : 0.0;
    }
}

/* Then silence, in which it comes out. */
static fx_audio input(uint64_t n, uint32_t frames)
{
    fx_audio a = fx_new(frames + 250);

    for (uint32_t side = 0; side < 2; side++) {
        const uint64_t seed = 2 * n + side;
        const double level = pow(10.0, pick(seed, 1, -0.5, 1.5)), hz = pick(seed, 2, 0.001, 0.45);

        for (uint32_t i = 0; i < frames; i++)
            (side ? a.right : a.left)[i] = (float)sample(seed, i, hz, level);
    }
    return a;
}

static void nothing_passes_the_ceiling_over_1000_inputs(void **state)
{
    ps_engine *engine = fx_engine(NULL);
    static meter m;

    (void)state;
    make_meter(&m);
    for (uint64_t n = 0; n < 1000; n++) {
        const double ceiling = floor(pick(n, 900, -12, 0.5)), ahead = pick(n, 901, 1, 4);
        fx_audio a = input(n, 700);
        char text[100];

        snprintf(text, sizeof text, "limiter:%g,release=%g,lookahead=%g", ceiling,
                 pick(n, 902, 1, 200), ahead);
        ps_rack *rack = fx_rack(engine, text);
        fx_run(rack, &a, 0);
        assert_true(ps_rack_latency(rack) < 230);
        const double peak = true_peak_of_both(&m, &a);
        if (!(peak <= pow(10.0, 0.05 * ceiling)))
            fail_msg("%s: input %u comes out at %.4f dB", text, (unsigned)n, 20.0 * log10(peak));
        ps_rack_destroy(rack);
        fx_free(&a);
    }
    ps_engine_destroy(engine);
}

/* ---- Nothing else ---------------------------------------------------------------------------- */

static void what_stays_below_leaves_every_bit(void **state)
{
    static const double freqs[] = {0.01, 0.11, 0.2500001, 0.33, 0.45};
    static meter m;

    (void)state;
    make_meter(&m);
    for (int n = 0; n < 6; n++) {
        fx_audio in = n < 5 ? fx_new(6000) : fx_noise(6000, 0.5f, 9);
        ps_engine *engine = fx_engine(NULL);
        ps_rack *rack = fx_rack(engine, "limiter:-3");
        const uint32_t late = ps_rack_latency(rack);

        for (uint32_t i = 0; n < 5 && i < in.frames; i++)
            in.left[i] = in.right[i] =
                (float)(sin(2.0 * PI * freqs[n] * i + 0.7) * fmin(1.0, 0.002 * i) *
                        fmin(1.0, 0.002 * (in.frames - i)));
        const double peak = true_peak_of_both(&m, &in);
        /* 0.06 dB below the ceiling. */
        for (uint32_t i = 0; i < in.frames; i++) {
            in.left[i] *= (float)(pow(10.0, -0.05 * 3.06) / peak);
            in.right[i] *= (float)(pow(10.0, -0.05 * 3.06) / peak);
        }
        fx_audio out = fx_copy(&in);
        fx_run(rack, &out, 0);
        for (uint32_t i = 0; i < late; i++)
            assert_true(out.left[i] == 0.0f && out.right[i] == 0.0f);
        assert_memory_equal(in.left, out.left + late, (in.frames - late) * sizeof(float));
        assert_memory_equal(in.right, out.right + late, (in.frames - late) * sizeof(float));
        ps_rack_destroy(rack);
        ps_engine_destroy(engine);
        fx_free(&in);
        fx_free(&out);
    }
}

static void a_loud_tone_comes_out_at_the_ceiling(void **state)
{
    static meter m;

    (void)state;
    make_meter(&m);
    for (double hz = 150.0; hz < 19000.0; hz *= 2.1) {
        fx_audio a = fx_sine(20000, hz, 4.0);

        memset(a.left + 19000, 0, 1000 * sizeof(float));
        memset(a.right + 19000, 0, 1000 * sizeof(float));
        fx_apply("limiter:-6,release=1000", &a);
        const double db = 20.0 * log10(true_peak(&m, a.left, a.frames, 10000));
        assert_true(db <= -6.0 && db > -6.2);
        fx_free(&a);
    }
}

/* The gain that one peak leaves behind it comes back by 63 % in the release time, and is then bit
   by bit what it was. */
static void the_gain_comes_back_with_the_release_time(void **state)
{
    ps_engine *engine = fx_engine(NULL);
    ps_rack *rack = fx_rack(engine, "limiter:0,release=50");
    const uint32_t late = ps_rack_latency(rack), peak_at = 5000, frames = 60000;
    fx_audio a = fx_new(frames);
    double back = 0.0;

    (void)state;
    for (uint32_t i = 0; i < frames; i++)
        a.left[i] = a.right[i] = 0.25f;
    a.left[peak_at] = 2.0f;
    fx_run(rack, &a, 512);
    assert_true(fabsf(a.left[peak_at + late]) <= 1.0f);
    const double least = 4.0 * (double)a.right[peak_at + late];
    assert_true(least < 0.51);
    for (uint32_t i = peak_at; i < peak_at + late - 200; i++)
        assert_true(a.right[i] == 0.25f);
    for (uint32_t i = peak_at + late; back == 0.0; i++)
        if (4.0 * (double)a.right[i] >= 1.0 - (1.0 - least) * exp(-1.0))
            back = i - (peak_at + late);
    /* Half the look-ahead is smoothed away. */
    const double wanted = 0.05 * FX_RATE_HZ + 0.001 * FX_RATE_HZ;
    assert_true(fabs(back - wanted) < 0.02 * wanted);
    for (uint32_t i = peak_at + 45000; i < frames; i++)
        assert_true(a.left[i] == 0.25f && a.right[i] == 0.25f);
    ps_rack_destroy(rack);
    ps_engine_destroy(engine);
    fx_free(&a);
}

static void the_ceiling_may_move(void **state)
{
    ps_engine *engine = fx_engine(NULL);
    ps_rack *rack = fx_rack(engine, "limiter:-2,release=20");
    fx_audio a = fx_sine(40000, 1000.0, 2.0);

    (void)state;
    assert_int_equal(ps_rack_set(rack, 0, 0, -12.0, 10000), PS_OK);
    assert_int_equal(ps_rack_set(rack, 0, 0, -2.0, 25000), PS_OK);
    fx_run(rack, &a, 0);
    assert_true(fabs(20.0 * log10((double)fx_peak(&a, 5000, 10000)) + 2.0) < 0.08);
    assert_true(fabs(20.0 * log10((double)fx_peak(&a, 12000, 25000)) + 12.0) < 0.08);
    assert_true(fabs(20.0 * log10((double)fx_peak(&a, 35000, 40000)) + 2.0) < 0.08);
    ps_rack_destroy(rack);
    ps_engine_destroy(engine);
    fx_free(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_passes_the_ceiling_over_1000_inputs),
        cmocka_unit_test(what_stays_below_leaves_every_bit),
        cmocka_unit_test(a_loud_tone_comes_out_at_the_ceiling),
        cmocka_unit_test(the_gain_comes_back_with_the_release_time),
        cmocka_unit_test(the_ceiling_may_move),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
