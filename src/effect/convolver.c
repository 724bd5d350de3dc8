/*
 * Convolution with the impulse response of a room: a built-in one, or an audio file of one channel
 * (for both sides), two (one each), or four (left to left, left to right, right to left, right to
 * right). The spectra of a response are made once per engine.
 */
#include <math.h>
#include <string.h>

#include "dsp/convolve_bulk.h"
#include "dsp/smooth.h"
#include "effect/effect.h"
#include "effect/room.h"
#include "kernel/engine.h"

enum { IR, WET, LATENCY, PREDELAY, DECAY, GAIN, NORMALIZE, BLOCK, SLOTS };
enum { LATE, ZERO };

#define LONGEST_SEC 20.0

/* clang-format off */
static const ps_effect_parameter table[SLOTS] = {
    [IR] = {"ir", PS_EFFECT_TEXT, 0, "", 0.0, 0.0, 0.0, "room", "a room (" PS_ROOM_NAMES ") or an audio file of up to 20 s", true},
    [WET] = {"wet", PS_EFFECT_NUMBER, 0, "", 0.3, 0.0, 1.0, NULL, "share of the room; the rest is the sound itself", false},
    [LATENCY] = {"latency", PS_EFFECT_CHOICE, 0, "", LATE, LATE, ZERO, "block zero", "block: late by a block, at the least cost; zero: at once", true},
    [PREDELAY] = {"predelay", PS_EFFECT_NUMBER, 0, "ms", 0.0, 0.0, 500.0, NULL, "silence before the room answers", true},
    [DECAY] = {"decay", PS_EFFECT_NUMBER, 0, "s", 0.0, 0.0, 20.0, NULL, "fades the room by 60 dB more in so long; 0: as it is", true},
    [GAIN] = {"gain", PS_EFFECT_NUMBER, 0, "dB", 0.0, -60.0, 24.0, NULL, "level of the room", false},
    [NORMALIZE] = {"normalize", PS_EFFECT_FLAG, 0, "", 1.0, 0.0, 1.0, NULL, "scales the response so that noise comes out as loud as it goes in", true},
    [BLOCK] = {"block", PS_EFFECT_NUMBER, 0, "", 0.0, 0.0, PS_CONVOLVE_BLOCK_MOST, NULL, "frames of a block, a power of two from 256 up; 0: chosen for speed", true},
};
/* clang-format on */

/* What an engine keeps of a response. */
typedef struct kept_plan {
    ps_kept kept;
    const ps_allocator *allocator;
    ps_convolve_plan *plan;
} kept_plan;

typedef struct convolver {
    ps_effect effect;
    ps_engine *engine;
    kept_plan *plan;        /* shared */
    ps_convolve *convolve;  /* or, */
    ps_convolve_bulk *bulk; /* with somebody who wants the work */
    uint32_t latency;
    uint64_t tail;
    float *late[2]; /* without bulk: the sound itself, `latency` frames ago */
    double gain;    /* of the room, linear */
    double wet;
    ps_smooth wet_line, dry_line;
} convolver;

/* ---- The response ---------------------------------------------------------------------------- */

static ps_status find_problem(const ps_recording *recording, double rate_hz, const char *path,
                              ps_error *err)
{
    ps_status status = PS_OK;

    if (recording->channels != 1 && recording->channels != 2 && recording->channels != 4)
        status = ps_fail(err, PS_UNSUPPORTED, "a response of %u channels: 1, 2 or 4 are understood",
                         (unsigned)recording->channels);
    else if (recording->frames == 0)
        status = ps_fail(err, PS_BAD_DATA, "a response without a sample");
    else if ((double)recording->frames > LONGEST_SEC * rate_hz)
        status = ps_fail(err, PS_UNSUPPORTED, "a response of %.1f s: %.0f s are the most",
                         (double)recording->frames / rate_hz, LONGEST_SEC);
    if (status != PS_OK)
        ps_error_in(err, path);
    return status;
}

/* Interleaved samples into one allocation; what is not finite is silence. */
static ps_status take_recording(ps_response *response, const ps_recording *recording,
                                const ps_allocator *allocator, ps_error *err)
{
    const uint32_t frames = (uint32_t)recording->frames, channels = recording->channels;
    float *samples = ps_alloc(allocator, (size_t)frames * channels, sizeof *samples);

    if (!samples)
        return ps_fail(err, PS_NO_MEMORY, "no memory for a response");
    response->channels = channels;
    response->frames = frames;
    for (uint32_t c = 0; c < channels; c++) {
        float *out = samples + (size_t)c * frames;

        for (uint32_t i = 0; i < frames; i++) {
            const float x = recording->samples[(size_t)i * channels + c];

            out[i] = fabsf(x) <= PS_EFFECT_LIMIT ? x : 0.0f;
        }
        response->samples[c] = out;
    }
    return PS_OK;
}

static ps_status load(ps_response *response, const ps_effect_setup *setup, ps_error *err)
{
    const char *path = setup->texts[IR];
    ps_recording recording;
    ps_status status;

    if (ps_room_exists(path))
        return ps_room_make(response, path, setup->rate_hz, setup->allocator, err);
    if (!setup->media->load)
        return ps_fail(err, PS_UNSUPPORTED,
                       "convolver: \"%.80s\" is no room, and files cannot be read here", path);
    status = setup->media->load(setup->media->user, path, setup->rate_hz, &recording, err);
    if (status != PS_OK) {
        if (status == PS_NOT_FOUND)
            ps_hint(err, "rooms without a file: %s", PS_ROOM_NAMES);
        return status;
    }
    status = find_problem(&recording, setup->rate_hz, path, err);
    if (status == PS_OK)
        status = take_recording(response, &recording, setup->allocator, err);
    setup->media->release(setup->media->user, &recording);
    return status;
}

/* ---- Shaping it ----------------------------------------------------------------------------- */

static double mean_energy(const ps_response *response)
{
    double sum = 0.0;

    for (uint32_t c = 0; c < response->channels; c++)
        for (uint32_t i = 0; i < response->frames; i++)
            sum += (double)response->samples[c][i] * (double)response->samples[c][i];
    return response->channels == 1 ? sum : 0.5 * sum;
}

/* The end of a response that is silent is left out; one frame stays. */
static void cut_silence(ps_response *response)
{
    uint32_t frames = response->frames;

    for (bool silent = true; silent && frames > 1;) {
        for (uint32_t c = 0; c < response->channels; c++)
            silent = silent && response->samples[c][frames - 1] == 0.0f;
        frames -= silent;
    }
    response->frames = frames;
}

/* A copy with the silence before it, the faster decay and the level in it. */
static ps_status reshape(ps_response *response, float **owned, const ps_effect_setup *setup,
                         ps_error *err)
{
    const double decay_sec = setup->values[DECAY], energy = mean_energy(response);
    const double scale = setup->values[NORMALIZE] != 0.0 ? 1.0 / sqrt(energy) : 1.0;
    const double per_frame =
        decay_sec > 0.0 ? 6.907755278982137 / (decay_sec * setup->rate_hz) : 0.0;
    const uint32_t before = (uint32_t)(0.001 * setup->values[PREDELAY] * setup->rate_hz + 0.5);
    const uint32_t frames = response->frames + before;
    float *samples;

    if (!(energy > 0.0))
        return ps_fail(err, PS_BAD_DATA, "convolver: the response \"%.80s\" is silent",
                       setup->texts[IR]);
    samples = ps_alloc(setup->allocator, (size_t)frames * response->channels, sizeof *samples);
    if (!samples)
        return ps_fail(err, PS_NO_MEMORY, "no memory for a response");
    for (uint32_t c = 0; c < response->channels; c++) {
        float *out = samples + (size_t)c * frames;

        for (uint32_t i = 0; i < response->frames; i++)
            out[before + i] =
                (float)((double)response->samples[c][i] * scale * exp(-per_frame * i));
        response->samples[c] = out;
    }
    response->frames = frames;
    ps_free(setup->allocator, *owned);
    *owned = samples;
    return PS_OK;
}

/* ---- The plan ------------------------------------------------------------------------------- */

static void destroy_kept(ps_kept *kept)
{
    kept_plan *own = (kept_plan *)kept;

    ps_convolve_plan_destroy(own->plan);
    ps_free(own->allocator, own);
}

static ps_status make_plan(kept_plan **out, const ps_response *response,
                           const ps_effect_setup *setup, const uint64_t key[2], ps_error *err)
{
    kept_plan *own = ps_alloc(setup->allocator, 1, sizeof *own);
    ps_status status;

    if (!own)
        return ps_fail(err, PS_NO_MEMORY, "no memory for a response");
    own->allocator = setup->allocator;
    status = ps_convolve_plan_create(&own->plan, response, setup->values[LATENCY] == ZERO,
                                     (uint32_t)setup->values[BLOCK],
                                     ps_engine_kernel_row(setup->engine), setup->allocator, err);
    if (status != PS_OK) {
        ps_free(setup->allocator, own);
        return status;
    }
    memcpy(own->kept.key, key, sizeof own->kept.key);
    own->kept.bytes = ps_convolve_plan_bytes(own->plan);
    own->kept.destroy = destroy_kept;
    *out = (kept_plan *)ps_engine_keep(setup->engine, &own->kept);
    return PS_OK;
}

/* The engine's, when it has met this response in this form before. */
static ps_status find_plan(kept_plan **out, const ps_response *response,
                           const ps_effect_setup *setup, ps_error *err)
{
    const double form[3] = {setup->values[LATENCY], setup->values[BLOCK], response->channels};
    uint64_t key[2] = {0, 0};

    ps_engine_key(key, form, sizeof form);
    for (uint32_t c = 0; c < response->channels; c++)
        ps_engine_key(key, response->samples[c], response->frames * sizeof(float));
    *out = (kept_plan *)ps_engine_find(setup->engine, key);
    return *out ? PS_OK : make_plan(out, response, setup, key, err);
}

static ps_status make_convolve(convolver *c, const ps_response *response,
                               const ps_effect_setup *setup, ps_error *err)
{
    const ps_allocator *allocator = c->effect.allocator;
    ps_status status = ps_convolve_bulk_create(&c->bulk, c->plan->plan, response,
                                               setup->accelerator, setup->frames, allocator, err);

    if (status == PS_OK && !c->bulk)
        status = ps_convolve_create(&c->convolve, c->plan->plan, allocator, err);
    if (status == PS_OK)
        c->latency =
            c->bulk ? ps_convolve_bulk_latency(c->bulk) : ps_convolve_latency(c->plan->plan);
    return status;
}

static ps_status prepare(convolver *c, const ps_effect_setup *setup, ps_error *err)
{
    ps_response response = {0};
    float *owned;
    ps_status status = load(&response, setup, err);

    if (status != PS_OK)
        return status;
    owned = (float *)response.samples[0];
    cut_silence(&response);
    status = reshape(&response, &owned, setup, err);
    if (status == PS_OK)
        status = find_plan(&c->plan, &response, setup, err);
    if (status == PS_OK)
        status = make_convolve(c, &response, setup, err);
    c->tail = response.frames;
    ps_free(setup->allocator, owned);
    return status;
}

/* ---- The effect ----------------------------------------------------------------------------- */

static ps_status check_block(const ps_effect_setup *setup, ps_error *err)
{
    const uint32_t block = (uint32_t)setup->values[BLOCK];

    if (block == 0 || (block >= PS_CONVOLVE_CELL && (block & (block - 1)) == 0))
        return PS_OK;
    return ps_fail(err, PS_BAD_ARGUMENT, "convolver: a block of %u is no power of two from %u up",
                   (unsigned)block, PS_CONVOLVE_CELL);
}

static double linear(double db)
{
    return pow(10.0, 0.05 * db);
}

static ps_status start(ps_effect *effect, const ps_effect_setup *setup, ps_error *err)
{
    convolver *c = (convolver *)effect;
    ps_status status = check_block(setup, err);

    c->engine = setup->engine;
    c->wet = setup->values[WET];
    c->gain = linear(setup->values[GAIN]);
    ps_smooth_init(&c->wet_line, c->wet * c->gain);
    ps_smooth_init(&c->dry_line, 1.0 - c->wet);
    if (status == PS_OK)
        status = prepare(c, setup, err);
    if (status != PS_OK || c->bulk)
        return status;
    for (uint32_t side = 0; c->latency > 0 && side < 2; side++) {
        c->late[side] = ps_alloc(effect->allocator, c->latency, sizeof(float));
        if (!c->late[side])
            return ps_fail(err, PS_NO_MEMORY, "no memory for a convolver");
    }
    return PS_OK;
}

/* Changes places: what goes in comes out `latency` frames later. The latency is a multiple of a
   cell, so that a call never goes across the end of the ring. */
static void delay(convolver *c, uint32_t side, float *samples, uint32_t frames)
{
    float *ring = c->late[side] + c->effect.frame % c->latency;

    for (uint32_t i = 0; i < frames; i++) {
        const float before = ring[i];

        ring[i] = samples[i];
        samples[i] = before;
    }
}

/* The sound itself and its room, `latency` frames ago. */
static void convolve(convolver *c, float *left, float *right, float room[2][PS_EFFECT_FRAMES],
                     uint32_t frames)
{
    if (c->bulk) {
        ps_convolve_bulk_process(c->bulk, left, right, room[0], room[1], frames);
        return;
    }
    ps_convolve_process(c->convolve, left, right, room[0], room[1], frames);
    if (c->latency > 0) {
        delay(c, 0, left, frames);
        delay(c, 1, right, frames);
    }
}

static void process(ps_effect *effect, float *left, float *right, uint32_t frames)
{
    convolver *c = (convolver *)effect;
    float room[2][PS_EFFECT_FRAMES], wet[PS_EFFECT_FRAMES], dry[PS_EFFECT_FRAMES];

    convolve(c, left, right, room, frames);
    ps_smooth_fill(&c->wet_line, wet, frames);
    ps_smooth_fill(&c->dry_line, dry, frames);
    for (uint32_t i = 0; i < frames; i++) {
        left[i] = dry[i] * left[i] + wet[i] * room[0][i];
        right[i] = dry[i] * right[i] + wet[i] * room[1][i];
    }
}

static void set(ps_effect *effect, uint32_t slot, double value)
{
    convolver *c = (convolver *)effect;
    const uint32_t frames = (uint32_t)(PS_EFFECT_GLIDE_SEC * effect->rate_hz);

    if (slot == WET)
        c->wet = value;
    else
        c->gain = linear(value);
    ps_smooth_to(&c->wet_line, c->wet * c->gain, frames);
    ps_smooth_to(&c->dry_line, 1.0 - c->wet, frames);
}

static void reset(ps_effect *effect)
{
    convolver *c = (convolver *)effect;

    ps_smooth_arrive(&c->wet_line);
    ps_smooth_arrive(&c->dry_line);
    if (c->bulk) {
        ps_convolve_bulk_reset(c->bulk);
        return;
    }
    ps_convolve_reset(c->convolve);
    for (uint32_t side = 0; c->latency > 0 && side < 2; side++)
        memset(c->late[side], 0, c->latency * sizeof(float));
}

static uint32_t latency(const ps_effect *effect)
{
    return ((const convolver *)effect)->latency;
}

static uint64_t tail(const ps_effect *effect)
{
    return ((const convolver *)effect)->tail;
}

static void finish(ps_effect *effect)
{
    convolver *c = (convolver *)effect;

    ps_convolve_destroy(c->convolve);
    ps_convolve_bulk_destroy(c->bulk);
    if (c->plan)
        ps_engine_leave(c->engine, &c->plan->kept);
    ps_free(effect->allocator, c->late[0]);
    ps_free(effect->allocator, c->late[1]);
}

const ps_effect_kind PS_ROW(ps_effect_convolver) = {
    .info = {"convolver", "the sound of a room, from its impulse response", NULL, table, SLOTS},
    .effect_bytes = sizeof(convolver),
    .start = start,
    .process = process,
    .set = set,
    .reset = reset,
    .latency = latency,
    .tail = tail,
    .finish = finish,
};
