#include "stage_support.h"

#include "plainsong/engine.h"
#include "voice/voice.h"

#define PI 3.14159265358979323846

/* ---- The definition of trajectories ---------------------------------------------------------- */

static void naive_trajectory(const ps_trajectory_segment *segments, uint32_t count, double fs,
                             double *deg, double *m, uint32_t frames)
{
    uint32_t at = 0;

    for (uint32_t k = 0; k < count; k++) {
        const ps_trajectory_segment *s = &segments[k];
        const double n = rint(s->seconds * fs);
        const double period = s->period_s > 0.0 ? s->period_s : s->seconds;
        const double v =
            isnan(s->speed_deg_per_s) ? s->extent_deg / fmax(1e-9, s->seconds) : s->speed_deg_per_s;
        double first = 0.0;

        for (double j = 0.0; j < n && at < frames; j++, at++) {
            const double t = j * s->seconds / n;
            double theta = s->start_deg + v * t;

            if (s->mode == PS_TRAJECTORY_ROTATING_ARC)
                theta = s->start_deg + 360.0 * s->turns_hz * t +
                        (1.0 - cos(2.0 * PI * t / period)) / 2.0 * s->extent_deg;
            if (s->mode == PS_TRAJECTORY_OSCILLATE)
                theta = s->center_deg + s->extent_deg * sin(2.0 * PI * t / period);
            if (j == 0.0)
                first = theta;
            if (s->ease_sine)
                theta = first + (theta - first) * (0.5 * sin(PI * (t / s->seconds - 0.5)) + 0.5);
            deg[at] = theta;
            m[at] = s->from_m + (s->to_m - s->from_m) * t / s->seconds;
        }
    }
    for (const uint32_t end = at; at < frames; at++) {
        deg[at] = end ? deg[end - 1] : 0.0;
        m[at] = end ? m[end - 1] : 1.0;
    }
}

/* ---- The definition of the spatialiser ------------------------------------------------------- */

static double coef(double ms, double fs)
{
    return ms <= 0.0 ? 0.0 : fmin(exp(-1.0 / (fs * ms * 0.001)), 0.999999);
}

static double smoothed(double y, double x, double a)
{
    return a * y + (1.0 - a) * x;
}

/* A ring of one ear: what lies at p, backwards, by two taps or four. */
static double naive_read(const float *ring, uint32_t k, double p, bool four)
{
    p = fmod(p, k);
    if (p < 0.0)
        p += k;
    if (p >= k)
        p = 0.0;
    const uint32_t r0 = (uint32_t)floor(p);
    const double m = p - r0, n = 1.0 - m;
    const double y0 = (double)ring[r0], y1 = (double)ring[(r0 + k - 1) % k];
    const double y2 = (double)ring[(r0 + k - 2) % k], y3 = (double)ring[(r0 + k - 3) % k];

    if (!four)
        return n * y0 + m * y1;
    return -m * n * n / 6.0 * y3 + (1.0 + m) * n * n / 2.0 * y2 + m * (1.0 + m) * n / 2.0 * y1 -
           m * m * n / 6.0 * y0;
}

static void naive_head(const ps_spatial_settings *s, double fs, const double *deg, const double *m,
                       const float *mid, float *left, float *right, uint32_t frames)
{
    const double a_theta = coef(s->smooth_theta_ms, fs), a_m = coef(s->smooth_distance_ms, fs);
    const double a_c = s->head_radius_m / 343.0, q = s->itd_scale, most = s->max_deg_per_s / fs;
    const uint32_t k = (uint32_t)fmax(12.0, ceil(a_c * fabs(q) * fs) + 8.0);
    float *ring = calloc(k, sizeof *ring);
    double u = deg[0], th = u, di = fmax(m[0], s->min_distance_m), d = 0.0, gl = 1.0, gr = 1.0;

    for (uint32_t n = 0, w = 0; n < frames; n++, w = (w + 1) % k) {
        double apart = deg[n] - u;
        int side = 0;

        while (apart >= 180.0)
            apart -= 360.0;
        while (apart < -180.0)
            apart += 360.0;
        u += n == 0 ? 0.0 : clamped(apart, -most, most);
        th = smoothed(th, u, a_theta);
        di = smoothed(di, fmax(m[n], s->min_distance_m), a_m);
        const double sigma = sin(th * PI / 180.0), tau = a_c * sigma * q;
        d += clamped(fabs(tau) * fs - d, -s->max_delay_step, s->max_delay_step);
        if (d > 1e-6)
            side = (tau > 0.0) - (tau < 0.0);
        else
            d = 0.0;
        const double gain = di < s->ref_distance_m ? 1.0 : pow(s->ref_distance_m / di, s->rolloff);
        const double base = (w + k - 1) % k;
        const double yl = naive_read(ring, k, side == 1 ? base - d : base, s->four_taps);
        const double yr = naive_read(ring, k, side == -1 ? base - d : base, s->four_taps);
        if (s->use_ild) {
            gl = smoothed(gl, pow(10.0, s->ild_max_db * 0.5 * sigma / 20.0), a_theta);
            gr = smoothed(gr, pow(10.0, -s->ild_max_db * 0.5 * sigma / 20.0), a_theta);
        }
        ring[w] = mid[n];
        left[n] = (float)(yl * gl * gain);
        right[n] = (float)(yr * gr * gain);
    }
    free(ring);
}

/* An ear that has a ring of its own. */
typedef struct naive_ear {
    float *ring;
    double delay, gain;
} naive_ear;

static float naive_late(naive_ear *e, uint32_t k, uint32_t n, float in, double delay, double gain,
                        double a)
{
    e->ring[n % k] = in;
    e->delay = n == 0 ? delay : smoothed(e->delay, delay, a);
    e->gain = smoothed(e->gain, gain, a);
    return (float)(naive_read(e->ring, k, (double)(n % k) - e->delay, false) * e->gain);
}

static void naive_cardioids(const ps_spatial_settings *s, double fs, const double *deg,
                            const double *m, const float *mid, float *left, float *right,
                            uint32_t frames)
{
    const double a_theta = coef(s->smooth_theta_ms, fs), a_m = coef(s->smooth_distance_ms, fs);
    const double a_c = s->head_radius_m / 343.0, q = s->itd_scale, kappa = sqrt(0.5);
    const double ear = s->ear_angle_deg * PI / 180.0;
    const uint32_t k = (uint32_t)fmax(8.0, ceil(a_c * q * fs) + 4.0);
    naive_ear e[2] = {{calloc(k, sizeof(float)), 0.0, 1.0}, {calloc(k, sizeof(float)), 0.0, 1.0}};
    double th = deg[0] * PI / 180.0, di = fmax(0.1, m[0]);

    for (uint32_t n = 0; n < frames; n++) {
        const double apart = deg[n] * PI / 180.0 - th;

        th += (1.0 - a_theta) * atan2(sin(apart), cos(apart));
        di = smoothed(di, fmax(0.1, m[n]), a_m);
        const float g = (float)pow(s->ref_distance_m / fmax(s->ref_distance_m, di), s->rolloff);
        const float x0 = mid[n] * g, w = (float)(kappa * (double)x0);
        const float x = (float)((double)x0 * cos(th)), y = (float)((double)x0 * sin(th));
        float l = (float)(kappa * (double)w + ((double)x * cos(ear) + (double)y * sin(ear)));
        float r = (float)(kappa * (double)w + ((double)x * cos(ear) - (double)y * sin(ear)));
        if (s->use_ild) {
            const double sigma = sin(th), tau = a_c * sigma * q, ild = s->ild_max_db * 0.5 * sigma;

            l = naive_late(&e[0], k, n, l, fmax(0.0, tau) * fs, pow(10.0, ild / 20.0), a_theta);
            r = naive_late(&e[1], k, n, r, fmax(0.0, -tau) * fs, pow(10.0, -ild / 20.0), a_theta);
        }
        const double roll = fmax(0.0, s->hf_roll_db_per_m * (di - s->ref_distance_m));
        left[n] = (float)((double)l * pow(10.0, -roll / 20.0));
        right[n] = (float)((double)r * pow(10.0, -roll / 20.0));
    }
    free(e[0].ring);
    free(e[1].ring);
}

static void naive_run(const stereo *s, const ps_spatial_settings *settings, double fs)
{
    const double kappa = sqrt(0.5);
    float *mid = calloc(s->frames, sizeof *mid);
    stereo ears = stereo_make(s->frames);
    double *deg = calloc(s->frames, sizeof *deg), *m = calloc(s->frames, sizeof *m);

    naive_trajectory(settings->segments, settings->segment_count, fs, deg, m, s->frames);
    for (uint32_t i = 0; i < s->frames; i++)
        mid[i] = (float)((double)(s->left[i] + s->right[i]) * kappa);
    (settings->foa_cardioid ? naive_cardioids : naive_head)(settings, fs, deg, m, mid, ears.left,
                                                            ears.right, s->frames);
    for (uint32_t i = 0; i < s->frames; i++) {
        const float side = (float)((double)(s->left[i] - s->right[i]) * kappa);

        s->left[i] = (float)((double)(ears.left[i] + side) * kappa);
        s->right[i] = (float)((double)(ears.right[i] - side) * kappa);
    }
    free(mid);
    free(deg);
    free(m);
    stereo_free(&ears);
}

/* ---- Ours ----------------------------------------------------------------------------------- */

static ps_spatial *make(const ps_spatial_settings *settings, double fs)
{
    ps_spatial *spatial = NULL;
    ps_error err = {0};

    if (ps_spatial_create(&spatial, settings, fs, NULL, &err) != PS_OK)
        fail_msg("%s", err.text);
    return spatial;
}

/* A stage_run. */
static void run(const stereo *s, const void *settings, double fs, const char *row, uint32_t most)
{
    ps_spatial *spatial = make(settings, fs);

    for (uint32_t at = 0; at < s->frames; at += most)
        ps_voice_row_find(row)->spatial(spatial, s->left + at, s->right + at,
                                        s->frames - at < most ? s->frames - at : most);
    ps_spatial_destroy(spatial);
}

static ps_trajectory_segment random_segment(dice *d)
{
    const double speed = dice_between(d, -300.0, 300.0), from = dice_between(d, 0.0, 4.0);

    return (ps_trajectory_segment){
        .mode = (ps_trajectory_mode)dice_between(d, 0.0, 3.0),
        .seconds = dice_between(d, -0.01, 0.1),
        .start_deg = dice_between(d, -400.0, 400.0),
        .center_deg = dice_between(d, -90.0, 90.0),
        .extent_deg = dice_between(d, -200.0, 200.0),
        .speed_deg_per_s = dice_coin(d) ? speed : (double)NAN,
        .period_s = dice_between(d, -0.05, 0.2),
        .turns_hz = dice_between(d, -3.0, 3.0),
        .ease_sine = dice_coin(d),
        .from_m = from,
        .to_m = dice_coin(d) ? from : dice_between(d, 0.0, 4.0),
    };
}

/* segments: room for 4 */
static ps_spatial_settings random_settings(dice *d, ps_trajectory_segment *segments)
{
    ps_spatial_settings s;

    ps_spatial_defaults(&s);
    s.segment_count = (uint32_t)dice_between(d, 0.0, 5.0);
    for (uint32_t i = 0; i < s.segment_count; i++)
        segments[i] = random_segment(d);
    s.segments = segments;
    s.foa_cardioid = dice_coin(d);
    s.use_ild = dice_between(d, 0.0, 1.0) < 0.8;
    s.ear_angle_deg = dice_between(d, -180.0, 180.0);
    s.head_radius_m = dice_between(d, 0.05, 0.3);
    s.itd_scale = dice_between(d, 0.0, 3.0);
    s.ild_max_db = dice_coin(d) ? dice_between(d, -3.0, 12.0) : 0.0;
    s.ref_distance_m = dice_between(d, 0.2, 2.0);
    s.rolloff = dice_coin(d) ? 1.0 : dice_between(d, -0.5, 2.0);
    s.hf_roll_db_per_m = dice_coin(d) ? 0.0 : dice_between(d, 0.0, 6.0);
    s.smooth_theta_ms = dice_between(d, -10.0, 60.0);
    s.smooth_distance_ms = dice_between(d, -10.0, 80.0);
    s.min_distance_m = dice_between(d, 0.05, 1.0);
    s.max_deg_per_s = dice_coin(d) ? dice_between(d, 20.0, 400.0) : 1e6;
    s.max_delay_step = dice_coin(d) ? dice_between(d, 0.001, 0.05) : 5.0;
    s.four_taps = dice_coin(d);
    return s;
}

static const ps_trajectory_segment plain_segment = {
    .extent_deg = 180.0, .speed_deg_per_s = (double)NAN, .from_m = 1.0, .to_m = 1.0};

static stereo tones(void)
{
    stereo s = stereo_make(88200);

    for (uint32_t i = 0; i < s.frames; i++) {
        s.left[i] = (float)(0.5 * sin(2.0 * PI * 200.0 * i / 44100.0));
        s.right[i] = (float)(0.5 * sin(2.0 * PI * 204.0 * i / 44100.0 + 0.3));
    }
    return s;
}

static void check_case(const ps_spatial_settings *settings, const point points[6], const char *name)
{
    for (uint32_t row = 0; ps_kernel_row_name(row); row++) {
        stereo s = tones();

        run(&s, settings, 44100.0, ps_kernel_row_name(row), 256);
        for (uint32_t i = 0; i < 6; i++)
            check_point(&s, &points[i], 1e-6, name);
        stereo_free(&s);
    }
}

/* The specification's trajectories. */
static const ps_trajectory_segment p1[] = {{.mode = PS_TRAJECTORY_OSCILLATE,
                                            .seconds = 2.0,
                                            .extent_deg = 75.0,
                                            .period_s = 20.0,
                                            .from_m = 1.0,
                                            .to_m = 1.4}};
static const ps_trajectory_segment p2[] = {{.mode = PS_TRAJECTORY_ROTATE,
                                            .seconds = 1.0,
                                            .start_deg = 30.0,
                                            .speed_deg_per_s = -100.0,
                                            .from_m = 0.5,
                                            .to_m = 2.5},
                                           {.mode = PS_TRAJECTORY_ROTATING_ARC,
                                            .seconds = 2.0,
                                            .start_deg = -70.0,
                                            .extent_deg = 60.0,
                                            .turns_hz = 0.2,
                                            .ease_sine = true,
                                            .from_m = 1.0,
                                            .to_m = 1.0}};

static void the_check_values_come_out(void **state)
{
    const ps_trajectory_segment p3 = {.mode = PS_TRAJECTORY_OSCILLATE,
                                      .seconds = 2.0,
                                      .extent_deg = 75.0,
                                      .period_s = 2.0,
                                      .from_m = 1.0,
                                      .to_m = 1.4};
    ps_spatial_settings s;

    (void)state;
    ps_spatial_defaults(&s);
    s.segments = p1;
    s.segment_count = 1;
    check_case(&s,
               (const point[]){{0, -0.0738801, 0.0738801},
                               {1, -0.0736668, 0.0736668},
                               {50, 0.0015093, 0.2446089},
                               {1000, 0.1634613, -0.2891970},
                               {20000, -0.2660540, -0.0025919},
                               {88199, -0.1022275, 0.0799125}},
               "P1");
    s.segments = p2;
    s.segment_count = 2;
    s.four_taps = false;
    s.ild_max_db = 6.0;
    s.max_deg_per_s = 360.0;
    check_case(&s,
               (const point[]){{0, -0.0738801, 0.0738801},
                               {1, -0.0736668, 0.1475380},
                               {50, 0.4943275, 0.4902844},
                               {1000, -0.0384810, -0.4198235},
                               {20000, -0.3988996, -0.1127012},
                               {88199, -0.0334695, 0.0677628}},
               "P2");
    ps_spatial_defaults(&s);
    s.segments = &p3;
    s.segment_count = 1;
    s.foa_cardioid = true;
    s.hf_roll_db_per_m = 2.0;
    check_case(&s,
               (const point[]){{0, 0.0270420, 0.1748021},
                               {1, -0.0736668, 0.1937574},
                               {50, 0.6748599, 0.6722077},
                               {1000, -0.1840216, -0.5421751},
                               {20000, -0.4374220, 0.0451188},
                               {88199, -0.0495119, 0.0610681}},
               "P3");
}

static void check_place(const ps_trajectory *trajectory, uint64_t frame, double deg, double m)
{
    for (uint32_t row = 0; ps_kernel_row_name(row); row++) {
        double theta, distance;

        ps_voice_row_find(ps_kernel_row_name(row))
            ->trajectory(trajectory, &theta, &distance, frame, 1);
        assert_true(fabs(theta - deg) < 1e-6);
        assert_true(isnan(m) || fabs(distance - m) < 1e-6);
    }
}

static void trajectories_pass_their_check_values(void **state)
{
    ps_trajectory trajectory;

    (void)state;
    assert_int_equal(ps_trajectory_init(&trajectory, p1, 1, 44100.0, NULL), PS_OK);
    check_place(&trajectory, 20000, 10.649574, 1.090703);
    ps_trajectory_free(&trajectory, NULL);
    assert_int_equal(ps_trajectory_init(&trajectory, p2, 2, 44100.0, NULL), PS_OK);
    check_place(&trajectory, 20000, -15.351474, (double)NAN);
    check_place(&trajectory, 60000, -66.625066, (double)NAN);
    check_place(&trajectory, 88199, -4.003167, (double)NAN);
    ps_trajectory_free(&trajectory, NULL);
}

static void trajectories_agree_with_the_definition_from_any_frame(void **state)
{
    enum { FRAMES = 6000 };
    static double deg[FRAMES], m[FRAMES], ours_deg[256], ours_m[256];
    dice d = {ps_random_key(5, 1), 0};

    (void)state;
    for (uint32_t k = 0; k < 200; k++) {
        ps_trajectory_segment segments[4];
        const uint32_t count = k % 5;
        ps_trajectory trajectory;

        for (uint32_t i = 0; i < count; i++)
            segments[i] = random_segment(&d);
        naive_trajectory(segments, count, 22050.0, deg, m, FRAMES);
        assert_int_equal(ps_trajectory_init(&trajectory, segments, count, 22050.0, NULL), PS_OK);
        for (uint32_t row = 0; ps_kernel_row_name(row); row++) {
            const uint32_t first = (uint32_t)dice_between(&d, 0.0, FRAMES - 256.0);

            ps_voice_row_find(ps_kernel_row_name(row))
                ->trajectory(&trajectory, ours_deg, ours_m, first, 256);
            for (uint32_t i = 0; i < 256; i++) {
                assert_true(fabs(ours_deg[i] - deg[first + i]) < 1e-10);
                assert_true(fabs(ours_m[i] - m[first + i]) < 1e-12);
            }
        }
        ps_trajectory_free(&trajectory, NULL);
    }
}

static void every_row_agrees_with_the_definition(void **state)
{
    static const double rates[] = {8000.0, 22050.0, 44100.0, 48000.0};
    dice d = {ps_random_key(5, 2), 0};

    (void)state;
    for (uint32_t k = 0; k < 150; k++) {
        ps_trajectory_segment segments[4];
        const ps_spatial_settings settings = random_settings(&d, segments);
        const double fs = rates[k % 4];
        stereo right = stereo_noise(6000 + 77 * (k % 3)), in = stereo_copy(&right);

        naive_run(&right, &settings, fs);
        for (uint32_t row = 0; ps_kernel_row_name(row); row++) {
            stereo s = stereo_copy(&in);

            run(&s, &settings, fs, ps_kernel_row_name(row), 256);
            const double wrong = stereo_difference(&s, &right);
            if (!(wrong <= 2e-6))
                fail_msg("case %u on %s: wrong by %g (%s, taps %d, %u segments)", (unsigned)k,
                         ps_kernel_row_name(row), wrong, settings.foa_cardioid ? "foa" : "head",
                         settings.four_taps ? 4 : 2, (unsigned)settings.segment_count);
            stereo_free(&s);
        }
        stereo_free(&right);
        stereo_free(&in);
    }
}

/* With presets a delay creeps by 0.02 frames at a time and stops at whole numbers, by rounding. */
static void a_source_that_jumps_is_followed_as_the_definition_does(void **state)
{
    (void)state;
    for (uint32_t k = 0; k < 12; k++) {
        ps_trajectory_segment jump[2] = {plain_segment, plain_segment};
        ps_spatial_settings settings;
        stereo right = stereo_noise(30000), s = stereo_copy(&right);

        ps_spatial_defaults(&settings);
        jump[0].extent_deg = jump[1].extent_deg = 0.0;
        jump[0].seconds = jump[1].seconds = 0.3;
        jump[0].start_deg = 30.0 * k;
        jump[1].start_deg = 30.0 * k + (k % 2 ? 179.0 : -530.0);
        settings.segments = jump;
        settings.segment_count = 2;
        settings.foa_cardioid = k >= 8;
        settings.max_deg_per_s = k < 4 ? 90.0 : 2000.0;
        naive_run(&right, &settings, 44100.0);
        run(&s, &settings, 44100.0, "c", 256);
        const double wrong = stereo_difference(&s, &right);
        if (!(wrong <= 2e-6))
            fail_msg("from %g: wrong by %g", jump[0].start_deg, wrong);
        stereo_free(&right);
        stereo_free(&s);
    }
}

static void runs_make_no_difference(void **state)
{
    dice d = {ps_random_key(5, 3), 0};

    (void)state;
    for (uint32_t k = 0; k < 40; k++) {
        ps_trajectory_segment segments[4];
        const ps_spatial_settings settings = random_settings(&d, segments);

        check_runs(run, &settings);
    }
}

static void nothing_is_louder_than_the_bound(void **state)
{
    dice d = {ps_random_key(5, 4), 0};
    uint32_t said = 0;

    (void)state;
    for (uint32_t k = 0; k < 200; k++) {
        ps_trajectory_segment segments[4];
        ps_spatial_settings settings = random_settings(&d, segments);
        stereo s = stereo_noise(4000);

        for (uint32_t i = 0; i < s.frames; i++) {
            s.left[i] = i / 37 % 2 ? 0.4f : -0.4f;
            s.right[i] = i / (k % 2 ? 37 : 53) % 2 ? 0.4f : -0.4f;
        }
        ps_spatial *spatial = make(&settings, 44100.0);
        const double bound = ps_spatial_bound(spatial);
        ps_spatial_process_c(spatial, s.left, s.right, s.frames);
        assert_true(stereo_peak(&s) <= (double)0.4f * bound);
        said += isfinite(bound) ? 1 : 0;
        ps_spatial_destroy(spatial);
        stereo_free(&s);
    }
    assert_true(said > 100);
}

static void absurd_settings_and_samples_stay_finite(void **state)
{
    dice d = {ps_random_key(5, 5), 0};

    (void)state;
    for (uint32_t k = 0; k < 400; k++) {
        ps_trajectory_segment segments[4];
        ps_spatial_settings s = random_settings(&d, segments);
        ps_trajectory_segment *g = segments;
        double *const numbers[] = {&s.ear_angle_deg,
                                   &s.ild_max_db,
                                   &s.ref_distance_m,
                                   &s.rolloff,
                                   &s.hf_roll_db_per_m,
                                   &s.smooth_theta_ms,
                                   &s.smooth_distance_ms,
                                   &s.min_distance_m,
                                   &s.max_deg_per_s,
                                   &s.max_delay_step,
                                   &g->seconds,
                                   &g->start_deg,
                                   &g->center_deg,
                                   &g->extent_deg,
                                   &g->speed_deg_per_s,
                                   &g->period_s,
                                   &g->turns_hz,
                                   &g->from_m,
                                   &g->to_m};
        ps_spatial *spatial = NULL;

        if (s.segment_count == 0)
            segments[0] = plain_segment;
        s.segment_count = s.segment_count ? s.segment_count : 1;
        for (uint32_t n = 0; n < sizeof numbers / sizeof numbers[0]; n++) {
            if (k % 3 == 0 || dice_between(&d, 0.0, 1.0) < 0.2)
                *numbers[n] = k % 7 == 0 ? 0.0 : dice_wild(&d);
        }
        assert_int_equal(ps_spatial_create(&spatial, &s, 44100.0, NULL, NULL), PS_OK);
        for (uint32_t row = 0; ps_kernel_row_name(row); row++) {
            stereo sound = stereo_noise(3000);

            if (k % 5 == 0)
                stereo_overload(&sound);
            ps_voice_row_find(ps_kernel_row_name(row))
                ->spatial(spatial, sound.left, sound.right, sound.frames);
            if (!isfinite(stereo_peak(&sound)))
                fail_msg("case %u on %s", (unsigned)k, ps_kernel_row_name(row));
            stereo_free(&sound);
        }
        ps_spatial_destroy(spatial);
    }
}

static void a_head_of_more_than_a_second_is_refused(void **state)
{
    ps_spatial_settings settings;
    ps_spatial *spatial = NULL;
    ps_error err = {0};

    (void)state;
    ps_spatial_defaults(&settings);
    settings.head_radius_m = 300.0;
    assert_int_equal(ps_spatial_create(&spatial, &settings, 192000.0, NULL, &err), PS_OK);
    ps_spatial_destroy(spatial);
    settings.head_radius_m = 1e300;
    settings.itd_scale = 1e300;
    assert_int_equal(ps_spatial_create(&spatial, &settings, 22050.0, NULL, &err), PS_UNSUPPORTED);
    assert_string_equal(
        err.text,
        "spatialiser: a head of 1e+300 m times 1e+300; its delay may be a second at most");
}

static void create_gives_back_everything_when_memory_runs_out(void **state)
{
    ps_spatial_settings settings;

    (void)state;
    ps_spatial_defaults(&settings);
    settings.segments = p2;
    settings.segment_count = 2;
    for (long allowed = 0;; allowed++) {
        failing_allocator heap;
        ps_spatial *spatial = NULL;
        ps_error err = {0};

        failing_init(&heap, allowed);
        const ps_status status = ps_spatial_create(&spatial, &settings, 44100.0, &heap.base, &err);
        ps_spatial_destroy(spatial);
        assert_int_equal(heap.live, 0);
        if (status == PS_OK) {
            assert_int_equal(allowed, 3);
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
        cmocka_unit_test(trajectories_pass_their_check_values),
        cmocka_unit_test(trajectories_agree_with_the_definition_from_any_frame),
        cmocka_unit_test(every_row_agrees_with_the_definition),
        cmocka_unit_test(a_source_that_jumps_is_followed_as_the_definition_does),
        cmocka_unit_test(runs_make_no_difference),
        cmocka_unit_test(nothing_is_louder_than_the_bound),
        cmocka_unit_test(absurd_settings_and_samples_stay_finite),
        cmocka_unit_test(a_head_of_more_than_a_second_is_refused),
        cmocka_unit_test(create_gives_back_everything_when_memory_runs_out),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
