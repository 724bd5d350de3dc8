/* Parts as tones, with a queue of what an accelerator has made of them. */
#include "track/tone_mix.h"

#include <assert.h>
#include <string.h>

#include "voice/tones.h"

/* Frames of a step made at a time, from multiples of it, so that it is not heard where one enters:
   enough that what a job costs besides its tones counts no more. */
#define JOB_FRAMES 524288u

/* A stretch ends where alpha bends, twice at most, or the envelope does. */
#define STRETCHES_MOST (3u + PS_ENVELOPE_PIECES + 2u)

struct ps_tone_mix {
    const ps_stage *stage;
    ps_part *parts;
    uint32_t count;                      /* of the parts, lent or not */
    uint64_t frames;                     /* of the step */
    uint64_t made;                       /* frame of the step behind those that are ready */
    uint32_t passed;                     /* frames of the first job that nobody wants */
    ps_tone *tones;                      /* room for those of a job */
    const ps_allocator *sound_allocator; /* the accelerator's, if it has one */
    float *ear[2];
    uint32_t room, first, ready; /* as a part's */
};

/* ---- Telling --------------------------------------------------------------------------------- */

/* One stretch of a part, at most up to `end`; returns where it ends. */
static uint64_t tell_stretch(const ps_part *part, uint64_t from, uint64_t end, ps_tone *tones,
                             uint32_t *count)
{
    ps_tone_line level;
    const uint64_t bend = ps_voice_envelope_line(&part->envelope, from, &level.at, &level.by);
    const ps_tone_stretch stretch = ps_tone_stretch_of(&part->setup, from, bend < end ? bend : end);

    *count = part->voice->kind->tones(part->voice, &stretch, tones);
    for (uint32_t i = 0; i < *count; i++) {
        tones[i].frames = stretch.frames;
        tones[i].level[1] = level;
    }
    return from + stretch.frames;
}

/* Whether a part is nothing but tones in all of its step. */
static bool is_tones(const ps_part *part)
{
    ps_tone tones[PS_VOICE_TONES];
    uint32_t count;

    if (!part->voice->kind->tones || part->spatial || part->flange ||
        !ps_goes_straight(&part->setup) || !ps_voice_envelope_is_lines(&part->envelope))
        return false;
    tell_stretch(part, 0, part->setup.frames, tones, &count);
    return count > 0;
}

/* All lent parts in the next frames of the step. */
static uint32_t tell(ps_tone_mix *m, uint32_t frames)
{
    const uint64_t end = m->made + frames;
    uint32_t all = 0;

    for (uint32_t i = 0; i < m->count; i++) {
        for (uint64_t at = m->made; m->parts[i].lent && at < end;) {
            const uint64_t from = at;
            uint32_t count;

            at = tell_stretch(&m->parts[i], from, end, &m->tones[all], &count);
            for (uint32_t k = 0; k < count; k++)
                m->tones[all++].first = from - m->made;
        }
    }
    return all;
}

static uint32_t next_frames(const ps_tone_mix *m)
{
    const uint64_t left = m->frames - m->made;

    return left < JOB_FRAMES ? (uint32_t)left : JOB_FRAMES;
}

/* The next frames as a job, without a place for them yet. */
static ps_tones next_job(ps_tone_mix *m)
{
    const uint32_t frames = next_frames(m);

    return (ps_tones){
        .tones = m->tones,
        .count = tell(m, frames),
        .frames = frames,
        .piece_frames = m->stage->piece_frames,
    };
}

/* ---- Lending --------------------------------------------------------------------------------- */

static uint32_t lend(ps_tone_mix *m)
{
    uint32_t lent = 0;

    for (uint32_t i = 0; i < m->count; i++) {
        m->parts[i].lent = is_tones(&m->parts[i]);
        lent += m->parts[i].lent;
    }
    return lent;
}

/* Whether the accelerator wants what comes next, and there is memory for it. */
static bool is_wanted(ps_tone_mix *m, uint32_t lent, uint32_t chunk)
{
    const ps_accelerator *accelerator = m->stage->accelerator;

    m->tones = ps_alloc(m->stage->allocator, (size_t)lent * STRETCHES_MOST * PS_VOICE_TONES,
                        sizeof *m->tones);
    if (!m->tones)
        return false;
    const ps_tones job = next_job(m);
    if (job.frames == 0 || !ps_accelerate_wants_tones(accelerator, &job, 1))
        return false;
    m->sound_allocator = accelerator->memory ? accelerator->memory : m->stage->allocator;
    m->room = next_frames(m) + chunk;
    for (uint32_t ear = 0; ear < 2; ear++)
        m->ear[ear] = ps_alloc(m->sound_allocator, m->room, sizeof(float));
    return m->ear[0] && m->ear[1];
}

ps_tone_mix *ps_tone_mix_create(const ps_stage *stage, ps_part *parts, uint32_t count,
                                uint64_t frame, uint64_t step_frames, uint32_t chunk)
{
    ps_tone_mix *m = ps_alloc(stage->allocator, 1, sizeof *m);

    if (!m)
        return NULL;
    *m = (ps_tone_mix){.stage = stage,
                       .parts = parts,
                       .count = count,
                       .frames = step_frames,
                       .made = frame - frame % JOB_FRAMES,
                       .passed = (uint32_t)(frame % JOB_FRAMES)};
    const uint32_t lent = lend(m);
    if (lent > 0 && is_wanted(m, lent, chunk))
        return m;
    ps_tone_mix_destroy(m);
    return NULL;
}

void ps_tone_mix_destroy(ps_tone_mix *m)
{
    if (!m)
        return;
    for (uint32_t i = 0; i < m->count; i++)
        m->parts[i].lent = false;
    for (uint32_t ear = 0; ear < 2; ear++)
        ps_free(m->sound_allocator, m->ear[ear]);
    ps_free(m->stage->allocator, m->tones);
    ps_free(m->stage->allocator, m);
}

/* ---- The queue ------------------------------------------------------------------------------- */

static bool make_more(ps_tone_mix *m)
{
    ps_tones job = next_job(m);

    for (uint32_t ear = 0; ear < 2; ear++) {
        memmove(m->ear[ear], m->ear[ear] + m->first, m->ready * sizeof(float));
        job.out[ear] = m->ear[ear] + m->ready;
    }
    m->first = 0;
    assert(m->ready + job.frames <= m->room);
    if (ps_accelerate_tones(m->stage->accelerator, &job, 1) != PS_JOB_DONE)
        return false;
    m->first = m->passed;
    m->ready += (uint32_t)job.frames - m->passed;
    m->made += job.frames;
    m->passed = 0;
    return true;
}

bool ps_tone_mix_prepare(ps_tone_mix *m, uint32_t frames)
{
    while (m->ready < frames && m->made < m->frames) {
        if (!make_more(m))
            return false;
    }
    return true;
}

const float *ps_tone_mix_ready(const ps_tone_mix *m, uint32_t ear)
{
    return m->ear[ear] + m->first;
}

void ps_tone_mix_take(ps_tone_mix *m, uint32_t frames)
{
    assert(frames <= m->ready);
    m->first += frames;
    m->ready -= frames;
}
