/* The reverb: the decay of its octaves, its first frame, its level, its two sides. */
#include "filter_support.h"

#define PI 3.14159265358979323846

/* Loud, because the network goes to rest where a tail is below hearing. */
#define LOUD 1000.0f

static fx_audio response_of(const char *text, double seconds)
{
    fx_audio a = fx_new((uint32_t)(seconds * FX_RATE_HZ));

    a.left[0] = a.right[0] = LOUD;
    fx_apply(text, &a);
    return a;
}

/* ---- Decay ----------------------------------------------------------------------------------- */

/* An octave band: two second-order band-passes (constant peak gain) in series. */
static void octave(double *y, const float *x, uint32_t frames, double hz)
{
    const double w = 2.0 * PI * hz / FX_RATE_HZ, alpha = sin(w) / (2.0 * 2.2);
    double s[2][2] = {{0.0}};

    for (uint32_t i = 0; i < frames; i++) {
        double v = (double)x[i];

        for (int k = 0; k < 2; k++) {
            const double out = alpha / (1.0 + alpha) * v + s[k][0];

            s[k][0] = s[k][1] + 2.0 * cos(w) / (1.0 + alpha) * out;
            s[k][1] = -alpha / (1.0 + alpha) * v - (1.0 - alpha) / (1.0 + alpha) * out;
            v = out;
        }
        y[i] = v;
    }
}

/* Seconds to -60 dB, from the straight line through -5 to -35 dB of the energy that is still to
   come (Schroeder 1965; T30 of ISO 3382). */
static double measured_sec(const double *h, uint32_t frames)
{
    double all = 0.0, energy = 0.0, n = 0.0, st = 0.0, sy = 0.0, stt = 0.0, sty = 0.0;

    for (uint32_t i = 0; i < frames; i++)
        all += h[i] * h[i];
    for (uint32_t i = frames; i-- > 0;) {
        energy += h[i] * h[i];
        const double db = 10.0 * log10(energy / all + 1e-30), t = i / FX_RATE_HZ;

        if (db > -5.0 || db < -35.0)
            continue;
        n += 1.0;
        st += t;
        sy += db;
        stt += t * t;
        sty += t * db;
    }
    return -60.0 * (n * stt - st * st) / (n * sty - st * sy);
}

/*
 * By definition: in a line of D seconds a shelf (g_high s + g_low) / (s + 1) takes what D takes of
 * 60 dB, in `decay` at low and decay (1 - damping) at high frequencies, its corner at 3500 Hz.
 * Mixed without loss, the lines decay as all their shelves over all their delays.
 */
static double defined_sec(double hz, double decay_sec, double damping, double size)
{
    static const double lines_sec[] = {0.0317, 0.0371, 0.0437, 0.0503,
                                       0.0579, 0.0673, 0.0779, 0.0893};
    const double high_sec = fmax(0.05, decay_sec * (1.0 - damping));
    const double s = tan(PI * hz / FX_RATE_HZ) / tan(PI * 3500.0 / FX_RATE_HZ);
    double log_gains = 0.0, delays = 0.0;

    for (int i = 0; i < 8; i++) {
        const double delay = size * lines_sec[i];
        const double low = pow(10.0, -3.0 * delay / decay_sec);
        const double high = pow(10.0, -3.0 * delay / high_sec);

        log_gains += log10(hypot(high * s, low) / hypot(s, 1.0));
        delays += delay;
    }
    return -3.0 * delays / log_gains;
}

static void every_octave_decays_in_its_time(void **state)
{
    static const struct {
        double decay_sec, damping, size;
    } rows[] = {{1.8, 0.65, 1.0}, {0.6, 0.5, 0.5}, {3.0, 0.0, 1.0}, {5.0, 0.8, 2.0}};
    static const double octaves_hz[] = {125, 250, 500, 1000, 2000, 4000, 8000};

    (void)state;
    for (size_t n = 0; n < 4; n++) {
        char text[120];

        snprintf(text, sizeof text, "reverb:%g,1,%g,%g", rows[n].decay_sec, rows[n].size,
                 rows[n].damping);
        fx_audio a = response_of(text, 1.5 * rows[n].decay_sec + 0.2);
        double *band = malloc(a.frames * sizeof *band);
        assert_non_null(band);
        for (int k = 0; k < 7; k++) {
            const double wanted =
                defined_sec(octaves_hz[k], rows[n].decay_sec, rows[n].damping, rows[n].size);

            for (int side = 0; side < 2; side++) {
                octave(band, side == 0 ? a.left : a.right, a.frames, octaves_hz[k]);
                const double found = measured_sec(band, a.frames);
                if (!(fabs(found / wanted - 1.0) < 0.1))
                    fail_msg("%s: %g Hz: %.3f s, not %.3f", text, octaves_hz[k], found, wanted);
            }
        }
        free(band);
        fx_free(&a);
    }
}

static double energy_of(const fx_audio *a, uint32_t first, uint32_t frames)
{
    double sum = 0.0;

    for (uint32_t i = first; i < first + frames; i++)
        sum += (double)a->left[i] * (double)a->left[i] + (double)a->right[i] * (double)a->right[i];
    return sum;
}

static void it_only_ever_gets_softer(void **state)
{
    static const char *const texts[] = {"reverb:1.8,1", "reverb:0.6,1,0.5,0.5", "reverb:6,1,2,0"};
    const uint32_t length = 4410;

    (void)state;
    for (size_t n = 0; n < 3; n++) {
        fx_audio a = response_of(texts[n], 3.0);
        double before = INFINITY;

        for (uint32_t at = 3 * length; at + length <= a.frames; at += length) {
            const double now = energy_of(&a, at, length);

            if (!(now < before))
                fail_msg("%s: louder at %g s", texts[n], at / FX_RATE_HZ);
            before = now > 0.0 ? now : before;
        }
        fx_free(&a);
    }
}

/* ---- Place and level ------------------------------------------------------------------------- */

static uint32_t first_frame(const fx_audio *a)
{
    uint32_t at = 0;

    while (at < a->frames && a->left[at] == 0.0f && a->right[at] == 0.0f)
        at++;
    return at;
}

static void a_predelay_is_silence_of_exactly_so_many_frames(void **state)
{
    static const double ms[] = {0.5, 1.0, 7.3, 20.0, 100.0, 250.0};
    const fx_audio at_once = response_of("reverb:1,1", 0.5);
    const uint32_t first = first_frame(&at_once);

    (void)state;
    assert_true(first > 1000 && first < 2000); /* the shortest way through the room */
    for (size_t n = 0; n < 6; n++) {
        char text[80];

        snprintf(text, sizeof text, "reverb:1,1,predelay=%g", ms[n]);
        fx_audio a = response_of(text, 0.5);
        assert_int_equal(first_frame(&a) - first, (uint32_t)(1e-3 * ms[n] * FX_RATE_HZ + 0.5));
        fx_free(&a);
    }
    fx_free((fx_audio *)&at_once);
}

static void wet_is_the_share_of_the_room(void **state)
{
    const fx_audio in = fx_noise(30000, 0.5f, 41);
    fx_audio room = fx_copy(&in);

    (void)state;
    fx_apply("reverb:1,1", &room);
    for (int part = 1; part < 4; part++) {
        const double wet = 0.25 * part;
        fx_audio a = fx_copy(&in);
        char text[80];

        snprintf(text, sizeof text, "reverb:1,%g", wet);
        fx_apply(text, &a);
        for (uint32_t i = 0; i < a.frames; i++) {
            assert_near((double)a.left[i],
                        (1.0 - wet) * (double)in.left[i] + wet * (double)room.left[i], 3e-7);
            assert_near((double)a.right[i],
                        (1.0 - wet) * (double)in.right[i] + wet * (double)room.right[i], 3e-7);
        }
        fx_free(&a);
    }
    fx_free(&room);
    fx_free((fx_audio *)&in);
    fx_leaves("reverb:wet=0");
}

static void longer_decays_and_larger_rooms_are_not_louder(void **state)
{
    static const char *const texts[] = {"reverb:1.8,1,damping=0", "reverb:0.5,1,damping=0",
                                        "reverb:6,1,damping=0", "reverb:1.8,1,0.5,0",
                                        "reverb:1.8,1,2,0"};
    double first = 0.0;

    (void)state;
    for (size_t n = 0; n < 5; n++) {
        fx_audio a = fx_noise(44100 * 8, 0.1f, 42);

        fx_apply(texts[n], &a);
        const double db = 10.0 * log10(energy_of(&a, a.frames - 88200, 88200));
        if (n == 0)
            first = db;
        if (!(db - first < 1.0 && db - first > -3.0))
            fail_msg("%s: %g dB louder than %s", texts[n], db - first, texts[0]);
        fx_free(&a);
    }
}

/* ---- Sides ----------------------------------------------------------------------------------- */

static double correlation(const fx_audio *a, int lag)
{
    double both = 0.0, left = 0.0, right = 0.0;

    for (uint32_t i = 4410; i < 44100; i++) {
        const double l = (double)a->left[i], r = (double)a->right[(int)i + lag];

        both += l * r;
        left += l * l;
        right += r * r;
    }
    return both / sqrt(left * right);
}

static void the_sides_differ_as_far_as_width_says(void **state)
{
    fx_audio wide = response_of("reverb:1.8,1", 1.1),
             half = response_of("reverb:1.8,1,width=0.5", 1.1);
    fx_audio narrow = response_of("reverb:1.8,1,width=0", 1.1);

    (void)state;
    for (int lag = -44; lag <= 44; lag++) /* 1 ms: more than an ear is late by */
        assert_true(fabs(correlation(&wide, lag)) < 0.1);
    assert_memory_equal(narrow.left, narrow.right, narrow.frames * sizeof(float));
    for (uint32_t i = 0; i < wide.frames; i++) {
        const double l = (double)wide.left[i], r = (double)wide.right[i];

        assert_near((double)narrow.left[i], 0.5 * (l + r), 1e-6 * (double)LOUD);
        assert_near((double)half.left[i] - (double)half.right[i], 0.5 * (l - r),
                    1e-6 * (double)LOUD);
    }
    fx_free(&wide);
    fx_free(&half);
    fx_free(&narrow);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_octave_decays_in_its_time),
        cmocka_unit_test(it_only_ever_gets_softer),
        cmocka_unit_test(a_predelay_is_silence_of_exactly_so_many_frames),
        cmocka_unit_test(wet_is_the_share_of_the_room),
        cmocka_unit_test(longer_decays_and_larger_rooms_are_not_louder),
        cmocka_unit_test(the_sides_differ_as_far_as_width_says),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
