/*
 * Noise with swept notches: the background layer of a track, and two voices.
 *
 *   coloured noise or a recording ─► notches left ──(─► again, further on in their sweep)─► level
 * ─► └► notches right ─(─► again)─► level ─►
 *
 * Noise streams: its level is fixed, -14.5 dBFS before the notches, and what the notches take from
 * it is given back by a gain computed from the spectrum and the course of the sweeps. In reference
 * mode, and for recordings in any mode, the whole clip is held: its peak is 0.8 before the notches,
 * each ear gets the level it had back exactly, then the louder ear's peak becomes 0.95. Nothing is
 * ever above 0.95.
 */
#ifndef PLAINSONG_VOICE_NOISE_H
#define PLAINSONG_VOICE_NOISE_H

#include "dsp/colour.h"
#include "dsp/notch.h"
#include "plainsong/track.h"
#include "voice/curve.h"

#define PS_NOISE_NOTCHES 10u /* most that stand still */
#define PS_NOISE_PEAK    0.95f

/* A value at both ends of a transition; steady noise has the start throughout. */
typedef struct ps_noise_course {
    double start, end;
} ps_noise_course;

typedef struct ps_noise_sweep {
    ps_noise_course min_hz, max_hz, q;
    ps_noise_course cascade; /* at least 1 in a transition, rounded; 0 .. PS_NOTCH_CASCADE */
} ps_noise_sweep;

typedef struct ps_noise_settings {
    ps_colour_kind colour;
    bool triangle;   /* the sweeps' wave, from the lower end; else a cosine, from the upper one */
    bool transition; /* goes from start to end, through the notches twice */
    ps_noise_course lfo_hz;
    ps_noise_course channel_deg; /* how far the right ear is ahead in its sweep */
    ps_noise_course intra_deg;   /* how far the second pass is; steady noise at 0 has none */
    ps_noise_sweep sweeps[PS_NOTCH_SWEEPS];
    uint32_t sweep_count;
    ps_notch notches[PS_NOISE_NOTCHES]; /* that stand still, before the sweeps, without phase */
    uint32_t notch_count;
    double offset_sec, span_sec; /* of the transition, which is linear */
    const char *input_path;      /* a recording instead of noise; or NULL. Borrowed */
} ps_noise_settings;

/* Pink, no sweeps, an LFO of 1/12 Hz. */
ps_noise_settings ps_noise_defaults(void);

/* One sweep of the values files leave out: 1000 to 10000 Hz, cascade 10. */
ps_noise_sweep ps_noise_default_sweep(double q);

/* `sine` or `triangle`, ignoring case; PS_BAD_DATA for anything else. */
ps_status ps_noise_read_wave(bool *triangle, const ps_value *value, ps_error *err);

/* A colour by its name; an unknown one is white, with a warning. */
void ps_noise_read_colour(ps_noise_settings *settings, const ps_value *value,
                          const ps_warnings *warnings);

/* Notches that stand still: a list of {freq, q, cascade} or [freq, q, cascade]. */
void ps_noise_read_notches(ps_noise_settings *settings, const ps_value *value,
                           const ps_warnings *warnings);

/* What the newest files say of the spectrum: {name, ...}, of which the name counts. */
void ps_noise_read_spectrum(ps_noise_settings *settings, const ps_value *value,
                            const ps_warnings *warnings);

/*
 * Reads the content of a .noise file (docs/tracks.md): a map, of which unknown names are ignored.
 * What cannot be used is told and left at its default. PS_BAD_DATA when it is no map or the sweeps'
 * wave has no known name.
 */
ps_status ps_noise_read(ps_noise_settings *settings, const ps_value *file,
                        const ps_warnings *warnings, ps_error *err);

typedef struct ps_noise ps_noise;

/* The inner loops of a kernel row. */
typedef struct ps_noise_row {
    const ps_colour_row *colour;
    void (*notches)(const ps_notch_job *job);
    void (*respond)(const ps_notch *notch, double rate_hz, const double *tangents, double *re,
                    double *im, uint32_t count);
    /* to = from * gain, cut to +-PS_NOISE_PEAK. */
    void (*finish)(float *to, const float *from, float gain, uint32_t frames);
    /* sum += scale * what finish makes. */
    void (*add)(float *sum, const float *from, float gain, float scale, uint32_t frames);
} ps_noise_row;

/* By the name of a kernel row. */
const ps_noise_row *ps_noise_row_find(const char *kernel_row);

typedef struct ps_noise_plan {
    const ps_noise_settings *settings; /* copied */
    double rate_hz;
    double duration_sec;
    uint64_t frames;           /* trunc(duration_sec * rate_hz), > 0 */
    const ps_ramp *ramp;       /* of a transition, borrowed; NULL: linear, as the settings say */
    const ps_recording *input; /* its first channel as it is, at its own rate and length, in place
                                  of noise; or NULL. Not needed after creation */
    uint64_t seed, stream;
    bool reference;
    const ps_allocator *allocator;
} ps_noise_plan;

/* PS_UNSUPPORTED where the reference has no noise: rates up to 20 kHz and fewer than 10 frames, for
   whole clips; PS_BAD_ARGUMENT beyond 2^28 frames of them. */
ps_status ps_noise_create(ps_noise **out, const ps_noise_plan *plan, const ps_noise_row *row,
                          ps_error *err);
void ps_noise_destroy(ps_noise *noise);

/* Its length: the plan's, or the recording's. */
uint64_t ps_noise_frames(const ps_noise *noise);

/* The next frames, any number; silence after the end. Does not allocate. */
void ps_noise_render(ps_noise *noise, float *left, float *right, uint32_t frames);

/* Likewise; adds them, times the scale of each ear. */
void ps_noise_add(ps_noise *noise, float *left, float *right, const float scale[2],
                  uint32_t frames);

/* Any frame, exactly: its samples do not depend on how one got there. Costs at most two chunks. */
void ps_noise_skip(ps_noise *noise, uint64_t frame);

#endif
