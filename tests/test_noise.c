#include "voice_support.h"

#include "colour_support.h"
#include "voice/noise.h"

#define RATE 44100.0

typedef struct sound {
    float *left, *right;
    uint32_t frames;
} sound;

static ps_noise *make(const ps_noise_plan *plan, const char *row)
{
    ps_noise *noise = NULL;
    ps_error err = {0};

    if (ps_noise_create(&noise, plan, ps_noise_row_find(row), &err) != PS_OK)
        fail_msg("no noise: %s", err.text);
    return noise;
}

static sound render(const ps_noise_plan *plan, const char *row, uint32_t frames)
{
    ps_noise *noise = make(plan, row);
    sound s = {malloc((frames + 1) * sizeof(float)), malloc((frames + 1) * sizeof(float)), frames};

    for (uint32_t at = 0; at < frames; at += 256)
        ps_noise_render(noise, s.left + at, s.right + at, frames - at < 256 ? frames - at : 256);
    ps_noise_destroy(noise);
    return s;
}

static void sound_free(sound *s)
{
    free(s->left);
    free(s->right);
}

static double rms_of(const float *x, size_t frames)
{
    double sum = 0.0;

    for (size_t i = 0; i < frames; i++)
        sum += (double)x[i] * (double)x[i];
    return sqrt(sum / (double)frames);
}

static ps_noise_sweep sweep_of(double low, double high, double q, double cascade)
{
    return (ps_noise_sweep){{low, low}, {high, high}, {q, q}, {cascade, cascade}};
}

/* ---- The vectors of the specification -------------------------------------------------------- */

typedef struct vector {
    double rms, left[4], right[4]; /* frames 1, 1000, 20000, 44099 */
} vector;

static void check_vector(const ps_noise_settings *settings, const vector *right)
{
    static const uint32_t frames[] = {1, 1000, 20000, 44099};
    static float input[44100];
    uint32_t state = 7;

    for (size_t i = 0; i < 44100; i++) {
        state = state * 1664525u + 1013904223u;
        input[i] = (float)(((double)state / 4294967296.0 - 0.5) * 0.8);
    }
    const ps_recording recording = {input, 44100, 1, RATE, NULL};
    for (uint32_t r = 0; ps_kernel_row_name(r); r++) {
        const ps_noise_plan plan = {.settings = settings,
                                    .rate_hz = RATE,
                                    .duration_sec = 1.0,
                                    .frames = 44100,
                                    .input = &recording,
                                    .reference = r % 2 == 0};
        sound s = render(&plan, ps_kernel_row_name(r), 44100);
        double peak = 0.0;

        assert_true(s.left[0] == 0.0f && s.right[0] == 0.0f);
        assert_true(fabs(rms_of(s.left, 44100) - right->rms) < 1e-6);
        assert_true(fabs(rms_of(s.right, 44100) - right->rms) < 1e-6);
        for (size_t i = 0; i < 4; i++) {
            const double l = (double)s.left[frames[i]] - right->left[i];
            const double d = (double)s.right[frames[i]] - right->right[i];

            if (!(fabs(l) < 1e-5 && fabs(d) < 1e-5))
                fail_msg("%s, frame %u: off by %g, %g", ps_kernel_row_name(r), frames[i], l, d);
        }
        for (size_t i = 0; i < 44100; i++)
            peak = fmax(peak, fmax(fabs((double)s.left[i]), fabs((double)s.right[i])));
        assert_true(fabs(peak - 0.95) < 1e-6);
        sound_free(&s);
    }
}

static void steady_sweeps_have_the_values_of_s1_and_s2(void **state)
{
    const vector s1 = {0.148534,
                       {0.368506, 0.137018, 0.147769, -0.284718},
                       {0.413941, 0.261675, 0.098391, -0.413883}};
    const vector s2 = {0.155670,
                       {0.435677, -0.009603, -0.039034, -0.418883},
                       {0.412619, 0.053974, -0.088883, -0.403360}};
    ps_noise_settings settings = ps_noise_defaults();

    (void)state;
    settings.lfo_hz = (ps_noise_course){0.5, 0.5};
    settings.sweeps[0] = sweep_of(1000.0, 10000.0, 30.0, 10.0);
    settings.sweep_count = 1;
    settings.channel_deg = (ps_noise_course){90.0, 90.0};
    check_vector(&settings, &s1);

    settings.lfo_hz = (ps_noise_course){1.3, 1.3};
    settings.sweeps[0] = sweep_of(500.0, 1000.0, 40.0, 15.0);
    settings.sweeps[1] = sweep_of(1850.0, 3350.0, 40.0, 15.0);
    settings.sweep_count = 2;
    settings.intra_deg = (ps_noise_course){30.0, 30.0};
    settings.triangle = true;
    check_vector(&settings, &s2);
}

static void a_transition_has_the_values_of_s3(void **state)
{
    const vector s3 = {0.159620,
                       {0.401575, 0.141536, 0.084384, -0.314013},
                       {0.449075, 0.277285, -0.050451, -0.407905}};
    ps_noise_settings settings = ps_noise_defaults();

    (void)state;
    settings.transition = true;
    settings.lfo_hz = (ps_noise_course){0.5, 2.0};
    settings.sweeps[0] =
        (ps_noise_sweep){{1000.0, 300.0}, {10000.0, 2000.0}, {25.0, 10.0}, {4.0, 2.0}};
    settings.sweep_count = 1;
    settings.channel_deg = (ps_noise_course){90.0, 180.0};
    settings.offset_sec = 0.2;
    settings.span_sec = 0.5;
    check_vector(&settings, &s3);
}

/* ---- The processor as it is written down, in double -------------------------------------------
 */

static void naive_notch(double *x, double f, double q, uint32_t cascade, double rate)
{
    const double w0 = 2.0 * acos(-1.0) * f / rate, g = 1.0 / (1.0 + tan(w0 / (2.0 * q)));

    for (uint32_t c = 0; c < cascade; c++) {
        double z0 = 0.0, z1 = 0.0;

        for (uint32_t i = 0; i < 4096; i++) {
            const double y = g * x[i] + z0;

            z0 = -2.0 * g * cos(w0) * (x[i] - y) + z1;
            z1 = g * x[i] - (2.0 * g - 1.0) * y;
            x[i] = y;
        }
    }
}

static void naive_pass(double *x, uint32_t n, const ps_noise_settings *s, const double *phase,
                       const double *alpha, const double *ahead, double rate)
{
    const double pi = acos(-1.0);
    double *y = calloc(n + 4096, sizeof *y), *w = calloc(n + 4096, sizeof *w), block[4096];

    for (uint32_t at = 0; at < n; at += 2048) {
        const uint32_t m = n - at < 4096 ? n - at : 4096, i = at + m / 2;

        if (m < 100)
            continue;
        for (uint32_t k = 0; k < 4096; k++)
            block[k] = (k < m ? x[at + k] : 0.0) * (0.5 - 0.5 * cos(2.0 * pi * k / 4095.0));
        for (uint32_t k = 0; k < s->sweep_count; k++) {
            const ps_noise_sweep *v = &s->sweeps[k];
            const double low = v->min_hz.start + (v->min_hz.end - v->min_hz.start) * alpha[i];
            const double high = v->max_hz.start + (v->max_hz.end - v->max_hz.start) * alpha[i];
            const double c = v->cascade.start + (v->cascade.end - v->cascade.start) * alpha[i];
            const double p = (phase[i] + ahead[i]) / (2.0 * pi), u = p - floor(p);
            const double lfo = !s->triangle ? cos(phase[i] + ahead[i])
                               : u < 0.5    ? 4.0 * u - 1.0
                                            : 3.0 - 4.0 * u;
            const double f = (low + high) / 2.0 + (high - low) / 2.0 * lfo;

            if (f > 0.0 && f < 0.49 * rate)
                naive_notch(block, f, v->q.start + (v->q.end - v->q.start) * alpha[i],
                            (uint32_t)fmax(s->transition ? 1.0 : 0.0, rint(c)), rate);
        }
        for (uint32_t k = 0; k < 4096; k++) {
            y[at + k] += block[k];
            w[at + k] += 0.5 - 0.5 * cos(2.0 * pi * k / 4095.0);
        }
    }
    for (uint32_t i = 0; i < n; i++)
        x[i] = w[i] > 1e-8 ? y[i] / w[i] : 0.0;
    free(y);
    free(w);
}

/* Both ears of a clip behind the notches, relative to their own level. */
static void naive_ears(double *ears[2], const float *x, uint32_t n, const ps_noise_settings *s,
                       const double *alpha, double rate)
{
    const double pi = acos(-1.0);
    double *phase = malloc(n * sizeof *phase), *ahead = malloc(n * sizeof *ahead), sum = 0.0;

    for (uint32_t i = 0; i < n; i++) {
        sum += 2.0 * pi * (s->lfo_hz.start + (s->lfo_hz.end - s->lfo_hz.start) * alpha[i]) / rate;
        phase[i] = s->transition ? sum : 2.0 * pi * s->lfo_hz.start * i / rate;
    }
    for (uint32_t ear = 0; ear < 2; ear++) {
        double square = 0.0;

        for (uint32_t i = 0; i < n; i++)
            ears[ear][i] = (double)x[i];
        for (uint32_t pass = 0; pass < 2; pass++) {
            for (uint32_t i = 0; i < n; i++) {
                const ps_noise_course *c = &s->channel_deg, *d = &s->intra_deg;

                ahead[i] = ear == 1 ? c->start + (c->end - c->start) * alpha[i] : 0.0;
                ahead[i] += pass == 1 ? d->start + (d->end - d->start) * alpha[i] : 0.0;
                ahead[i] *= pi / 180.0;
            }
            if (pass == 0 || s->transition || s->intra_deg.start != 0.0)
                naive_pass(ears[ear], n, s, phase, alpha, ahead, rate);
        }
        for (uint32_t i = 0; i < n; i++)
            square += ears[ear][i] * ears[ear][i];
        for (uint32_t i = 0; i < n && square > 0.0; i++)
            ears[ear][i] /= sqrt(square / n);
    }
    free(phase);
    free(ahead);
}

static ps_noise_settings chance_settings(test_chance *c)
{
    ps_noise_settings s = ps_noise_defaults();

    s.triangle = chance(c) < 0.5;
    s.transition = chance(c) < 0.6;
    s.lfo_hz = (ps_noise_course){2.0 * chance(c), 3.0 * chance(c)};
    s.channel_deg = (ps_noise_course){360.0 * chance(c), 360.0 * chance(c)};
    s.intra_deg = (ps_noise_course){chance(c) < 0.5 ? 0.0 : 90.0 * chance(c), 90.0 * chance(c)};
    s.sweep_count = (uint32_t)(4.0 * chance(c));
    for (uint32_t i = 0; i < s.sweep_count; i++) {
        s.sweeps[i] = sweep_of(200.0 + 2000.0 * chance(c), 2500.0 + 22000.0 * chance(c),
                               5.0 + 40.0 * chance(c), floor(12.0 * chance(c)));
        s.sweeps[i].max_hz.end = 3000.0 + 8000.0 * chance(c);
        s.sweeps[i].q.end = 5.0 + 20.0 * chance(c);
        s.sweeps[i].cascade.end = 8.0 * chance(c);
    }
    s.offset_sec = chance(c);
    s.span_sec = chance(c);
    return s;
}

/* Without notches the same clip tells what went into them: gains aside, the rest is arithmetic. */
static void any_sweeps_agree_with_the_definition(void **state)
{
    static const uint32_t lengths[] = {10, 99, 100, 2048, 2147, 2148, 4096, 6100, 30011, 60000};
    test_chance c = {17, 0};

    (void)state;
    for (uint32_t round = 0; round < 20; round++) {
        const uint32_t n = lengths[round % 10];
        ps_noise_settings s = chance_settings(&c);
        ps_noise_plan plan = {.settings = &s,
                              .rate_hz = RATE,
                              .duration_sec = n / RATE,
                              .frames = n,
                              .seed = round,
                              .reference = true};
        double *ears[2] = {malloc(n * sizeof(double)), malloc(n * sizeof(double))};
        double *alpha = calloc(n, sizeof *alpha);
        const ps_colour_plan colour = {.kind = s.colour, .rate_hz = RATE, .seed = round};
        float *clip = malloc(n * sizeof *clip);
        double rms;

        for (uint32_t i = 0; i < n && s.transition; i++) {
            const double t = i * (n / RATE / n), from = fmin(s.offset_sec, n / RATE);
            const double span = fmin(s.span_sec, n / RATE - from);

            alpha[i] = span > 0.0 ? fmin(fmax((t - from) / span, 0.0), 1.0) : t >= from;
        }
        assert_int_equal(ps_colour_whole(clip, n, &colour, ps_colour_row_find("c"), NULL), PS_OK);
        assert_int_equal(ps_colour_condition(clip, n, &colour, &rms, NULL), PS_OK);
        naive_ears(ears, clip, n, &s, alpha, RATE);
        for (uint32_t r = 0; ps_kernel_row_name(r); r++) {
            sound got = render(&plan, ps_kernel_row_name(r), n);

            for (uint32_t ear = 0; ear < 2; ear++) {
                const float *x = ear ? got.right : got.left;
                double scale = 0.0, square = 0.0;

                for (uint32_t i = 0; i < n; i++) { /* what is clipped stands aside */
                    const bool whole = fabs((double)x[i]) < 0.9499;

                    scale += whole ? (double)x[i] * ears[ear][i] : 0.0;
                    square += whole ? ears[ear][i] * ears[ear][i] : 0.0;
                }
                scale = square > 0.0 ? scale / square : 0.0;
                for (uint32_t i = 0; i < n; i++) {
                    const double want = fmin(fmax(scale * ears[ear][i], -0.95), 0.95);

                    if (fabs((double)x[i] - want) >= 1e-5)
                        fail_msg("%s, %u frames, round %u, frame %u: %g instead of %g",
                                 ps_kernel_row_name(r), n, round, i, (double)x[i], want);
                }
            }
            sound_free(&got);
        }
        free(ears[0]);
        free(ears[1]);
        free(alpha);
        free(clip);
    }
}

/* ---- Streams --------------------------------------------------------------------------------- */

static ps_noise_plan stream_plan(const ps_noise_settings *settings, double seconds, uint64_t seed)
{
    return (ps_noise_plan){.settings = settings,
                           .rate_hz = RATE,
                           .duration_sec = seconds,
                           .frames = (uint64_t)(seconds * RATE),
                           .seed = seed};
}

static void any_frame_can_be_reached(void **state)
{
    test_chance c = {99, 0};

    (void)state;
    for (uint32_t round = 0; round < 8; round++) {
        const ps_noise_settings s = chance_settings(&c);
        ps_curve curve;
        ps_ramp ramp;
        ps_noise_plan plan = stream_plan(&s, 4.0, round);
        const uint32_t frames = (uint32_t)plan.frames;
        float left[1000], right[1000];

        plan.reference = round % 3 == 2;
        if (round % 2) {
            assert_int_equal(ps_curve_compile(&curve, "alpha**2*(3-2*alpha)", NULL, NULL), PS_OK);
            ps_ramp_init(&ramp, &curve, 0.5, true, 3.0, 4.0, 4.0 / frames);
            plan.ramp = &ramp;
        }
        sound whole = render(&plan, "c", frames);
        ps_noise *noise = make(&plan, "c");
        for (uint32_t i = 0; i < 20; i++) {
            const uint32_t at = (uint32_t)(chance(&c) * (frames - 1000));

            ps_noise_skip(noise, at);
            ps_noise_render(noise, left, right, 1000);
            assert_memory_equal(left, whole.left + at, sizeof left);
            assert_memory_equal(right, whole.right + at, sizeof right);
        }
        ps_noise_skip(noise, frames - 10);
        ps_noise_render(noise, left, right, 1000);
        for (uint32_t i = 10; i < 1000; i++)
            assert_true(left[i] == 0.0f && right[i] == 0.0f);
        ps_noise_destroy(noise);
        sound_free(&whole);
        if (round % 2)
            ps_curve_free(&curve, NULL);
    }
}

static void rows_agree_with_plain_c(void **state)
{
    test_chance c = {5, 0};

    (void)state;
    for (uint32_t round = 0; round < 6; round++) {
        const ps_noise_settings s = chance_settings(&c);
        const ps_noise_plan plan = stream_plan(&s, 2.0, round);
        sound right = render(&plan, "c", (uint32_t)plan.frames);

        for (uint32_t r = 1; ps_kernel_row_name(r); r++) {
            sound got = render(&plan, ps_kernel_row_name(r), (uint32_t)plan.frames);

            for (uint32_t i = 0; i < got.frames; i++)
                assert_true(fabs((double)got.left[i] - (double)right.left[i]) < 2e-5 &&
                            fabs((double)got.right[i] - (double)right.right[i]) < 2e-5);
            sound_free(&got);
        }
        sound_free(&right);
    }
}

/* Whatever the sweeps take, the level is that of the noise before them. */
static void streams_keep_their_level(void **state)
{
    (void)state;
    for (uint32_t round = 0; round < 6; round++) {
        ps_noise_settings s = ps_noise_defaults();
        const ps_noise_plan plan = stream_plan(&s, 24.0, 40 + round);

        s.channel_deg.start = 90.0;
        s.sweep_count = round > 0;
        s.sweeps[0] = sweep_of(1000.0, 10000.0, 30.0, 10.0);
        if (round == 2)
            s.intra_deg.start = 20.0;
        if (round == 3) {
            s.sweeps[0] = sweep_of(500.0, 1000.0, 40.0, 15.0);
            s.sweeps[1] = sweep_of(1850.0, 3350.0, 40.0, 15.0);
            s.sweep_count = 2;
        }
        if (round == 4) { /* fast, and wide */
            s.lfo_hz.start = 2.0;
            s.sweeps[0] = sweep_of(100.0, 3000.0, 2.0, 8.0);
        }
        s.triangle = round == 5;
        sound got = render(&plan, "c", (uint32_t)plan.frames);
        const double left_db = 20.0 * log10(rms_of(got.left, got.frames)) + 14.5;
        const double right_db = 20.0 * log10(rms_of(got.right, got.frames)) + 14.5;
        if (fabs(left_db) >= 0.25 || fabs(right_db) >= 0.25)
            fail_msg("round %u is off by %g, %g dB", round, left_db, right_db);
        sound_free(&got);
    }
}

/* Bands behind sweeps, measured from the old renderer (24 s, pink, 1/12 Hz, left). */
static void notched_bands_are_the_measured_ones(void **state)
{
    static const double rows_db[3][BANDS] = {
        {-13.14, -2.10, 0.58, 0.72, 0.54, 0, -0.68, -2.21, -6.39, -16.94},
        {-12.94, -1.90, 0.77, 0.91, 0.72, 0, -0.77, -2.39, -6.79, -16.82},
        {-12.68, -1.64, 1.03, 1.16, 0.49, 0, -0.69, -1.96, -5.44, -16.45},
    };
    static double power[WINDOW / 2 + 1];

    (void)state;
    for (uint32_t mode = 0; mode < 2; mode++) {
        for (uint32_t row = 0; row < 3; row++) {
            ps_noise_settings s = ps_noise_defaults();
            ps_noise_plan plan = stream_plan(&s, 24.0, 7 + row);
            double db[BANDS];

            plan.reference = mode == 1;
            s.sweep_count = row == 2 ? 2 : 1;
            s.sweeps[0] = row == 2 ? sweep_of(500.0, 1000.0, 40.0, 15.0)
                                   : sweep_of(1000.0, 10000.0, row ? 25.0 : 30.0, 10.0);
            s.sweeps[1] = sweep_of(1850.0, 3350.0, 40.0, 15.0);
            s.intra_deg.start = row == 1 ? 20.0 : 0.0;
            sound got = render(&plan, "c", (uint32_t)plan.frames);
            welch(power, got.left, got.frames);
            octaves(db, power, RATE);
            for (uint32_t b = 0; b < BANDS; b++)
                if (fabs(db[b] - rows_db[row][b]) >= (b < 2 ? 0.9 : 0.35))
                    fail_msg("row %u at %g Hz: %g dB instead of %g", row, band_hz[b], db[b],
                             rows_db[row][b]);
            sound_free(&got);
        }
    }
}

/* ---- Golden statistics ------------------------------------------------------------------------
 */

static json_t *golden_json(const char *name)
{
    const char *shared = getenv("PS_SHARED");
    char path[512];
    json_error_t why;

    snprintf(path, sizeof path, "%s/golden/%s", shared ? shared : "../shared", name);
    return json_load_file(path, 0, &why);
}

static double number_at(json_t *json, const char *name)
{
    return json_number_value(json_object_get(json, name));
}

/* One Hann window over all, as the statistics were made. */
static void whole_bands(double bands[BANDS], const float *x, uint32_t frames)
{
    const double pi = acos(-1.0);
    ps_fft *fft;

    assert_int_equal(ps_fft_create(&fft, PS_FFT_REAL, frames, NULL, NULL, NULL), PS_OK);
    double *n = malloc((frames + 2 * (frames / 2 + 1) + ps_fft_scratch(fft)) * sizeof *n);
    double *re = n + frames, *im = re + frames / 2 + 1, window = 0.0;
    for (uint32_t i = 0; i < frames; i++) {
        const double w = 0.5 - 0.5 * cos(2.0 * pi * i / frames);

        n[i] = (double)x[i] * w;
        window += w * w;
    }
    ps_fft_real_forward(fft, n, re, im, im + frames / 2 + 1);
    memset(bands, 0, BANDS * sizeof *bands);
    for (uint32_t k = 1; k < frames / 2; k++) {
        const double hz = k * RATE / frames;

        for (uint32_t b = 0; b < BANDS; b++)
            if (hz >= band_hz[b] / sqrt(2.0) && hz < band_hz[b] * sqrt(2.0))
                bands[b] += 2.0 * (re[k] * re[k] + im[k] * im[k]) / window / frames;
    }
    free(n);
    ps_fft_destroy(fft);
}

typedef struct statistics {
    double bands[BANDS], square, crest_db, cross;
} statistics;

enum { SEEDS = 4, GOLDEN_FRAMES = 8 * 44100 };

/* Averages over some seeds; crest in dB, the rest as powers. */
static statistics measure(const ps_noise_settings *settings)
{
    statistics all = {.square = 0.0};

    for (uint32_t seed = 0; seed < SEEDS; seed++) {
        ps_noise_plan plan = stream_plan(settings, 8.0, 1000 + seed);
        double peak = 0.0, ears[2], cross = 0.0, l[BANDS], r[BANDS];

        plan.reference = true;
        sound s = render(&plan, "c", GOLDEN_FRAMES);
        for (uint32_t i = 0; i < GOLDEN_FRAMES; i++) {
            cross += (double)s.left[i] * (double)s.right[i] / GOLDEN_FRAMES;
            peak = fmax(peak, fabs((double)s.left[i]));
        }
        ears[0] = rms_of(s.left, GOLDEN_FRAMES);
        ears[1] = rms_of(s.right, GOLDEN_FRAMES);
        whole_bands(l, s.left, GOLDEN_FRAMES);
        whole_bands(r, s.right, GOLDEN_FRAMES);
        for (uint32_t b = 0; b < BANDS; b++)
            all.bands[b] += 0.5 * (l[b] + r[b]) / (ears[0] * ears[1]) / SEEDS;
        all.square += 20.0 * log10(ears[0]) / SEEDS;
        all.crest_db += 20.0 * log10(peak / ears[0]) / SEEDS;
        all.cross += cross / (ears[0] * ears[1]) / SEEDS;
        sound_free(&s);
    }
    return all;
}

static void check_number(const char *what, double got, json_t *right, double least)
{
    const double mean = number_at(right, "mean"), sd = number_at(right, "sd");

    if (!(fabs(got - mean) <= fmax(least, 4.0 * sd)))
        fail_msg("%s is %g instead of %g", what, got, mean);
}

static void compare(const char *colour, const statistics *got, json_t *stats)
{
    const char *key;
    json_t *band;
    char what[96];

    json_object_foreach(json_object_get(stats, "band_rel_db"), key, band)
    {
        for (uint32_t b = 0; b < BANDS; b++) {
            const double db = 10.0 * log10(got->bands[b]), mean = number_at(band, "mean");

            snprintf(what, sizeof what, "%s, %s Hz", colour, key);
            if (strtod(key, NULL) == band_hz[b] && mean > -50.0)
                check_number(what, db, band, 1.0);
            else if (strtod(key, NULL) == band_hz[b])
                assert_true(db < mean + 6.0);
        }
    }
    snprintf(what, sizeof what, "%s, level", colour);
    check_number(what, got->square, json_array_get(json_object_get(stats, "rms_db"), 0), 1.5);
    snprintf(what, sizeof what, "%s, crest", colour);
    check_number(what, got->crest_db, json_array_get(json_object_get(stats, "crest_db"), 0), 1.5);
    snprintf(what, sizeof what, "%s, correlation", colour);
    check_number(what, got->cross, json_object_get(stats, "lr_corr"), 0.03);
}

static void check_golden(const char *colour)
{
    char name[96];

    snprintf(name, sizeof name, "noise/stat-noise-%s.noise", colour);
    json_t *file = golden_json(name);
    snprintf(name, sizeof name, "stat-noise-%s.stats.json", colour);
    json_t *stats = golden_json(name);
    if (file && stats) {
        ps_value value = value_of(file);
        ps_noise_settings settings;

        assert_int_equal(ps_noise_read(&settings, &value, NULL, NULL), PS_OK);
        const statistics got = measure(&settings);
        compare(colour, &got, stats);
        value_free(&value);
    } else {
        print_message("no golden statistics of %s here\n", colour);
    }
    json_decref(file);
    json_decref(stats);
}

static void whole_clips_have_the_golden_statistics(void **state)
{
    static const char *const colours[] = {"white", "pink",   "brown", "deep-brown",
                                          "blue",  "purple", "green"};

    (void)state;
    for (size_t i = 0; i < sizeof colours / sizeof colours[0]; i++)
        check_golden(colours[i]);
}

/* ---- Files, and what goes wrong ----------------------------------------------------------------
 */

static void count_warning(void *user, const ps_error *warning)
{
    (void)warning;
    (*(uint32_t *)user)++;
}

static ps_status read_text(ps_noise_settings *s, const char *text, uint32_t *warnings)
{
    static json_t *kept; /* texts in settings belong to it */
    const ps_warnings where = {count_warning, warnings};
    ps_error err;

    json_decref(kept);
    kept = json_loads(text, JSON_DECODE_ANY, NULL);
    assert_non_null(kept);
    ps_value value = value_of(kept);
    *warnings = 0;
    const ps_status status = ps_noise_read(s, &value, &where, &err);
    value_free(&value);
    return status;
}

static void a_file_is_read_as_the_old_reader_did(void **state)
{
    ps_noise_settings s;
    uint32_t warnings;

    (void)state;
    assert_int_equal(read_text(&s, "{}", &warnings), PS_OK);
    assert_true(s.colour == PS_COLOUR_PINK && s.sweep_count == 0 && !s.transition && !s.triangle);
    assert_true(s.lfo_hz.start == 1.0 / 12.0 && s.span_sec == 60.0 && warnings == 0);

    assert_int_equal(
        read_text(
            &s,
            "{\"noise_type\": \"Deep Brown\", \"lfo_waveform\": \"triangle\", "
            "\"transition\": true, \"lfo_freq\": 3, \"start_lfo_freq\": 0.3, "
            "\"end_lfo_freq\": \"0.5\", \"sweeps\": [{\"start_min\": 5, \"end_casc\": 3}, {}],"
            "\"start_intra_phase_offset_deg\": 7, \"initial_offset\": 2, "
            "\"transition_duration\": 100, \"input_audio_path\": \"a.wav\", \"x\": 1}",
            &warnings),
        PS_OK);
    assert_true(s.colour == PS_COLOUR_DEEP_BROWN && s.triangle && s.transition && warnings == 0);
    assert_true(s.lfo_hz.start == 0.3 && s.lfo_hz.end == 0.5 && s.intra_deg.start == 7.0);
    assert_true(s.sweep_count == 2 && s.sweeps[0].min_hz.start == 5.0 &&
                s.sweeps[0].min_hz.end == 1000.0 && s.sweeps[0].cascade.end == 3.0 &&
                s.sweeps[1].q.start == 30.0 && s.sweeps[1].max_hz.end == 10000.0);
    assert_true(s.offset_sec == 2.0 && s.span_sec == 58.0); /* of the file's own 60 s */
    assert_string_equal(s.input_path, "a.wav");
}

static void the_later_of_two_spans_wins(void **state)
{
    ps_noise_settings s;
    uint32_t warnings;

    (void)state;
    read_text(&s, "{\"duration_seconds\": 100, \"transition_duration\": 5, \"post_offset\": 30}",
              &warnings);
    assert_true(s.span_sec == 70.0);
    read_text(&s, "{\"post_offset\": 30, \"transition_duration\": 5, \"duration_seconds\": 100}",
              &warnings);
    assert_true(s.span_sec == 5.0);
    read_text(&s, "{\"transition_duration\": null, \"initial_offset\": 70}", &warnings);
    assert_true(s.span_sec == 0.0 && warnings == 0);
    read_text(&s, "{\"transition_duration\": -4}", &warnings);
    assert_true(s.span_sec == 0.0);
}

static void newer_files_name_colours_and_notches_otherwise(void **state)
{
    ps_noise_settings s;
    uint32_t warnings;

    (void)state;
    read_text(
        &s,
        "{\"noise_type\": \"pink\", \"noise_parameters\": {\"name\": \"Blue\"}, "
        "\"static_notches\": [{\"hz\": 500, \"quality\": 9, \"count\": 2}, [50], [60, 5, 3]]}",
        &warnings);
    assert_true(s.colour == PS_COLOUR_BLUE && warnings == 0 && s.notch_count == 3);
    assert_true(s.notches[0].frequency_hz == 500.0 && s.notches[0].q == 9.0 &&
                s.notches[0].cascade == 2);
    assert_true(s.notches[1].frequency_hz == 50.0 && s.notches[1].q == 25.0 &&
                s.notches[1].cascade == 1 && s.notches[2].cascade == 3);
    read_text(&s, "{\"color_params\": {\"name\": \"Red\", \"exponent\": 2}}", &warnings);
    assert_true(s.colour == PS_COLOUR_BROWN && warnings == 1);
}

static void nonsense_is_told(void **state)
{
    static const struct {
        const char *text;
        uint32_t warnings;
    } rows[] = {
        {"{\"noise_type\": \"pinkish\"}", 1},
        {"{\"noise_type\": 3}", 1},
        {"{\"sweeps\": 5}", 1},
        {"{\"sweeps\": [5, {}, \"a\"]}", 2},
        {"{\"sweeps\": [{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{}]}", 1},
        {"{\"lfo_freq\": \"fast\", \"initial_offset\": []}", 2},
        {"{\"static_notches\": [[1,2,100]]}", 1},
        {"{\"static_notches\": {}}", 1},
        {"{\"static_notches\": [7]}", 1},
    };
    ps_noise_settings s;
    uint32_t warnings;

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_int_equal(read_text(&s, rows[i].text, &warnings), PS_OK);
        if (warnings != rows[i].warnings)
            fail_msg("%s: %u warnings", rows[i].text, warnings);
    }
    assert_int_equal(read_text(&s, "[]", &warnings), PS_BAD_DATA);
    assert_int_equal(read_text(&s, "\"pink\"", &warnings), PS_BAD_DATA);
    assert_int_equal(read_text(&s, "{\"lfo_waveform\": \"square\"}", &warnings), PS_BAD_DATA);
}

static void absurd_settings_stay_finite(void **state)
{
    static const double absurd[] = {1e300, -1e300, 0.0, 1e-300, 5e4, -3.0};
    test_chance c = {3, 0};
    float left[4096], right[4096];

    (void)state;
    for (uint32_t round = 0; round < 60; round++) {
        ps_noise_settings s = chance_settings(&c);
        double *numbers[] = {&s.lfo_hz.start,
                             &s.lfo_hz.end,
                             &s.channel_deg.start,
                             &s.intra_deg.end,
                             &s.sweeps[0].min_hz.end,
                             &s.sweeps[0].q.start,
                             &s.sweeps[0].cascade.end,
                             &s.sweeps[0].max_hz.start,
                             &s.offset_sec,
                             &s.span_sec,
                             &s.intra_deg.start};

        for (uint32_t i = 0; i < 4; i++)
            *numbers[(uint32_t)(chance(&c) * 11.0)] = absurd[(uint32_t)(chance(&c) * 6.0)];
        s.sweep_count = s.sweep_count > 0 ? s.sweep_count : 1;
        const ps_noise_plan plan = stream_plan(&s, 3600.0 * 24.0 * 365.0, round);
        ps_noise *noise = make(&plan, ps_kernel_row_name(round % 2));
        for (uint32_t part = 0; part < 3; part++) {
            ps_noise_skip(noise, part * (plan.frames / 3));
            ps_noise_render(noise, left, right, 4096);
            for (uint32_t i = 0; i < 4096; i++)
                assert_true(fabsf(left[i]) <= 0.95f && fabsf(right[i]) <= 0.95f);
        }
        ps_noise_destroy(noise);
    }
}

static void strange_recordings_stay_finite(void **state)
{
    float samples[400];
    ps_noise_settings s = ps_noise_defaults();
    ps_noise_plan plan = stream_plan(&s, 0.05, 1);
    ps_recording input = {samples, 200, 2, 8000.0, NULL};

    (void)state;
    s.sweeps[s.sweep_count++] = ps_noise_default_sweep(25.0);
    for (uint32_t i = 0; i < 400; i++)
        samples[i] = i % 7 == 0 ? NAN : i % 7 == 2 ? INFINITY : i % 7 == 4 ? 3e38f : 0.1f;
    plan.input = &input;
    sound got = render(&plan, "c", 300);
    for (uint32_t i = 0; i < 300; i++)
        assert_true(fabsf(got.left[i]) <= 0.95f && (i < 200 || got.left[i] == 0.0f));
    sound_free(&got);
    memset(samples, 0, sizeof samples);
    got = render(&plan, "c", 200);
    for (uint32_t i = 0; i < 200; i++)
        assert_true(got.left[i] == 0.0f && got.right[i] == 0.0f);
    sound_free(&got);
    input.frames = 0;
    ps_noise *none = NULL;
    assert_int_equal(ps_noise_create(&none, &plan, ps_noise_row_find("c"), NULL), PS_UNSUPPORTED);
}

static void rates_the_reference_refuses_are_refused_for_whole_clips(void **state)
{
    ps_noise_settings s = ps_noise_defaults();
    ps_noise_plan plan = stream_plan(&s, 1.0, 1);
    ps_noise *noise = NULL;

    (void)state;
    plan.rate_hz = 16000.0;
    plan.reference = true;
    assert_int_equal(ps_noise_create(&noise, &plan, ps_noise_row_find("c"), NULL), PS_UNSUPPORTED);
    plan.reference = false;
    assert_int_equal(ps_noise_create(&noise, &plan, ps_noise_row_find("c"), NULL), PS_OK);
    ps_noise_destroy(noise);
    ps_noise_destroy(NULL);
}

static void failing_memory_is_given_back(void **state)
{
    (void)state;
    for (uint32_t mode = 0; mode < 2; mode++) {
        ps_status status = PS_NO_MEMORY;

        for (long allowed = 0; status != PS_OK; allowed++) {
            ps_noise_settings s = ps_noise_defaults();
            ps_noise_plan plan = stream_plan(&s, 0.1, 1);
            failing_allocator f;
            ps_noise *noise = NULL;

            failing_init(&f, allowed);
            s.colour = PS_COLOUR_BLUE;
            s.transition = true;
            s.sweeps[s.sweep_count++] = ps_noise_default_sweep(25.0);
            plan.reference = mode == 1;
            plan.allocator = &f.base;
            status = ps_noise_create(&noise, &plan, ps_noise_row_find("c"), NULL);
            assert_true(status == PS_OK ? noise != NULL : status == PS_NO_MEMORY && !noise);
            ps_noise_destroy(noise);
            assert_int_equal(f.live, 0);
            assert_true(allowed < 30);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(steady_sweeps_have_the_values_of_s1_and_s2),
        cmocka_unit_test(a_transition_has_the_values_of_s3),
        cmocka_unit_test(any_sweeps_agree_with_the_definition),
        cmocka_unit_test(any_frame_can_be_reached),
        cmocka_unit_test(rows_agree_with_plain_c),
        cmocka_unit_test(streams_keep_their_level),
        cmocka_unit_test(notched_bands_are_the_measured_ones),
        cmocka_unit_test(whole_clips_have_the_golden_statistics),
        cmocka_unit_test(a_file_is_read_as_the_old_reader_did),
        cmocka_unit_test(the_later_of_two_spans_wins),
        cmocka_unit_test(newer_files_name_colours_and_notches_otherwise),
        cmocka_unit_test(nonsense_is_told),
        cmocka_unit_test(absurd_settings_stay_finite),
        cmocka_unit_test(strange_recordings_stay_finite),
        cmocka_unit_test(rates_the_reference_refuses_are_refused_for_whole_clips),
        cmocka_unit_test(failing_memory_is_given_back),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
