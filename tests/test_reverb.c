#include "dsp/reverb.h"

#define EFFECT ps_reverb
#include "sending.h"

/* Pink noise: white through one pole and one zero per octave. */
static void sound_pink(sound *s, double rate_hz)
{
    double zeros[12] = {0.0}, poles[12] = {0.0};

    sound_noise(s, 0, s->frames, 7);
    for (uint32_t i = 0; i < s->frames; i++) {
        double x = (double)s->in[i];
        double hz = 20.0;

        for (uint32_t k = 0; k < 12 && hz < 0.4 * rate_hz; k++, hz *= 2.0) {
            const double pole = exp(-2.0 * acos(-1.0) * hz / rate_hz);
            const double zero = exp(-2.0 * acos(-1.0) * hz * sqrt(2.0) / rate_hz);
            const double y = x - zero * zeros[k] + pole * poles[k];

            zeros[k] = x;
            poles[k] = x = y;
        }
        s->in[i] = (float)(0.1 * x);
    }
}

static void pink_noise_comes_out_six_decibels_down(void **state)
{
    static const double rates_hz[] = {8000.0, 44100.0, 96000.0};

    (void)state;
    for (uint32_t k = 0; k < 3; k++) {
        sound s = sound_make((uint32_t)(8.0 * rates_hz[k]));
        const uint32_t settled = s.frames / 4;
        double in_db, left_db, right_db;

        sound_pink(&s, rates_hz[k]);
        sound_through(&s, rates_hz[k]);
        in_db = rms_db(s.in + settled, s.frames - settled);
        left_db = rms_db(s.left + settled, s.frames - settled);
        right_db = rms_db(s.right + settled, s.frames - settled);
        assert_true(fabs(left_db - in_db + 6.0) < 1.5);
        assert_true(fabs(right_db - left_db) < 0.6);
        free(s.in);
    }
}

/* An octave band: two second-order band-passes (constant peak gain) in series. */
static void octave(double *y, const float *x, uint32_t frames, double hz, double rate_hz)
{
    const double w = 2.0 * acos(-1.0) * hz / rate_hz;
    const double alpha = sin(w) / (2.0 * 2.2);
    double s[2][2] = {{0.0}};

    for (uint32_t i = 0; i < frames; i++) {
        double v = (double)x[i];

        for (uint32_t k = 0; k < 2; k++) {
            const double out = alpha / (1.0 + alpha) * v + s[k][0];

            s[k][0] = s[k][1] + 2.0 * cos(w) / (1.0 + alpha) * out;
            s[k][1] = -alpha / (1.0 + alpha) * v - (1.0 - alpha) / (1.0 + alpha) * out;
            v = out;
        }
        y[i] = v;
    }
}

/* The decay to -5 .. -60 dB of the energy still to come (Schroeder 1965): the 60 dB it would take
   at the slope of a straight line through it, and how far it leaves that line. */
static void measure_decay(const double *h, uint32_t frames, double rate_hz, double *rt60_sec,
                          double *bend_db)
{
    double *left_db = malloc(frames * sizeof *left_db);
    double n = 0.0, st = 0.0, sy = 0.0, stt = 0.0, sty = 0.0, energy = 0.0, slope, start;
    uint32_t from = 0, to = 0;

    assert_non_null(left_db);
    for (uint32_t i = frames; i-- > 0;)
        left_db[i] = energy += h[i] * h[i];
    for (uint32_t i = 0; i < frames; i++)
        left_db[i] = 10.0 * log10(left_db[i] / energy + 1e-30);
    while (left_db[from] > -5.0)
        from++;
    while (left_db[to] > -60.0)
        to++;
    for (uint32_t i = from; i < to; i++) {
        const double t = i / rate_hz;

        n += 1.0;
        st += t;
        sy += left_db[i];
        stt += t * t;
        sty += t * left_db[i];
    }
    slope = (n * sty - st * sy) / (n * stt - st * st);
    start = (sy - slope * st) / n;
    *bend_db = 0.0;
    for (uint32_t i = from; i < to; i++)
        *bend_db = fmax(*bend_db, fabs(left_db[i] - start - slope * (i / rate_hz)));
    *rt60_sec = -60.0 / slope;
    free(left_db);
}

static sound impulse_response(double rate_hz)
{
    sound s = sound_make((uint32_t)(3.0 * rate_hz));

    s.in[0] = 1000.0f; /* far above where the tail is cut */
    sound_through(&s, rate_hz);
    return s;
}

static void every_octave_decays_straight_in_its_time(void **state)
{
    static const double rates_hz[] = {44100.0, 96000.0};
    static const struct {
        double hz, rt60_sec, bend_db;
    } octaves[] = {{125.0, 1.80, 2.5},  {250.0, 1.80, 1.5},  {500.0, 1.75, 1.2},
                   {1000.0, 1.63, 1.2}, {2000.0, 1.39, 1.2}, {4000.0, 1.05, 1.7},
                   {8000.0, 0.75, 1.2}};

    (void)state;
    for (uint32_t k = 0; k < 2; k++) {
        sound s = impulse_response(rates_hz[k]);
        double *band = malloc(s.frames * sizeof *band);

        assert_non_null(band);
        for (uint32_t i = 0; i < 7; i++) {
            double rt60_sec, bend_db;

            for (uint32_t side = 0; side < 2; side++) {
                octave(band, side ? s.right : s.left, s.frames, octaves[i].hz, rates_hz[k]);
                measure_decay(band, s.frames, rates_hz[k], &rt60_sec, &bend_db);
                if (!(fabs(rt60_sec / octaves[i].rt60_sec - 1.0) < 0.06) ||
                    !(bend_db < octaves[i].bend_db))
                    fail_msg("%g Hz: RT60 %.3f s, %.2f dB off a line", octaves[i].hz, rt60_sec,
                             bend_db);
            }
        }
        free(band);
        free(s.in);
    }
}

/* Share of samples beyond one deviation in 20 ms, over that of Gaussian noise (Abel and Huang). */
static double echo_density(const float *x, double rate_hz)
{
    const uint32_t frames = (uint32_t)(0.02 * rate_hz);
    uint32_t beyond = 0;
    double sum = 0.0;

    for (uint32_t i = 0; i < frames; i++)
        sum += (double)x[i] * (double)x[i];
    for (uint32_t i = 0; i < frames; i++)
        beyond += (double)x[i] * (double)x[i] > sum / frames;
    return beyond / (frames * erfc(sqrt(0.5)));
}

static void echoes_melt_into_noise_that_differs_left_and_right(void **state)
{
    sound s = impulse_response(44100.0);
    double both = 0.0, left = 0.0, right = 0.0;

    (void)state;
    assert_true(peak_of(s.left, 1300) == 0.0); /* nothing before the shortest delay */
    assert_true(peak_of(s.left, 1500) > 0.0);
    for (uint32_t side = 0; side < 2; side++) {
        const float *x = side ? s.right : s.left;

        assert_true(echo_density(x + 3969, 44100.0) > 0.6); /* around 100 ms */
        assert_true(echo_density(x + 8379, 44100.0) > 0.85);
        assert_true(echo_density(x + 13230, 44100.0) > 0.9);
    }
    for (uint32_t i = 4410; i < 44100; i++) {
        both += (double)s.left[i] * (double)s.right[i];
        left += (double)s.left[i] * (double)s.left[i];
        right += (double)s.right[i] * (double)s.right[i];
    }
    assert_true(fabs(both) / sqrt(left * right) < 0.1);
    free(s.in);
}

static void it_falls_silent_and_wakes_up(void **state)
{
    const double rate_hz = 44100.0;
    sound s = sound_make(44100 * 6);
    ps_reverb *reverb = NULL;
    uint32_t silent_at = 0;

    (void)state;
    sound_noise(&s, 0, 4410, 1);
    assert_int_equal(ps_reverb_create(&reverb, rate_hz, NULL, NULL), PS_OK);
    assert_true(ps_reverb_silent(reverb));
    for (uint32_t at = 0; at < s.frames; at += 64) {
        ps_reverb_process(reverb, s.in + at, s.left + at, s.right + at, 64);
        if (ps_reverb_silent(reverb) && silent_at == 0)
            silent_at = at;
    }
    /* Three seconds of decay from about 0 to -100 dB. */
    assert_true(silent_at > 2 * 44100 && silent_at < 4 * 44100);
    /* What it no longer computes was below -100 dBFS for 90 ms. */
    assert_true(peak_of(s.left + silent_at - 3969, 3969) < 1e-5);
    assert_true(peak_of(s.right + silent_at - 3969, 3969) < 1e-5);
    assert_true(peak_of(s.left + silent_at - 22050, 11025) > 1e-5);
    assert_true(peak_of(s.left + silent_at + 64, s.frames - silent_at - 64) == 0.0);
    sound_noise(&s, 0, 6400, 1);
    ps_reverb_process(reverb, s.in, s.left, s.right, 6400);
    assert_false(ps_reverb_silent(reverb));
    ps_reverb_destroy(reverb);
    free(s.in);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SENDING_TESTS,
        cmocka_unit_test(pink_noise_comes_out_six_decibels_down),
        cmocka_unit_test(every_octave_decays_straight_in_its_time),
        cmocka_unit_test(echoes_melt_into_noise_that_differs_left_and_right),
        cmocka_unit_test(it_falls_silent_and_wakes_up),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
