/* Curves: named ones, expressions, and the ramp that they bend. */
#include "support.h"

#include <math.h>

#include "voice/curve.h"
#include "voice/operations.h"

static double curve_value(const char *text, double a)
{
    ps_curve curve;
    ps_error err;

    if (ps_curve_compile(&curve, text, NULL, &err) != PS_OK)
        fail_msg("%s: %s", text, err.text);
    const double y = ps_curve_at(&curve, a);
    ps_curve_free(&curve, NULL);
    return y;
}

static void the_named_curves_are_as_defined(void **state)
{
    (void)state;
    for (double a = 0.0; a <= 1.0; a += 0.125) {
        assert_true(curve_value("linear", a) == a);
        assert_true(curve_value("logarithmic", a) == 1.0 - (1.0 - a) * (1.0 - a));
        assert_true(curve_value("exponential", a) == a * a);
    }
}

/* Expressions and their values at alpha = 0.375, as Python gives them. */
/* clang-format off */
static const struct { const char *text; double value; } values[] = {
    {"alpha", 0.375},
    {"+alpha", 0.375},
    {"-alpha**2", -0.140625},
    {"(-alpha)**2", 0.140625},
    {"2**-alpha", 0.7711054127039704},
    {"2**alpha**2", 1.102382583307841},
    {"-2**2*alpha", -1.5},
    {"2*alpha+3*4", 12.75},
    {"alpha-0.25-0.5", -0.375},
    {"8/4/2*alpha", 0.375},
    {"7//2*alpha", 1.125},
    {"-7//2*alpha", -1.5},
    {"-7.5 % 2 + 0*alpha", 0.5},
    {"7.5 % -2 + 0*alpha", -0.5},
    {"(alpha-0.5) % 0.3", 0.175},
    {"(alpha-0.5) // 0.3", -1.0},
    {"alpha//0.125", 3.0},
    {"alpha*3 % 2 ** 2", 1.125},
    {"alpha < 0.5", 1.0},
    {"1 + (alpha <= 0.375)", 2.0},
    {"(alpha > 0.3) * 2", 2.0},
    {"(alpha >= 0.375) + 1", 2.0},
    {"(alpha == 0.375) * 1.0", 1.0},
    {"(alpha != 0.375) * 1.0", 0.0},
    {"alpha * 2 < alpha + 0.25", 0.0},
    {"np.sin(alpha)", 0.36627252908604757},
    {"np.cos(alpha)", 0.9305076219123143},
    {"np.tan(alpha)", 0.39362657592563277},
    {"np.arcsin(alpha)", 0.3843967744956391},
    {"np.arccos(alpha)", 1.1863995522992576},
    {"np.arctan(alpha)", 0.35877067027057225},
    {"np.sinh(alpha)", 0.38385106791361456},
    {"np.cosh(alpha)", 1.0711403467045868},
    {"np.tanh(alpha)", 0.35835739835078595},
    {"np.exp(alpha)", 1.4549914146182013},
    {"np.expm1(alpha)", 0.45499141461820136},
    {"np.log(alpha)", -0.9808292530117262},
    {"np.log2(alpha)", -1.415037499278844},
    {"np.log10(alpha)", -0.42596873227228116},
    {"np.log1p(alpha)", 0.3184537311185346},
    {"np.sqrt(alpha)", 0.6123724356957945},
    {"np.cbrt(alpha)", 0.7211247851537042},
    {"np.cbrt(-alpha)", -0.7211247851537042},
    {"np.square(alpha)", 0.140625},
    {"np.abs(alpha - 1)", 0.625},
    {"np.sign(alpha - 0.5)", -1.0},
    {"np.sign(alpha - 0.375)", 0.0},
    {"np.sign(alpha)", 1.0},
    {"np.floor(alpha * 10 - 5)", -2.0},
    {"np.ceil(alpha * 10 - 5)", -1.0},
    {"np.round(alpha * 4)", 2.0},
    {"np.round(alpha * 4 - 2)", 0.0},
    {"np.round(alpha * 4 - 1)", 0.0},
    {"np.power(alpha, 3)", 0.052734375},
    {"np.minimum(alpha, 0.2)", 0.2},
    {"np.maximum(alpha, 0.9)", 0.9},
    {"np.minimum(0.2, alpha)", 0.2},
    {"np.maximum(0.9, alpha)", 0.9},
    {"np.clip(alpha * 3, 0, 1)", 1.0},
    {"np.clip(alpha - 1, 0, 1)", 0.0},
    {"np.clip(alpha, 0.3, 0.4)", 0.375},
    {"np.where(alpha < 0.5, 2 * alpha, 7)", 0.75},
    {"np.where(alpha > 0.5, 2 * alpha, 7)", 7.0},
    {"np.mod(-alpha, 0.25)", 0.125},
    {"math.sin(alpha)", 0.36627252908604757},
    {"math.asin(alpha)", 0.3843967744956391},
    {"math.pow(alpha, 2)", 0.140625},
    {"math.fabs(-alpha)", 0.375},
    {"abs(-alpha)", 0.375},
    {"pow(alpha, 0.5)", 0.6123724356957945},
    {"0.5-0.5*np.cos(np.pi*alpha)", 0.3086582838174551},
    {"np.sin(alpha*np.pi/2)", 0.5555702330196022},
    {"alpha**3*(10-15*alpha+6*alpha**2)", 0.27520751953125},
    {"math.pi*alpha + math.e - np.e", 1.1780972450961724},
    {"( ( alpha ) ) * 1e-3 + .5e1 + 2.", 7.000375},
    {"- - alpha + + 1", 1.375},
    {"2 - - alpha", 2.375},
    {"alpha*1e3", 375.0},
    {"alpha*1E+2", 37.5},
    {"- alpha ** - 2 ** 2", -50.5679012345679},
    {"-alpha % 0.3", 0.22499999999999998},
    {"2 * -alpha ** 2 - 1", -1.28125},
    {"1 - alpha*0 == alpha/alpha", 1.0},
    {"0.1 + 0.2 + alpha", 0.675},
    {"123456789.125 * alpha", 46296295.921875},
};
/* clang-format on */

static void expressions_have_the_values_of_python(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
        double a = 0.375;
        ps_curve curve;
        ps_error err;

        if (ps_curve_compile(&curve, values[i].text, NULL, &err) != PS_OK)
            fail_msg("%s: %s", values[i].text, err.text);
        ps_operations_run(curve.steps, curve.step_count, &a, 1);
        if (!(fabs(a - values[i].value) <= 4e-16 * fabs(values[i].value)))
            fail_msg("%s is %.17g, not %.17g", values[i].text, a, values[i].value);
        ps_curve_free(&curve, NULL);
    }
}

static void every_operation_has_been_tried(void **state)
{
    (void)state;
    for (uint32_t i = PS_OPERATION_OTHERS; i < ps_operation_count; i++) {
        bool tried = false;

        for (size_t v = 0; v < sizeof values / sizeof values[0] && !tried; v++)
            tried = strstr(values[v].text, ps_operations[i].name) != NULL;
        if (!tried)
            fail_msg("no expression has %s in it", ps_operations[i].name);
    }
}

static void an_array_has_the_values_of_its_elements(void **state)
{
    static const char *const texts[] = {"logarithmic", "exponential", "np.sin(alpha*np.pi/2)",
                                        "np.where(alpha < 0.3, alpha % 0.1, 2 ** alpha)"};

    (void)state;
    for (size_t t = 0; t < 4; t++) {
        ps_curve curve;
        double a[1000];

        assert_int_equal(ps_curve_compile(&curve, texts[t], NULL, NULL), PS_OK);
        for (uint32_t count = 0; count <= 1000; count += count < 70 ? 1 : 310) {
            for (uint32_t i = 0; i < count; i++)
                a[i] = i / 999.0;
            ps_curve_bend(&curve, a, count);
            for (uint32_t i = 0; i < count; i++)
                assert_true(a[i] == ps_curve_at(&curve, i / 999.0));
        }
        ps_curve_free(&curve, NULL);
    }
}

static void what_is_no_number_becomes_zero(void **state)
{
    (void)state;
    assert_true(curve_value("np.log(alpha)", 0.0) == 0.0);
    assert_true(fabs(curve_value("np.log(alpha)", 0.5) - log(0.5)) < 1e-15);
    assert_true(curve_value("1/(alpha-0.5)", 0.5) == 0.0);
    assert_true(curve_value("np.sqrt(alpha-2)", 0.5) == 0.0);
    assert_true(curve_value("alpha*0 + (9**9**9)", 0.5) == 0.0);
    assert_true(curve_value("alpha*0 + 1e999", 0.5) == 0.0);
}

static void overshoot_is_kept_up_to_a_limit(void **state)
{
    (void)state;
    assert_true(curve_value("alpha*5-2", 1.0) == 3.0);
    assert_true(curve_value("alpha*5-2", 0.0) == -2.0);
    assert_true(curve_value("alpha*1e300", 1.0) == PS_CURVE_LIMIT);
    assert_true(curve_value("-alpha*1e300", 1.0) == -PS_CURVE_LIMIT);
    /* A spike between two probes does not reach as high as it would. */
    assert_true(fabs(curve_value("np.exp(-((alpha-0.30001)*1e7)**2) + alpha", 0.30001)) < 1.01);
}

/* Text, the column that is complained about (0: the whole), and a part of the complaint. */
static const struct {
    const char *text;
    unsigned column;
    const char *what;
} refused[] = {
    {"", 1, "ends too early"},
    {"Linear", 1, "knows no 'Linear'"},
    {" linear", 2, "knows no 'linear'"},
    {"ease_in_out", 1, "knows no 'ease_in_out'"},
    {"0.5", 0, "does not depend on alpha"},
    {"np.pi", 0, "does not depend on alpha"},
    {"alpha +* 2", 8, "expected"},
    {"alpha +", 8, "ends too early"},
    {"alpha 2", 7, "an operator was expected"},
    {"alpha[::2]", 6, "an operator was expected"},
    {"alpha.clip(0,1)", 6, "an operator was expected"},
    {"alpha if alpha else 1", 7, "an operator was expected"},
    {"(alpha", 7, "')' was expected"},
    {"alpha)", 6, "an operator was expected"},
    {"2alpha", 2, "not a number"},
    {"1.2.3*alpha", 4, "not a number"},
    {".*alpha", 1, "a number was expected"},
    {"1e*alpha", 2, "not a number"},
    {"0x10*alpha", 2, "not a number"},
    {"alpha = 2", 7, "an operator was expected"},
    {"0.2 < alpha < 0.8", 0, "chained"},
    {"alpha == alpha != 1", 0, "chained"},
    {"not alpha", 1, "knows no 'not'"},
    {"alpha and 1", 7, "an operator was expected"},
    {"sin(alpha)", 1, "knows no 'sin'"},
    {"np sin(alpha)", 1, "'.' and a name"},
    {"np.sin alpha", 8, "'(' was expected"},
    {"np.sin()", 8, "expected"},
    {"np.sin(alpha, 2)", 13, "')' was expected"},
    {"np.power(alpha)", 15, "',' was expected"},
    {"np.fft(alpha)", 1, "knows no 'np.fft'"},
    {"np.+(alpha)", 1, "knows no 'np.'"},
    {"np.alpha", 1, "knows no 'np.alpha'"},
    {"np.ndarray.fill(alpha, 0.5) or alpha", 1, "knows no 'np.ndarray'"},
    {"(lambda f: f(f))(lambda f: f(f))", 2, "knows no 'lambda'"},
    {"__import__('os').system('x')", 1, "knows no '__import__'"},
    {"open('/etc/hostname').read() and alpha", 1, "knows no 'open'"},
    {"().__class__.__base__.__subclasses__() and alpha", 2, "expected"},
    {"alpha\xc3\xa9", 6, "an operator was expected"},
    {"\xce\xb1", 1, "expected"},
};

static void what_is_not_arithmetic_is_refused_with_its_column(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
        char place[24] = "";
        ps_curve curve;
        ps_error err;

        if (ps_curve_compile(&curve, refused[i].text, NULL, &err) != PS_BAD_DATA)
            fail_msg("'%s' was taken", refused[i].text);
        if (refused[i].column > 0)
            snprintf(place, sizeof place, "column %u: ", refused[i].column);
        if (strncmp(err.text, place, strlen(place)) != 0 || !strstr(err.text, refused[i].what))
            fail_msg("'%s': %s", refused[i].text, err.text);
    }
}

/* before, then middle `times` times, then after; free() it. */
static char *repeated(const char *before, const char *middle, size_t times, const char *after)
{
    char *text = malloc(strlen(before) + times * strlen(middle) + strlen(after) + 1);

    assert_non_null(text);
    strcpy(text, before);
    for (size_t i = 0, at = strlen(before); i < times; i++, at += strlen(middle))
        strcpy(text + at, middle);
    strcat(text, after);
    return text;
}

static void expect_refusal(char *text, const char *what)
{
    ps_curve curve;
    ps_error err;

    assert_int_equal(ps_curve_compile(&curve, text, NULL, &err), PS_BAD_DATA);
    if (!strstr(err.text, what))
        fail_msg("%s", err.text);
    free(text);
}

static void long_deep_and_dear_texts_are_refused(void **state)
{
    char *nested = repeated("", "(", 30, "alpha");

    (void)state;
    expect_refusal(repeated("alpha", "+0*alpha", 600, ""), "longer than 4096 bytes");
    expect_refusal(repeated("alpha", "+alpha", 300, ""), "too long");
    expect_refusal(repeated("", "np.sin(", 70, "alpha"), "nested too deep");
    expect_refusal(repeated("alpha", "*np.sin(alpha)", 70, ""), "too long");
    expect_refusal(repeated("", "(", 4000, "alpha"), "nested too deep");
    expect_refusal(repeated("", "-", 4000, "alpha"), "nested too deep");
    expect_refusal(repeated("alpha", "**alpha", 500, ""), "too deep");
    expect_refusal(repeated("", "alpha+(", 40, "alpha"), "nested too deep");
    char *fine = repeated(nested, ")", 30, "");
    assert_true(curve_value(fine, 0.25) == 0.25);
    free(nested);
    free(fine);
    char *constants = repeated("alpha", "+1", 1500, ""); /* are not kept as steps */
    expect_refusal(constants, "too long");
    constants = repeated("alpha-1500+(1", "+1", 1500, ")");
    assert_true(curve_value(constants, 0.25) == 1.25);
    free(constants);
}

static void a_curve_gives_back_its_memory(void **state)
{
    ps_curve curve;
    failing_allocator heap;

    (void)state;
    failing_init(&heap, 0);
    assert_int_equal(ps_curve_compile(&curve, "alpha**3", &heap.base, NULL), PS_NO_MEMORY);
    failing_init(&heap, 1);
    assert_int_equal(ps_curve_compile(&curve, "alpha**3", &heap.base, NULL), PS_OK);
    ps_curve_free(&curve, &heap.base);
    ps_curve_free(&curve, &heap.base);
    assert_int_equal(heap.live, 0);
    assert_int_equal(ps_curve_compile(&curve, "alpha alpha", &heap.base, NULL), PS_BAD_DATA);
    assert_int_equal(heap.live, 0);
}

/* ---- The ramp -------------------------------------------------------------------------------- */

static const struct {
    double offset, span; /* span NAN: absent */
} timings[] = {
    {0.0, NAN}, {0.25, 0.5}, {0.25, NAN}, {0.25, 9.0},   {-2.0, -1.0},   {0.0, 0.0},
    {0.3, 0.0}, {1.0, NAN},  {1.7, 0.2},  {0.999, 1e-9}, {1e300, 1e300}, {0.0, 1e300},
};
static const char *const curves[] = {"linear", "logarithmic", "exponential",
                                     "0.5-0.5*np.cos(np.pi*alpha)"};

/* alpha of a frame as the specification writes it. */
static double right_alpha(double t, double duration, double offset, double span, uint32_t curve)
{
    const double o = fmax(0.0, offset), s = fmin(o, duration);
    const double wanted = isnan(span) ? fmax(0.0, duration - o) : fmax(0.0, span);
    const double w = s + fmin(wanted, fmax(0.0, duration - s)) - s;

    if (w <= 0.0)
        return t >= s && s < duration ? 1.0 : 0.0;
    const double a = fmin(fmax((t - s) / w, 0.0), 1.0);
    return curve == 0   ? a
           : curve == 1 ? 1.0 - (1.0 - a) * (1.0 - a)
           : curve == 2 ? a * a
                        : 0.5 - 0.5 * cos(acos(-1.0) * a);
}

static void ramps_are_as_defined(void **state)
{
    const double duration = 1.0371;
    const uint32_t frames = 22870;

    (void)state;
    for (uint32_t i = 0; i < 4 * sizeof timings / sizeof timings[0]; i++) {
        const double offset = timings[i / 4].offset, span = timings[i / 4].span;
        double alpha[256], sum = 0.0, low, high, worst = 0.0;
        ps_curve curve;
        ps_ramp ramp;

        assert_int_equal(ps_curve_compile(&curve, curves[i % 4], NULL, NULL), PS_OK);
        ps_ramp_init(&ramp, &curve, offset, !isnan(span), isnan(span) ? 0.0 : span, duration,
                     duration / frames);
        ps_ramp_range(&ramp, &low, &high);
        for (uint32_t f = 0; f < frames; f++) {
            const double t = f * (duration / frames);

            if (f % 256 == 0) {
                const bool same = ps_ramp_fill(&ramp, alpha, f, 256);

                for (uint32_t k = 1; k < 256 && same; k++)
                    assert_true(alpha[k] == alpha[0]);
            }
            worst =
                fmax(worst, fabs(alpha[f % 256] - right_alpha(t, duration, offset, span, i % 4)));
            assert_true(low <= alpha[f % 256] && alpha[f % 256] <= high);
            sum += alpha[f % 256];
        }
        if (worst > 1e-12 || fabs(ps_ramp_mean(&ramp, frames) - sum / frames) > 1e-12)
            fail_msg("timing %u, %s: %g wrong, mean %.15g instead of %.15g", i / 4, curves[i % 4],
                     worst, ps_ramp_mean(&ramp, frames), sum / frames);
        ps_curve_free(&curve, NULL);
    }
}

static void what_stands_still_is_known_ahead(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < sizeof timings / sizeof timings[0]; i++) {
        const double span = timings[i].span, duration = 1.0371;
        const uint32_t frames = 22870;
        double alpha[256], same;
        ps_curve curve;
        ps_ramp ramp;

        assert_int_equal(ps_curve_compile(&curve, "0.1+alpha**2", NULL, NULL), PS_OK);
        ps_ramp_init(&ramp, &curve, timings[i].offset, !isnan(span), isnan(span) ? 0.0 : span,
                     duration, duration / frames);
        for (uint32_t first = 0; first + 256 <= frames; first += 256) {
            const uint64_t still = ps_ramp_still(&ramp, first);
            const bool stands = ps_ramp_fill(&ramp, alpha, first, 256);

            assert_int_equal(ps_ramp_stands(&ramp, first, 256, &same), stands);
            for (uint32_t k = 0; k < 256 && stands; k++)
                assert_true(alpha[k] == same);
            for (uint32_t k = 0; k < 256 && k < still; k++)
                assert_true(alpha[k] == alpha[0]);
            assert_true(stands || still < 256);
        }
        ps_curve_free(&curve, NULL);
    }
}

static void the_mean_of_a_long_expression_is_close(void **state)
{
    ps_curve curve;
    ps_ramp ramp;

    (void)state;
    assert_int_equal(ps_curve_compile(&curve, "alpha**2*(3-2*alpha)", NULL, NULL), PS_OK);
    ps_ramp_init(&ramp, &curve, 100.0, true, 300.0, 600.0, 1.0 / 44100.0);
    assert_true(fabs(ps_ramp_mean(&ramp, 600 * 44100) - (0.5 * 300.0 + 200.0) / 600.0) < 1e-7);
    ps_curve_free(&curve, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_named_curves_are_as_defined),
        cmocka_unit_test(expressions_have_the_values_of_python),
        cmocka_unit_test(every_operation_has_been_tried),
        cmocka_unit_test(an_array_has_the_values_of_its_elements),
        cmocka_unit_test(what_is_no_number_becomes_zero),
        cmocka_unit_test(overshoot_is_kept_up_to_a_limit),
        cmocka_unit_test(what_is_not_arithmetic_is_refused_with_its_column),
        cmocka_unit_test(long_deep_and_dear_texts_are_refused),
        cmocka_unit_test(a_curve_gives_back_its_memory),
        cmocka_unit_test(ramps_are_as_defined),
        cmocka_unit_test(what_stands_still_is_known_ahead),
        cmocka_unit_test(the_mean_of_a_long_expression_is_close),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
