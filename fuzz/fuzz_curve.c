/*
 * Any text as the curve of a transition: it is refused with words, or compiled into steps whose
 * values are finite and inside what the curve says it reaches, whether they are asked for one by
 * one or as arrays.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "voice/curve.h"

#define CHECK(condition)                                                                           \
    do {                                                                                           \
        if (!(condition))                                                                          \
            abort();                                                                               \
    } while (0)

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size_bytes);

static void check_values(const ps_curve *curve)
{
    double a[131];

    for (uint32_t i = 0; i < 131; i++)
        a[i] = i / 130.0;
    ps_curve_bend(curve, a, 131);
    for (uint32_t i = 0; i < 131; i++) {
        const double one = ps_curve_at(curve, i / 130.0);

        CHECK(isfinite(a[i]) && a[i] >= curve->low && a[i] <= curve->high);
        CHECK(memcmp(&one, &a[i], sizeof one) == 0);
    }
}

static void check_ramp(const ps_curve *curve)
{
    ps_ramp ramp;
    double low, high, alpha[200], sum = 0.0;

    ps_ramp_init(&ramp, curve, 0.002, true, 0.01, 0.02, 0.02 / 200);
    ps_ramp_range(&ramp, &low, &high);
    ps_ramp_fill(&ramp, alpha, 0, 200);
    for (uint32_t i = 0; i < 200; i++) {
        CHECK(alpha[i] >= low && alpha[i] <= high);
        sum += alpha[i];
    }
    /* A frame on a jump of the curve may count as on its other side. */
    CHECK(fabs(ps_ramp_mean(&ramp, 200) - sum / 200.0) <= 1e-9 + 0.02 * (high - low));
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size_bytes)
{
    char *text = malloc(size_bytes + 1);
    ps_curve curve;
    ps_error err;

    CHECK(text);
    if (size_bytes > 0)
        memcpy(text, bytes, size_bytes);
    text[size_bytes] = '\0';
    const ps_status status = ps_curve_compile(&curve, text, NULL, &err);
    CHECK(status == PS_OK || (status == PS_BAD_DATA && err.text[0] != '\0'));
    if (status == PS_OK) {
        check_values(&curve);
        check_ramp(&curve);
        ps_curve_free(&curve, NULL);
    }
    free(text);
    return 0;
}
