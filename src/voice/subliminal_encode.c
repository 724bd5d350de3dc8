/*
 * Recordings, mostly of speech, moved up to where they are hardly heard: each one times a sine of
 * 15 to 20 kHz, brought to a peak of 1. They follow one another with a second between, or sound all
 * at once, over and over.
 *
 * Everything is decoded and modulated when the voice starts; then it only reads.
 */
#include <math.h>
#include <string.h>

#include "base/row.h"
#include "base/untouched.h"
#include "dsp/convert.h"
#include "voice/blocks.h"

enum { CARRIER, AMP, MODE, PATHS, PATH, ROWS };

#define LOWEST_HZ  15000.0
#define HIGHEST_HZ 20000.0
#define LOUDEST    1e6f                /* 120 dB */
#define LOOP_MAX   (UINT64_C(1) << 22) /* frames that are looked at for the peak of a stack */

/* clang-format off */
static const ps_parameter rows[ROWS] = {
    [CARRIER] = { "carrierFreq", PS_PARAMETER_NUMBER, PS_GLIDE_NONE, "Hz", 17500.0, LOWEST_HZ,
                  HIGHEST_HZ, NULL, "the sine it is moved up by, held to that range" },
    [AMP] = { "amp", PS_PARAMETER_NUMBER, PS_GLIDE_NONE, "", 0.5, 0.0, 1.0, NULL,
              "peak" },
    [MODE] = { "mode", PS_PARAMETER_TEXT, PS_GLIDE_NONE, "", 0.0, 0.0, 0.0, "sequence stack",
               "one after the other with a second between, or all at once" },
    [PATHS] = { "audio_paths", PS_PARAMETER_VALUE, PS_GLIDE_NONE, "", 0.0, 0.0, 0.0, NULL,
                "list of files, or one text with ; between them" },
    [PATH] = { "audio_path", PS_PARAMETER_VALUE, PS_GLIDE_NONE, "", 0.0, 0.0, 0.0, NULL,
               "one file, when audio_paths is absent" },
};
/* clang-format on */

typedef struct clip {
    float *samples; /* modulated, peak 1 */
    uint64_t frames;
} clip;

typedef struct subliminal {
    ps_voice base;
    clip *clips;
    uint32_t clip_count;
    bool stack;
    uint64_t pause_frames; /* after each clip of a sequence */
    uint64_t loop_frames;
    bool loops; /* all repeats after that many; else it is only as much as we look at */
    float gain;
    double most; /* no sample is larger */
} subliminal;

/** ---- One recording -------------------------------------------------------------------------- */

/* The mean of the channels; what is no sound counts as silence. */
static void mix_down(float *restrict out, const ps_recording *in)
{
    const float *sample = in->samples;

    for (uint64_t i = 0; i < in->frames; i++) {
        double sum = 0.0;

        for (uint32_t c = 0; c < in->channels; c++, sample++)
            sum += *sample >= -LOUDEST && *sample <= LOUDEST ? (double)*sample : 0.0;
        out[i] = (float)(sum / in->channels);
    }
}

/* The reference's way to another rate: straight lines between samples. */
static void stretch(float *restrict out, uint64_t out_frames, const float *restrict in,
                    uint64_t frames)
{
    const double step = (double)frames / (double)out_frames;

    for (uint64_t i = 0; i < out_frames; i++) {
        const double at = (double)i * step, whole = floor(at);
        const uint64_t here = (uint64_t)whole < frames ? (uint64_t)whole : frames - 1;
        const uint64_t next = here + 1 < frames ? here + 1 : here;
        const double a = (double)in[here], b = (double)in[next];

        out[i] = (float)(a + (at - whole) * (b - a));
    }
}

static float *take_floats(const ps_allocator *allocator, uint64_t count)
{
    if (count > SIZE_MAX / sizeof(float))
        return NULL;
    return ps_alloc_untouched(allocator, (size_t)count, sizeof(float));
}

/* Replaces a clip by the same at the voice's rate; one that comes out empty has no frames. */
static ps_status change_rate(clip *c, const ps_voice_setup *setup, double rate_hz, ps_error *err)
{
    const double ratio = setup->rate_hz / rate_hz;
    clip made = {0};

    if (!(ratio <= PS_CONVERT_MOST && ratio >= 1.0 / PS_CONVERT_MOST))
        return ps_fail(err, PS_UNSUPPORTED, "a rate of %g Hz is too far from %g Hz", rate_hz,
                       setup->rate_hz);
    made.frames = setup->reference ? (uint64_t)((double)c->frames * setup->rate_hz / rate_hz)
                                   : ps_converted_frames(c->frames, rate_hz, setup->rate_hz);
    if (made.frames > 0) {
        made.samples = take_floats(setup->allocator, made.frames);
        if (!made.samples)
            return ps_fail(err, PS_NO_MEMORY, "no memory for a recording");
    }
    ps_status status = PS_OK;
    if (setup->reference)
        stretch(made.samples, made.frames, c->samples, c->frames);
    else
        status = ps_convert_rate(made.samples, c->samples, c->frames, rate_hz, setup->rate_hz,
                                 setup->allocator, err);
    ps_free(setup->allocator, status == PS_OK ? c->samples : made.samples);
    if (status == PS_OK)
        *c = made;
    return status;
}

/* Times the carrier, then to a peak of 1. */
static void modulate(clip *c, double carrier_hz, double rate_hz)
{
    const uint64_t step = ps_phase64(carrier_hz / rate_hz);
    float peak = 0.0f;

    for (uint64_t i = 0; i < c->frames; i++) {
        const float z = c->samples[i] * ps_sine32((uint32_t)(i * step >> 32));
        const float magnitude = z < 0.0f ? -z : z;

        c->samples[i] = z;
        peak = magnitude > peak ? magnitude : peak;
    }
    if (peak > 0.0f)
        for (uint64_t i = 0; i < c->frames; i++)
            c->samples[i] /= peak;
}

/* Makes a clip of a decoded recording. */
static ps_status make_clip(clip *out, const ps_recording *recording, const ps_voice_setup *setup,
                           double carrier_hz, ps_error *err)
{
    clip c = {.frames = recording->frames};

    if (!recording->samples || recording->frames == 0 || recording->channels == 0 ||
        !(recording->rate_hz > 0.0))
        return ps_fail(err, PS_BAD_DATA, "there is no sound in it");
    c.samples = take_floats(setup->allocator, c.frames);
    if (!c.samples)
        return ps_fail(err, PS_NO_MEMORY, "no memory for a recording");
    mix_down(c.samples, recording);
    if (recording->rate_hz < setup->rate_hz || recording->rate_hz > setup->rate_hz) {
        const ps_status status = change_rate(&c, setup, recording->rate_hz, err);

        if (status != PS_OK) {
            ps_free(setup->allocator, c.samples);
            return status;
        }
    }
    if (c.frames == 0)
        return ps_fail(err, PS_BAD_DATA, "there is no sound in it");
    modulate(&c, carrier_hz, setup->rate_hz);
    *out = c;
    return PS_OK;
}

/* Loads a file as the next clip. */
static ps_status add_file(subliminal *v, const char *path, double carrier_hz, ps_error *err)
{
    const ps_voice_setup *setup = v->base.setup;
    const ps_track_media *media = setup->media;
    ps_recording recording = {0};

    if (!media || !media->load)
        return ps_fail(err, PS_UNSUPPORTED, "no files can be read here");
    ps_status status = media->load(media->user, path, &recording, err);
    if (status != PS_OK)
        return status;
    status = make_clip(&v->clips[v->clip_count], &recording, setup, carrier_hz, err);
    if (media->release)
        media->release(media->user, &recording);
    v->clip_count += status == PS_OK;
    return status;
}

/** ---- The list of files ---------------------------------------------------------------------- */

typedef struct file_list {
    const ps_value *list; /* of texts; or NULL */
    char *text;           /* own copy of paths with 0 between them; or NULL */
    size_t count;
} file_list;

static bool blank(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

/* Cuts a text at each ; and drops blanks around the parts and empty parts. */
static ps_status split(file_list *files, const char *text, const ps_allocator *allocator,
                       ps_error *err)
{
    char *to = files->text = ps_alloc(allocator, strlen(text) + 2, 1);

    if (!to)
        return ps_fail(err, PS_NO_MEMORY, "no memory for a list of files");
    while (*text) {
        size_t length = strcspn(text, ";");
        const char *next = text + length + (text[length] == ';');

        for (; length > 0 && blank(*text); text++)
            length--;
        while (length > 0 && blank(text[length - 1]))
            length--;
        if (length > 0) {
            memcpy(to, text, length);
            to += length;
            *to++ = '\0';
            files->count++;
        }
        text = next;
    }
    return PS_OK;
}

static ps_status list_files(file_list *files, const ps_voice_setup *setup, ps_error *err)
{
    const ps_value *many = setup->settings[PATHS].value, *one = setup->settings[PATH].value;
    const ps_value *value = many ? many : one;

    if (!value)
        return PS_OK;
    if (many && many->kind == PS_VALUE_LIST) {
        files->list = many;
        files->count = many->count;
        return PS_OK;
    }
    if (value->kind != PS_VALUE_TEXT)
        return ps_fail(err, PS_BAD_DATA, "%s",
                       many ? "audio_paths is no list of files" : "audio_path is no file");
    if (many)
        return split(files, many->text, setup->allocator, err);
    files->list = one;
    files->count = one->text[0] != '\0';
    return PS_OK;
}

/* The next path of a list; *place begins at its text. NULL for what is no text. */
static const char *next_path(const file_list *files, size_t i, const char **place)
{
    const char *path = *place;

    if (files->text) {
        *place += strlen(path) + 1;
        return path;
    }
    const ps_value *value =
        files->list->kind == PS_VALUE_LIST ? &files->list->members[i] : files->list;

    return value->kind == PS_VALUE_TEXT ? value->text : NULL;
}

/* Loads what can be loaded and warns of the rest; fails when nothing is left. */
static ps_status load_files(subliminal *v, const file_list *files, double carrier_hz, ps_error *err)
{
    const ps_voice_setup *setup = v->base.setup;
    const char *place = files->text;

    if (files->count == 0)
        return ps_fail(err, PS_NOT_FOUND, "it names no file");
    v->clips = ps_alloc(setup->allocator, files->count, sizeof *v->clips);
    if (!v->clips)
        return ps_fail(err, PS_NO_MEMORY, "no memory for a list of files");
    for (size_t i = 0; i < files->count; i++) {
        const char *path = next_path(files, i, &place);
        ps_error trouble = {.offset_bytes = PS_NOWHERE};
        const ps_status status = path ? add_file(v, path, carrier_hz, &trouble)
                                      : ps_fail(&trouble, PS_BAD_DATA, "that is no path");

        if (status == PS_NO_MEMORY)
            return ps_fail(err, status, "%s", trouble.text);
        if (status != PS_OK)
            ps_warn_at(setup->warnings, status, PS_NOWHERE, "left out \"%.80s\": %.120s",
                       path ? path : "", trouble.text);
    }
    if (v->clip_count == 0)
        return ps_fail(err, PS_NOT_FOUND, "none of its files can be used");
    return PS_OK;
}

/** ---- Together ------------------------------------------------------------------------------- */

/* All clips at once. */
static void fill_stack(const subliminal *v, float *restrict out, uint64_t first, uint32_t frames)
{
    const float share = 1.0f / (float)v->clip_count;

    memset(out, 0, frames * sizeof *out);
    for (uint32_t k = 0; k < v->clip_count; k++) {
        const clip *c = &v->clips[k];
        uint64_t at = first % c->frames;

        for (uint32_t done = 0; done < frames;) {
            const uint64_t left = c->frames - at;
            const uint32_t run = left < frames - done ? (uint32_t)left : frames - done;
            const float *restrict in = c->samples + at;

            for (uint32_t i = 0; i < run; i++)
                out[done + i] += in[i];
            done += run;
            at = 0;
        }
    }
    for (uint32_t i = 0; i < frames; i++)
        out[i] *= share;
}

/* Clips and pauses in turn. */
static void fill_sequence(const subliminal *v, float *restrict out, uint64_t first, uint32_t frames)
{
    uint64_t at = first % v->loop_frames;
    uint32_t k = 0;

    for (; at >= v->clips[k].frames + v->pause_frames; k++)
        at -= v->clips[k].frames + v->pause_frames;
    for (uint32_t done = 0; done < frames;) {
        const clip *c = &v->clips[k];
        const bool sounds = at < c->frames;
        const uint64_t left = c->frames + (sounds ? 0 : v->pause_frames) - at;
        const uint32_t run = left < frames - done ? (uint32_t)left : frames - done;

        if (sounds)
            memcpy(out + done, c->samples + at, run * sizeof *out);
        else
            memset(out + done, 0, run * sizeof *out);
        done += run;
        at += run;
        if (at == c->frames + v->pause_frames) {
            at = 0;
            k = k + 1 < v->clip_count ? k + 1 : 0;
        }
    }
}

static void fill(const subliminal *v, float *out, uint64_t first, uint32_t frames)
{
    if (v->stack)
        fill_stack(v, out, first, frames);
    else
        fill_sequence(v, out, first, frames);
}

/* The least common multiple, or `most` where that is less. */
static uint64_t common_multiple(uint64_t a, uint64_t b, uint64_t most)
{
    uint64_t x = a, y = b;

    while (y) {
        const uint64_t rest = x % y;

        x = y;
        y = rest;
    }
    return a / x > most / b ? most : a / x * b;
}

/* Frames after which all repeats; of a stack no more than are worth looking at. */
static void measure_loop(subliminal *v)
{
    uint64_t sum = 0, most = LOOP_MAX;

    for (uint32_t k = 0; k < v->clip_count; k++) {
        sum += v->clips[k].frames + v->pause_frames;
        most = v->clips[k].frames > most ? v->clips[k].frames : most;
    }
    v->loop_frames = v->stack ? 1 : sum;
    v->loops = true;
    for (uint32_t k = 0; v->stack && k < v->clip_count; k++) {
        v->loop_frames = common_multiple(v->loop_frames, v->clips[k].frames, most);
        v->loops = v->loop_frames < most;
    }
}

/* The peak of a number of frames from the first on. */
static float peak_of(const subliminal *v, uint64_t frames)
{
    float peak = 0.0f;
    ps_floats run;

    for (uint64_t first = 0; first < frames; first += PS_VOICE_FRAMES) {
        const uint64_t left = frames - first;
        const uint32_t count = left < PS_VOICE_FRAMES ? (uint32_t)left : PS_VOICE_FRAMES;

        fill(v, run, first, count);
        for (uint32_t i = 0; i < count; i++) {
            const float magnitude = run[i] < 0.0f ? -run[i] : run[i];

            peak = magnitude > peak ? magnitude : peak;
        }
    }
    return peak;
}

/*
 * A sequence reaches 1 as soon as the peak of any clip is in the step. A stack is as loud as its
 * clips happen to meet: the reference looks at the whole step, we at the loop, which makes it as
 * loud in a short step as in a long one.
 */
static void normalize(subliminal *v, double amp)
{
    const ps_voice_setup *setup = v->base.setup;
    const bool whole = setup->reference || !v->stack;
    const bool all = whole && (setup->frames <= v->loop_frames || !v->loops);
    const float peak = peak_of(v, all ? setup->frames : v->loop_frames);
    const double magnitude = amp < 0.0 ? -amp : amp;

    if (peak == 0.0f)
        return; /* all is silent, gain and bound are 0 */
    v->gain = (float)(amp / (double)peak);
    /* Frames beyond those that were looked at might be as loud as a clip can be. */
    v->most = (all || v->loops ? magnitude : magnitude / (double)peak) * (1.0 + 4e-7);
}

static void finish(ps_voice *voice)
{
    subliminal *v = (subliminal *)voice;

    for (uint32_t k = 0; k < v->clip_count; k++)
        ps_free(voice->setup->allocator, v->clips[k].samples);
    ps_free(voice->setup->allocator, v->clips);
}

static ps_status start(ps_voice *voice, ps_error *err)
{
    subliminal *v = (subliminal *)voice;
    const ps_voice_setup *setup = voice->setup;
    const ps_setting *s = setup->settings;
    const double asked_hz = s[CARRIER].start;
    const double least_hz = asked_hz < LOWEST_HZ ? LOWEST_HZ : asked_hz;
    const double carrier_hz = least_hz > HIGHEST_HZ ? HIGHEST_HZ : least_hz;
    const double amp = s[AMP].start > 1e6 ? 1e6 : s[AMP].start < -1e6 ? -1e6 : s[AMP].start;
    file_list files = {0};

    if (!setup->reference && carrier_hz >= 0.5 * setup->rate_hz)
        return ps_fail(err, PS_UNSUPPORTED,
                       "a carrier of %g Hz would be heard, folded, at a rate of %g Hz", carrier_hz,
                       setup->rate_hz);
    ps_status status = list_files(&files, setup, err);
    if (status == PS_OK)
        status = load_files(v, &files, carrier_hz, err);
    ps_free(setup->allocator, files.text);
    if (status != PS_OK) {
        finish(voice);
        return status;
    }
    v->stack = ps_setting_is(&s[MODE], "stack");
    v->pause_frames = (uint64_t)setup->rate_hz;
    measure_loop(v);
    normalize(v, amp);
    return PS_OK;
}

static void render(ps_voice *voice, float *left, float *right, uint32_t frames)
{
    const subliminal *v = (const subliminal *)voice;
    const float gain = v->gain;

    fill(v, left, voice->frame, frames);
    for (uint32_t i = 0; i < frames; i++) {
        left[i] *= gain;
        right[i] = left[i];
    }
}

/* Nothing is remembered from run to run. */
static void skip(ps_voice *voice, uint64_t frame)
{
    (void)voice;
    (void)frame;
}

static double bound(const ps_voice *voice)
{
    return ((const subliminal *)voice)->most;
}

const ps_voice_kind PS_ROW(ps_voice_subliminal_encode) = {
    .info = {"subliminal_encode", "recordings moved up to 15..20 kHz", false, rows, ROWS},
    .voice_bytes = sizeof(subliminal),
    .start = start,
    .render = render,
    .skip = skip,
    .bound = bound,
    .finish = finish,
};
