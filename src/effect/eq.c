/* An equalizer: up to 16 bands in a row. A band that changes nothing costs nothing. */
#include <stdio.h>
#include <string.h>

#include "base/ascii.h"
#include "dsp/cascade.h"
#include "effect/effect.h"

#define BANDS PS_CASCADE_MOST

enum { TYPE, FREQ, GAIN, Q, ROWS };

/* clang-format off */
static const ps_effect_parameter table[ROWS] = {
    [TYPE] = {"type", PS_EFFECT_CHOICE, BANDS, "", 0, 0, PS_BIQUAD_NOTCH, "peak lowshelf highshelf lowpass highpass bandpass notch", "what the band does", false},
    [FREQ] = {"freq", PS_EFFECT_NUMBER, BANDS, "Hz", 1000.0, 10.0, 22000.0, NULL, "centre or corner", false},
    [GAIN] = {"gain", PS_EFFECT_NUMBER, BANDS, "dB", 0.0, -30.0, 30.0, NULL, "of a peak or a shelf; 0 changes nothing", false},
    [Q]    = {"q", PS_EFFECT_NUMBER, BANDS, "", 0.70710678118654752, 0.1, 40.0, NULL, "centre over width; of a pass the gain at its corner", false},
};
/* clang-format on */

static const char items[] =
    "BAND[,BAND...], each [TYPE]FREQ[+GAIN|-GAIN][qQ] with TYPE one of ls hs lp hp bp notch, none "
    "for a peak: hp80,120+2,4k-3q2";

typedef struct eq {
    ps_effect effect;
    double values[ROWS * BANDS];
    ps_cascade bands;
} eq;

/* ---- Bands as text ---- */

static const struct {
    const char *word;
    ps_biquad_type type;
} words[] = {
    {"ls", PS_BIQUAD_LOWSHELF},  {"lowshelf", PS_BIQUAD_LOWSHELF},
    {"hs", PS_BIQUAD_HIGHSHELF}, {"highshelf", PS_BIQUAD_HIGHSHELF},
    {"lp", PS_BIQUAD_LOWPASS},   {"lowpass", PS_BIQUAD_LOWPASS},
    {"hp", PS_BIQUAD_HIGHPASS},  {"highpass", PS_BIQUAD_HIGHPASS},
    {"bp", PS_BIQUAD_BANDPASS},  {"bandpass", PS_BIQUAD_BANDPASS},
    {"notch", PS_BIQUAD_NOTCH},  {"peak", PS_BIQUAD_PEAK},
};

static bool read_type(const char **at, double *type)
{
    size_t letters = 0;

    while (ps_ascii_is_letter((*at)[letters]))
        letters++;
    *type = PS_BIQUAD_PEAK;
    for (size_t i = 0; letters > 0 && i < sizeof words / sizeof words[0]; i++) {
        if (strlen(words[i].word) == letters && ps_ascii_equal_n(words[i].word, *at, letters)) {
            *type = words[i].type;
            *at += letters;
            return true;
        }
    }
    return letters == 0;
}

static void skip_blanks(const char **at)
{
    while (ps_ascii_is_blank(**at))
        ++*at;
}

/* "4k-3q2": the values that are there. False when it is something else. */
static bool read_band(const char *text, double band[ROWS], bool there[ROWS])
{
    const char *at = text;
    const char *q = text + strcspn(text, "qQ"); /* a letter of no type and no unit */
    char front[64];

    memset(there, 0, ROWS * sizeof *there);
    if (!read_type(&at, &band[TYPE]))
        return false;
    const size_t length = q > at ? (size_t)(q - at) : 0;
    if (q < at || length >= sizeof front)
        return false;
    memcpy(front, at, length);
    front[length] = '\0';
    at = front;
    if (!ps_effect_number(at, "Hz", &band[FREQ], &at))
        return false;
    there[TYPE] = there[FREQ] = true;
    skip_blanks(&at);
    there[GAIN] = *at == '+' || *at == '-';
    if (there[GAIN] && !ps_effect_number(at, "dB", &band[GAIN], &at))
        return false;
    skip_blanks(&at);
    there[Q] = *q != '\0';
    return *at == '\0' &&
           (*q == '\0' || (ps_effect_number(q + 1, "", &band[Q], &at) && *at == '\0'));
}

static bool has_gain(double type)
{
    return type == PS_BIQUAD_PEAK || type == PS_BIQUAD_LOWSHELF || type == PS_BIQUAD_HIGHSHELF;
}

static ps_status item(double *values, uint32_t index, const char *text, ps_error *err)
{
    double band[ROWS];
    bool there[ROWS];
    ps_status status = PS_OK;

    if (index >= BANDS)
        return ps_fail(err, PS_BAD_ARGUMENT, "eq has no more than %u bands", BANDS);
    if (!read_band(text, band, there)) {
        ps_fail(err, PS_BAD_ARGUMENT, "\"%s\" is not a band of eq", text);
        ps_hint(err, "a band is [TYPE]FREQ[+GAIN|-GAIN][qQ], TYPE one of ls hs lp hp bp notch: "
                     "100hz-3, hp80, 4k+2q1.4");
        return PS_BAD_ARGUMENT;
    }
    if (there[GAIN] && !has_gain(band[TYPE]))
        return ps_fail(err, PS_BAD_ARGUMENT, "\"%s\": only peaks and shelves have a gain", text);
    for (uint32_t row = 0; row < ROWS && status == PS_OK; row++) {
        char name[PS_EFFECT_NAME_BYTES];

        snprintf(name, sizeof name, "%s%u", table[row].name, (unsigned)index + 1);
        if (there[row])
            status = ps_effect_check(&table[row], name, band[row], err);
        if (there[row] && status == PS_OK)
            values[row * BANDS + index] = band[row];
    }
    return status;
}

/* ---- Running ---- */

static void tune(eq *e, uint32_t band, uint32_t frames)
{
    const double *v = e->values + band;
    ps_biquad filter;

    ps_biquad_make(&filter, (ps_biquad_type)v[TYPE * BANDS], v[FREQ * BANDS], v[GAIN * BANDS],
                   v[Q * BANDS], e->effect.rate_hz);
    ps_cascade_set(&e->bands, band, &filter, frames);
}

static ps_status start(ps_effect *effect, const ps_effect_setup *setup, ps_error *err)
{
    eq *e = (eq *)effect;

    (void)err;
    memcpy(e->values, setup->values, sizeof e->values);
    ps_cascade_init(&e->bands, BANDS);
    for (uint32_t band = 0; band < BANDS; band++)
        tune(e, band, 0);
    return PS_OK;
}

static void process(ps_effect *effect, float *left, float *right, uint32_t frames)
{
    eq *e = (eq *)effect;

    PS_ROW(ps_cascade_run)(&e->bands, left, right, frames);
    if ((effect->frame + frames) % PS_EFFECT_FRAMES == 0)
        ps_cascade_rest(&e->bands);
}

static void set(ps_effect *effect, uint32_t slot, double value)
{
    eq *e = (eq *)effect;

    e->values[slot] = value;
    tune(e, slot % BANDS, (uint32_t)(PS_EFFECT_GLIDE_SEC * effect->rate_hz));
}

static void reset(ps_effect *effect)
{
    ps_cascade_reset(&((eq *)effect)->bands);
}

static uint64_t tail(const ps_effect *effect)
{
    return ps_cascade_tail(&((const eq *)effect)->bands);
}

const ps_effect_kind PS_ROW(ps_effect_eq) = {
    .info = {"eq", "an equalizer of up to 16 bands", items, table, ROWS},
    .effect_bytes = sizeof(eq),
    .item = item,
    .start = start,
    .process = process,
    .set = set,
    .reset = reset,
    .tail = tail,
};
