#include "stage_support.h"

#include "plainsong/engine.h"
#include "voice/voice.h"

/* ---- The definition, sample by sample in double --------------------------------------------- */

typedef struct naive {
    ps_flanger_settings s;
    double fs, lo, hi;
    double delay, depth, feedback, wet, ah, al;
    double phase, increment;
    double h, v, z, in, out, makeup;
    float *line;
    uint32_t length, w;
} naive;

static double pole(double ms, double fs)
{
    return ms <= 0.0 ? 0.0 : clamped(exp(-1.0 / (ms * 0.001 * fs)), 0.0, 0.999999);
}

static void naive_limit(naive *n)
{
    n->delay = clamped(n->delay, n->lo, n->hi);
    n->depth = fmax(n->depth, 0.0);
    if (n->delay - n->depth < n->lo)
        n->depth = fmax(n->delay - n->lo, 0.0);
    if (n->delay + n->depth > n->hi)
        n->depth = fmax(n->hi - n->delay, 0.0);
}

static void naive_init(naive *n, const ps_flanger_settings *s, double fs)
{
    const double pi = acos(-1.0);

    memset(n, 0, sizeof *n);
    n->s = *s;
    n->fs = fs;
    n->lo = fmax(s->min_delay_ms, 0.05);
    n->hi = s->max_delay_ms <= n->lo ? n->lo + 0.01 : s->max_delay_ms;
    n->delay = s->delay_ms;
    n->depth = s->depth_ms;
    naive_limit(n);
    n->ah = s->loop_hpf_hz <= 0.0        ? 0.0
            : s->loop_hpf_hz >= fs / 2.0 ? 1.0
                                         : exp(-2.0 * pi * s->loop_hpf_hz / fs);
    n->al = s->loop_lpf_hz <= 0.0        ? 1.0
            : s->loop_lpf_hz >= fs / 2.0 ? 0.0
                                         : exp(-2.0 * pi * s->loop_lpf_hz / fs);
    n->increment = s->rate_hz / fs;
    n->makeup = 1.0;
    n->length = (uint32_t)fmax(16.0, ceil((n->hi + 0.5) * fs / 1000.0) + 8.0);
    n->line = calloc(n->length, sizeof *n->line);
}

static double naive_delay_ms(const naive *n)
{
    const double lfo =
        n->s.triangle ? 4.0 * fabs(n->phase - 0.5) - 1.0 : sin(2.0 * acos(-1.0) * n->phase);
    const double a = n->delay - n->depth, b = n->delay + n->depth;

    if (n->s.law == PS_FLANGER_LINEAR)
        return clamped(n->delay + n->depth * lfo, n->lo, n->hi);
    if (n->s.law == PS_FLANGER_RECIPROCAL)
        return clamped(1.0 / (1.0 / n->delay + 0.5 * (1.0 / a - 1.0 / b) * lfo), n->lo, n->hi);
    return fmax(a, n->lo) * exp(log(fmin(b, n->hi) / fmax(a, n->lo)) * 0.5 * (lfo + 1.0));
}

static double naive_read(const naive *n, double delay)
{
    const double length = n->length;
    double r = fmod((double)n->w - delay, length);

    if (r < 0.0)
        r += length;
    uint32_t at = (uint32_t)floor(r);
    const double m = r - at;

    if (at == n->length)
        at = 0;
    const double y0 = (double)n->line[at];
    const double y1 = (double)n->line[(at + n->length - 1) % n->length];
    const double y2 = (double)n->line[(at + n->length - 2) % n->length];
    const double y3 = (double)n->line[(at + n->length - 3) % n->length];

    if (!n->s.four_taps)
        return (1.0 - m) * y0 + m * y1;
    return -m * (1.0 - m) * (1.0 - m) / 6.0 * y3 + (1.0 + m) * (1.0 - m) * (1.0 - m) / 2.0 * y2 +
           m * (1.0 + m) * (1.0 - m) / 2.0 * y1 - m * m * (1.0 - m) / 6.0 * y0;
}

/* square: of x, rounded or not. */
static double naive_step(naive *n, double x, double square)
{
    const double delay_a = pole(n->s.smooth_delay_ms, n->fs);
    const double depth_a = pole(n->s.smooth_depth_ms, n->fs);
    const double a = pole(n->s.loudness_ms, n->fs);

    n->delay = delay_a * n->delay + (1.0 - delay_a) * n->s.delay_ms;
    n->depth = depth_a * n->depth + (1.0 - depth_a) * n->s.depth_ms;
    naive_limit(n);
    const double z = naive_read(n, naive_delay_ms(n) * n->fs / 1000.0);
    n->h = n->ah * (n->h + z - n->z);
    n->z = z;
    n->v = (1.0 - n->al) * n->h + n->al * n->v;
    n->line[n->w] = (float)(x + n->s.feedback * n->v);
    n->w = (n->w + 1) % n->length;
    double y = (1.0 - n->s.mix) * x + n->s.mix * (x + z);
    if (n->s.match_loudness) {
        n->in = a * n->in + (1.0 - a) * square;
        n->out = a * n->out + (1.0 - a) * y * y;
        const double g = n->out > 1e-20 ? sqrt((n->in + 1e-20) / (n->out + 1e-20)) : 1.0;
        n->makeup = fmin(fmax(a * n->makeup + (1.0 - a) * g, n->s.loudness_min_gain),
                         n->s.loudness_max_gain);
        y *= n->makeup;
    }
    n->phase += n->increment;
    n->phase -= floor(n->phase);
    return y;
}

static void naive_run(const stereo *s, const ps_flanger_settings *settings, double fs)
{
    const double root = sqrt(2.0);
    naive n[2];

    naive_init(&n[0], settings, fs);
    naive_init(&n[1], settings, fs);
    for (uint32_t i = 0; i < s->frames; i++) {
        const float l = s->left[i], r = s->right[i];
        double mid = (double)(l + r) / root, side = (double)(l - r) / root;

        if (settings->stereo == PS_FLANGER_LEFT_RIGHT) {
            s->left[i] = (float)naive_step(&n[0], (double)l, (double)(l * l));
            s->right[i] = (float)naive_step(&n[1], (double)r, (double)(r * r));
            continue;
        }
        if (settings->stereo == PS_FLANGER_MID)
            mid = naive_step(&n[0], mid, mid * mid);
        else
            side = naive_step(&n[0], side, side * side);
        s->left[i] = (float)((mid + side) / root);
        s->right[i] = (float)((mid - side) / root);
    }
    free(n[0].line);
    free(n[1].line);
}

/* ---- Ours ----------------------------------------------------------------------------------- */

static ps_flanger *make(const ps_flanger_settings *settings, double fs)
{
    ps_flanger *flanger = NULL;
    ps_error err = {0};

    if (ps_flanger_create(&flanger, settings, fs, NULL, &err) != PS_OK)
        fail_msg("%s", err.text);
    return flanger;
}

/* A stage_run. */
static void run(const stereo *s, const void *settings, double fs, const char *row, uint32_t most)
{
    ps_flanger *flanger = make(settings, fs);

    for (uint32_t at = 0; at < s->frames; at += most)
        ps_voice_row_find(row)->flanger(flanger, s->left + at, s->right + at,
                                        s->frames - at < most ? s->frames - at : most);
    ps_flanger_destroy(flanger);
}

static const char *fastest_row(void)
{
    uint32_t last = 0;

    while (ps_kernel_row_name(last + 1))
        last++;
    return ps_kernel_row_name(last);
}

/* Settings somewhere in or near their sensible ranges; all modes come up. */
static ps_flanger_settings random_settings(dice *d)
{
    ps_flanger_settings s;

    ps_flanger_defaults(&s);
    s.delay_ms = dice_between(d, 0.0, 10.0);
    s.depth_ms = dice_between(d, -1.0, 8.0);
    s.rate_hz = dice_coin(d) ? dice_between(d, -1.0, 1.0) : dice_between(d, 0.0, 40.0);
    s.triangle = dice_coin(d);
    s.feedback = dice_between(d, -0.9, 0.9);
    s.mix = dice_between(d, -0.5, 1.2);
    s.loop_lpf_hz = dice_between(d, -2000.0, 30000.0);
    s.loop_hpf_hz = dice_coin(d) ? 0.0 : dice_between(d, 0.0, 400.0);
    s.stereo = (ps_flanger_stereo)dice_between(d, 0.0, 3.0);
    s.law = (ps_flanger_law)dice_between(d, 0.0, 3.0);
    s.four_taps = dice_coin(d);
    s.min_delay_ms = dice_between(d, -0.5, 1.0);
    s.max_delay_ms = dice_between(d, 0.0, 12.0);
    s.match_loudness = dice_coin(d);
    s.loudness_ms = dice_between(d, -5.0, 100.0);
    s.loudness_min_gain = dice_between(d, 0.0, 1.2);
    s.loudness_max_gain = dice_between(d, 0.8, 2.0);
    return s;
}

static void check_case(const ps_flanger_settings *settings, double rms_left, double rms_right,
                       const point points[5], const char *name)
{
    for (uint32_t row = 0; ps_kernel_row_name(row); row++) {
        stereo s = stereo_noise(8192);
        double left = 0.0, right = 0.0;

        run(&s, settings, 44100.0, ps_kernel_row_name(row), 256);
        for (uint32_t i = 0; i < s.frames; i++) {
            left += (double)s.left[i] * (double)s.left[i];
            right += (double)s.right[i] * (double)s.right[i];
        }
        assert_true(fabs(sqrt(left / s.frames) - rms_left) < 1e-6);
        assert_true(fabs(sqrt(right / s.frames) - rms_right) < 1e-6);
        for (uint32_t i = 0; i < 5; i++)
            check_point(&s, &points[i], 1e-6, name);
        stereo_free(&s);
    }
}

static void the_check_values_come_out(void **state)
{
    ps_flanger_settings s;

    (void)state;
    ps_flanger_defaults(&s);
    check_case(&s, 0.2336912, 0.2345905,
               (const point[]){{0, -0.2108356, -0.2105255},
                               {100, 0.1968191, -0.1265706},
                               {1000, 0.1720594, -0.0439302},
                               {4095, -0.0430519, -0.4451385},
                               {8191, -0.0940112, 0.0053327}},
               "F1");
    s.loop_hpf_hz = 20.0;
    s.feedback = -0.8;
    s.law = PS_FLANGER_EXPONENTIAL;
    s.triangle = true;
    s.rate_hz = 3.0;
    s.match_loudness = false;
    s.mix = 0.7;
    check_case(&s, 0.2832364, 0.2818967,
               (const point[]){{0, -0.2108356, -0.2105255},
                               {100, 0.1007981, -0.0254067},
                               {1000, 0.1777359, 0.1022287},
                               {4095, 0.2189474, -0.2519969},
                               {8191, -0.2118424, -0.3761247}},
               "F2");
    ps_flanger_defaults(&s);
    s.stereo = PS_FLANGER_MID;
    s.four_taps = true;
    s.rate_hz = 5.0;
    s.loop_hpf_hz = 100.0;
    check_case(&s, 0.2311300, 0.2316102,
               (const point[]){{0, -0.2108356, -0.2105255},
                               {100, 0.2869247, -0.2117571},
                               {1000, 0.2064258, 0.0747140},
                               {4095, -0.0248105, -0.4342313},
                               {8191, -0.0700349, -0.0388765}},
               "F3");
}

static void every_row_agrees_with_the_definition(void **state)
{
    static const double rates[] = {8000.0, 22050.0, 44100.0, 48000.0};
    dice d = {ps_random_key(4, 1), 0};

    (void)state;
    for (uint32_t k = 0; k < 150; k++) {
        const ps_flanger_settings settings = random_settings(&d);
        const double fs = rates[k % 4];
        stereo right = stereo_noise(3000 + 77 * (k % 3)), in = stereo_copy(&right);

        naive_run(&right, &settings, fs);
        for (uint32_t row = 0; ps_kernel_row_name(row); row++) {
            stereo s = stereo_copy(&in);

            run(&s, &settings, fs, ps_kernel_row_name(row), 256);
            const double wrong = stereo_difference(&s, &right);
            if (!(wrong <= 2e-6))
                fail_msg("case %u on %s: wrong by %g (stereo %d, law %d, taps %d, feedback %g)",
                         (unsigned)k, ps_kernel_row_name(row), wrong, (int)settings.stereo,
                         (int)settings.law, settings.four_taps ? 4 : 2, settings.feedback);
            stereo_free(&s);
        }
        stereo_free(&right);
        stereo_free(&in);
    }
}

/* The reference's rounding decides between two samples that lie apart. */
static void delays_of_whole_frames_read_what_the_definition_reads(void **state)
{
    (void)state;
    for (uint32_t k = 0; k < 60; k++) {
        ps_flanger_settings settings;
        stereo right = stereo_noise(4000), in = stereo_copy(&right);

        ps_flanger_defaults(&settings);
        settings.depth_ms = k % 3 == 2 ? 0.5 : 0.0; /* 24 frames: its ends are whole too */
        settings.rate_hz = k % 3 == 2 ? 3.0 : 0.3;
        settings.delay_ms = 1.0 + k / 48.0;
        settings.law = (ps_flanger_law)(k % 3 == 2 ? 0 : k / 3 % 3);
        settings.smooth_delay_ms = 5.0 + 7.0 * k;
        naive_run(&right, &settings, 48000.0);
        run(&in, &settings, 48000.0, "c", 256);
        const double wrong = stereo_difference(&in, &right);
        if (!(wrong <= 2e-6))
            fail_msg("a delay of %g frames: wrong by %g", settings.delay_ms * 48.0, wrong);
        stereo_free(&right);
        stereo_free(&in);
    }
}

static void it_stays_exact_for_minutes(void **state)
{
    const uint32_t frames = 48000 * 90;
    ps_flanger_settings settings;
    stereo right = stereo_noise(frames), s = stereo_copy(&right);

    (void)state;
    ps_flanger_defaults(&settings);
    settings.rate_hz = 0.37;
    settings.mix = 0.9;
    naive_run(&right, &settings, 48000.0);
    run(&s, &settings, 48000.0, fastest_row(), 256);
    const double wrong = stereo_difference(&s, &right);
    if (!(wrong <= 2e-6))
        fail_msg("wrong by %g", wrong);
    stereo_free(&s);
    stereo_free(&right);
}

static void runs_make_no_difference(void **state)
{
    dice d = {ps_random_key(4, 2), 0};

    (void)state;
    for (uint32_t k = 0; k < 40; k++) {
        const ps_flanger_settings settings = random_settings(&d);

        check_runs(run, &settings);
    }
}

/* Noise is what cancels and adds up at once; a square wave is louder for its peak. */
static void nothing_is_louder_than_the_bound(void **state)
{
    dice d = {ps_random_key(4, 3), 0};
    uint32_t said = 0;

    (void)state;
    for (uint32_t k = 0; k < 200; k++) {
        ps_flanger_settings settings = random_settings(&d);
        stereo s = stereo_noise(4000);

        settings.feedback *= dice_between(&d, 0.3, 1.5);
        if (k % 2)
            for (uint32_t i = 0; i < s.frames; i++) {
                s.left[i] = i / 37 % 2 ? 0.4f : -0.4f;
                s.right[i] = i / 53 % 2 ? 0.4f : -0.4f;
            }
        ps_flanger *flanger = make(&settings, 44100.0);
        const double bound = ps_flanger_bound(flanger, 0.4);
        ps_flanger_process_c(flanger, s.left, s.right, s.frames);
        assert_true(stereo_peak(&s) <= bound);
        said += isfinite(bound) ? 1 : 0;
        ps_flanger_destroy(flanger);
        stereo_free(&s);
    }
    assert_true(said > 100);
}

static void absurd_settings_and_samples_stay_finite(void **state)
{
    dice d = {ps_random_key(4, 4), 0};

    (void)state;
    for (uint32_t k = 0; k < 300; k++) {
        ps_flanger_settings s = random_settings(&d);
        double *const numbers[] = {&s.delay_ms,
                                   &s.depth_ms,
                                   &s.rate_hz,
                                   &s.feedback,
                                   &s.mix,
                                   &s.loop_lpf_hz,
                                   &s.loop_hpf_hz,
                                   &s.min_delay_ms,
                                   &s.max_delay_ms,
                                   &s.smooth_delay_ms,
                                   &s.smooth_depth_ms,
                                   &s.loudness_ms,
                                   &s.loudness_min_gain,
                                   &s.loudness_max_gain};
        ps_flanger *flanger = NULL;

        for (uint32_t n = 0; n < sizeof numbers / sizeof numbers[0]; n++) {
            if (k % 3 == 0 || dice_between(&d, 0.0, 1.0) < 0.2)
                *numbers[n] = dice_wild(&d);
        }
        s.min_delay_ms = fmin(s.min_delay_ms, PS_FLANGER_DELAY_MAX_MS);
        s.max_delay_ms = fmin(s.max_delay_ms, PS_FLANGER_DELAY_MAX_MS);
        assert_int_equal(ps_flanger_create(&flanger, &s, 44100.0, NULL, NULL), PS_OK);
        for (uint32_t row = 0; ps_kernel_row_name(row); row++) {
            stereo sound = stereo_noise(3000);

            if (k % 5 == 0)
                stereo_overload(&sound);
            ps_voice_row_find(ps_kernel_row_name(row))
                ->flanger(flanger, sound.left, sound.right, sound.frames);
            assert_true(isfinite(stereo_peak(&sound)));
            stereo_free(&sound);
        }
        ps_flanger_destroy(flanger);
    }
}

/* A note that feeds back beyond 1 grows and grows, then stays. */
static void feedback_beyond_one_stays_finite(void **state)
{
    ps_flanger_settings settings;
    stereo s = stereo_noise(100000);

    (void)state;
    ps_flanger_defaults(&settings);
    settings.feedback = 50.0;
    settings.loop_hpf_hz = 1.0;
    settings.rate_hz = 1e9;
    ps_flanger *flanger = make(&settings, 22050.0);
    assert_true(isinf(ps_flanger_bound(flanger, 1.0)));
    ps_flanger_process_c(flanger, s.left, s.right, s.frames);
    assert_true(isfinite(stereo_peak(&s)));
    ps_flanger_destroy(flanger);
    stereo_free(&s);
}

static void a_delay_beyond_a_second_is_refused(void **state)
{
    ps_flanger_settings settings;
    ps_flanger *flanger = NULL;
    ps_error err = {0};

    (void)state;
    ps_flanger_defaults(&settings);
    settings.max_delay_ms = 1000.0;
    assert_int_equal(ps_flanger_create(&flanger, &settings, 192000.0, NULL, &err), PS_OK);
    ps_flanger_destroy(flanger);
    flanger = NULL;
    settings.max_delay_ms = 1e9;
    assert_int_equal(ps_flanger_create(&flanger, &settings, 22050.0, NULL, &err), PS_UNSUPPORTED);
    assert_string_equal(err.text, "flanger: a delay of 1e+09 ms; 1000 is the most");
    settings.max_delay_ms = 8.0;
    settings.min_delay_ms = 1e300;
    assert_int_equal(ps_flanger_create(&flanger, &settings, 22050.0, NULL, &err), PS_UNSUPPORTED);
    assert_null(flanger);
}

static void create_gives_back_everything_when_memory_runs_out(void **state)
{
    ps_flanger_settings settings;

    (void)state;
    ps_flanger_defaults(&settings);
    for (long allowed = 0;; allowed++) {
        failing_allocator heap;
        ps_flanger *flanger = NULL;
        ps_error err = {0};

        failing_init(&heap, allowed);
        const ps_status status = ps_flanger_create(&flanger, &settings, 44100.0, &heap.base, &err);
        ps_flanger_destroy(flanger);
        assert_int_equal(heap.live, 0);
        if (status == PS_OK) {
            assert_int_equal(allowed, 2);
            return;
        }
        assert_int_equal(status, PS_NO_MEMORY);
        assert_true(err.text[0] != '\0');
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_check_values_come_out),
        cmocka_unit_test(every_row_agrees_with_the_definition),
        cmocka_unit_test(delays_of_whole_frames_read_what_the_definition_reads),
        cmocka_unit_test(it_stays_exact_for_minutes),
        cmocka_unit_test(runs_make_no_difference),
        cmocka_unit_test(nothing_is_louder_than_the_bound),
        cmocka_unit_test(absurd_settings_and_samples_stay_finite),
        cmocka_unit_test(feedback_beyond_one_stays_finite),
        cmocka_unit_test(a_delay_beyond_a_second_is_refused),
        cmocka_unit_test(create_gives_back_everything_when_memory_runs_out),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
