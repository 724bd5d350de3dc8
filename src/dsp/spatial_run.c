/*
 * The spatialiser at work, in runs: where the source is, what each ear hears of it, and how late.
 * None of that depends on the sound, so but for smoothing and the limits of speed it goes through
 * vectors; and a limit is asked for frame by frame only in a run that comes near it.
 */
#include "dsp/spatial.h"

#include <math.h>
#include <string.h>

#include "dsp/spatial_state.h"
#include "kernel/math.h"

#define RUN  PS_SPATIAL_RUN
#define PAST PS_ONEPOLE_PAST

/* Two arrays to smooth, with room in front for their past. */
typedef struct pair {
    double x[2][PAST + RUN];
    double y[2][RUN];
} pair;

/* Everything of a run. */
typedef struct scene {
    pair place;                    /* degrees, metres */
    double sine[RUN], cosine[RUN]; /* of the azimuth */
    float mid[RUN], side[RUN];
    float ear[2][RUN]; /* what becomes of mid */
    double ear_gain[2][RUN];
} scene;

static void smooth(ps_onepole f[2], pair *p, uint32_t frames)
{
    PS_ROW(ps_onepole_run)(f, p->y[0], p->y[1], p->x[0] + PAST, p->x[1] + PAST, frames);
}

static float limited(float x)
{
    const float least = x > -PS_SPATIAL_LIMIT ? x : -PS_SPATIAL_LIMIT;

    return least < PS_SPATIAL_LIMIT ? least : PS_SPATIAL_LIMIT;
}

/* Also of what is not a number. */
static double limited_gain(double x)
{
    const double most = x < PS_SPATIAL_LIMIT_GAIN ? x : PS_SPATIAL_LIMIT_GAIN;

    return most > -PS_SPATIAL_LIMIT_GAIN ? most : -PS_SPATIAL_LIMIT_GAIN;
}

/* ---- Where the source is --------------------------------------------------------------------- */

/* A difference of angles, brought to -180..180. */
static double half_turn(double deg)
{
    if (deg >= -180.0 && deg < 180.0)
        return deg;
    return deg - 360.0 * floor((deg + 180.0) / 360.0);
}

static double between(double x, double least, double most)
{
    const double low = x > least ? x : least;

    return low < most ? low : most;
}

/* Whether each azimuth, turned, is within `limit` of the one before, the first of `last`: then none
   is held back, nor nearer on the other side. */
static bool steady(const double *restrict deg, double turned, double last, double limit,
                   uint32_t frames)
{
    const double most = limit < 90.0 ? limit : 90.0;
    uint64_t beyond = 0;

    for (uint32_t i = 1; i < frames; i++) {
        const double change = (deg[i] + turned) - (deg[i - 1] + turned);

        beyond |= (uint64_t)(change > most) | (uint64_t)(change < -most);
    }
    return beyond == 0 && fabs(deg[0] + turned - last) <= most;
}

/* Limits the speed of the azimuth, in place; what comes out is continuous over turns. */
static void limit_speed(ps_spatial *p, double *restrict deg, uint32_t frames)
{
    const double most = p->most_deg;

    if (p->frame == 0)
        p->deg = deg[0];
    if (steady(deg, p->turned_deg, p->deg, most, frames)) {
        for (uint32_t i = 0; i < frames; i++)
            deg[i] += p->turned_deg;
    } else {
        const double last = deg[frames - 1];
        double u = p->deg;

        for (uint32_t i = 0; i < frames; i++) {
            u += p->frame + i == 0 ? 0.0 : between(half_turn(deg[i] - u), -most, most);
            deg[i] = u;
        }
        p->turned_deg = 360.0 * rint((u - last) / 360.0);
    }
    p->deg = deg[frames - 1];
}

/* Turns each target of a smoothed azimuth to within half a turn of where the azimuth is. */
static void turn_targets(ps_spatial *p, double *restrict deg, uint32_t frames)
{
    const double a = p->place[0].a, last = deg[frames - 1];
    double theta = p->place[0].y[PAST - 1];
    uint64_t far = 0;

    for (uint32_t i = 0; i < frames; i++) {
        const double apart = deg[i] + p->turned_deg - theta;

        far |= (uint64_t)(apart > 90.0) | (uint64_t)(apart < -90.0);
    }
    if (!far) { /* then none is as far as half a turn from any later azimuth */
        for (uint32_t i = 0; i < frames; i++)
            deg[i] += p->turned_deg;
        return;
    }
    for (uint32_t i = 0; i < frames; i++) {
        const double apart = half_turn(deg[i] - theta);

        deg[i] = theta + apart;
        theta += (1.0 - a) * apart;
    }
    p->turned_deg = 360.0 * rint((deg[frames - 1] - last) / 360.0);
}

/* Fills place, sine and cosine. */
static void follow(ps_spatial *p, scene *s, uint32_t frames)
{
    double *const deg = s->place.x[0] + PAST, *const metres = s->place.x[1] + PAST;
    const double nearest = p->nearest_m;

    PS_ROW(ps_trajectory_fill)(&p->trajectory, deg, metres, p->frame, frames);
    for (uint32_t i = 0; i < frames; i++)
        metres[i] = metres[i] > nearest ? metres[i] : nearest;
    if (p->frame == 0) {
        ps_onepole_init(&p->place[0], p->theta_a, deg[0]);
        ps_onepole_init(&p->place[1], p->distance_a, metres[0]);
    }
    if (p->foa_cardioid)
        turn_targets(p, deg, frames);
    else
        limit_speed(p, deg, frames);
    smooth(p->place, &s->place, frames);
    for (uint32_t i = 0; i < frames; i++)
        s->sine[i] = ps_sin_cycles(s->place.y[0][i] * (1.0 / 360.0));
    if (p->foa_cardioid)
        for (uint32_t i = 0; i < frames; i++)
            s->cosine[i] = ps_cos_cycles(s->place.y[0][i] * (1.0 / 360.0));
}

/* ---- Levels ---------------------------------------------------------------------------------- */

/* (ref / distance)^rolloff, and 1 nearer than ref. */
static void fill_distance_gain(const ps_spatial *p, double *restrict gain,
                               const double *restrict metres, uint32_t frames)
{
    const double ref = p->ref_m, rolloff = p->rolloff;

    if (rolloff == 1.0)
        for (uint32_t i = 0; i < frames; i++)
            gain[i] = ref / metres[i];
    else
        for (uint32_t i = 0; i < frames; i++)
            gain[i] = ps_exp2(rolloff * ps_log2(ref / metres[i]));
    for (uint32_t i = 0; i < frames; i++)
        gain[i] = metres[i] < ref ? 1.0 : limited_gain(gain[i]);
}

/* Gains of the ears by the level difference, smoothed; 1 when there is none. */
static void fill_ear_gains(ps_spatial *p, scene *s, uint32_t frames)
{
    const double octaves = p->ild_octaves;
    pair gains;

    if (!p->use_ild || octaves == 0.0) {
        for (uint32_t ear = 0; ear < 2; ear++)
            for (uint32_t i = 0; i < frames; i++)
                s->ear_gain[ear][i] = 1.0;
        return;
    }
    for (uint32_t i = 0; i < frames; i++) {
        const float left = ps_exp2_float((float)(octaves * s->sine[i]));

        gains.x[0][PAST + i] = (double)left;
        gains.x[1][PAST + i] = (double)(1.0f / left);
    }
    smooth(p->gain, &gains, frames);
    memcpy(s->ear_gain, gains.y, sizeof s->ear_gain);
}

/* ---- Head: the sound reaches one ear later --------------------------------------------------- */

/* Whether each delay, without sign, is within `most` of the one before, the first of `last`. */
static bool creeps(const double *restrict late, double last, double most, uint32_t frames)
{
    uint64_t beyond = 0;

    for (uint32_t i = 1; i < frames; i++) {
        const double change = fabs(late[i]) - fabs(late[i - 1]);

        beyond |= (uint64_t)(change > most) | (uint64_t)(change < -most);
    }
    return beyond == 0 && fabs(fabs(late[0]) - last) <= most;
}

/* Limits how fast a delay changes, whichever ear it is of, and drops what is next to nothing. The
   sign of `late` says the ear. */
static void limit_delay(ps_spatial *p, double *restrict late, uint32_t frames)
{
    const double most = p->most_delay;

    /* What was dropped, up to a millionth, must be allowed back at once. */
    if (creeps(late, p->delay, most - 1e-6, frames)) {
        for (uint32_t i = 0; i < frames; i++)
            late[i] = fabs(late[i]) > 1e-6 ? late[i] : 0.0;
        p->delay = fabs(late[frames - 1]);
        return;
    }
    double delay = p->delay;

    for (uint32_t i = 0; i < frames; i++) {
        delay += between(fabs(late[i]) - delay, -most, most);
        delay = delay > 1e-6 ? delay : 0.0;
        late[i] = late[i] > 0.0 ? delay : late[i] < 0.0 ? -delay : 0.0;
    }
    p->delay = delay;
}

/* Reads mid for both ears: 0 frames late, and as late as it is to the other. The newest sample a
   frame reads is the one before it. */
static void hear_head(ps_spatial *p, scene *s, uint32_t frames)
{
    const uint64_t ring = (uint64_t)p->ring;
    const float *newest = p->line[0] + p->at - 1;
    const float *prompt = p->four_taps ? newest - 2 : newest; /* by the taps of a fraction of 0 */
    const float weight = p->four_taps ? 0.5f : 1.0f;
    double late[RUN], delay[RUN];
    float read[RUN];
    ps_taps taps;

    for (uint32_t i = 0; i < frames; i++)
        late[i] = p->head_frames * s->sine[i];
    limit_delay(p, late, frames);
    for (uint32_t i = 0; i < frames; i++)
        delay[i] = fabs(late[i]);
    memcpy(p->line[0] + p->at, s->mid, frames * sizeof(float));
    PS_ROW(ps_taps_place)(&taps, p->ring, (double)((p->frame + ring - 1) % ring), delay, frames);
    PS_ROW(ps_taps_weigh)(&taps, p->four_taps, frames);
    PS_ROW(ps_taps_read)(&taps, p->four_taps, read, newest, 0, frames);
    for (uint32_t i = 0; i < frames; i++) {
        const float at_once = weight * prompt[i];

        s->ear[0][i] = late[i] > 0.0 ? read[i] : at_once;
        s->ear[1][i] = late[i] < 0.0 ? read[i] : at_once;
    }
}

static void pass_head(ps_spatial *p, scene *s, uint32_t frames)
{
    double gain[RUN];

    fill_distance_gain(p, gain, s->place.y[1], frames);
    fill_ear_gains(p, s, frames);
    hear_head(p, s, frames);
    for (uint32_t ear = 0; ear < 2; ear++)
        for (uint32_t i = 0; i < frames; i++)
            s->ear[ear][i] *= (float)(s->ear_gain[ear][i] * gain[i]);
}

/* ---- Cardioids: first-order ambisonics, then ears -------------------------------------------- */

/* Encodes mid at its azimuth and decodes it to two cardioids. */
static void decode_cardioids(const ps_spatial *p, scene *s, uint32_t frames)
{
    const float along = (float)p->ear_cosine, across = (float)p->ear_sine;
    double gain[RUN];

    fill_distance_gain(p, gain, s->place.y[1], frames);
    for (uint32_t i = 0; i < frames; i++) {
        const float m = s->mid[i] * (float)gain[i];
        const float x = m * (float)s->cosine[i] * along, y = m * (float)s->sine[i] * across;

        s->ear[0][i] = 0.5f * m + (x + y);
        s->ear[1][i] = 0.5f * m + (x - y);
    }
}

/* Delays one ear, by its own line and smoothed delay. */
static void delay_ear(ps_spatial *p, scene *s, uint32_t ear, const double *delay, uint32_t frames)
{
    float *line = p->line[ear] + p->at;
    ps_taps taps;

    memcpy(line, s->ear[ear], frames * sizeof *line);
    PS_ROW(ps_taps_place)(&taps, p->ring, (double)(p->frame % (uint64_t)p->ring), delay, frames);
    PS_ROW(ps_taps_weigh)(&taps, false, frames);
    PS_ROW(ps_taps_read)(&taps, false, s->ear[ear], line, 0, frames);
}

static void pass_ears(ps_spatial *p, scene *s, uint32_t frames)
{
    pair delays;

    for (uint32_t i = 0; i < frames; i++) {
        const double late = p->head_frames * s->sine[i];

        delays.x[0][PAST + i] = late > 0.0 ? late : 0.0;
        delays.x[1][PAST + i] = late < 0.0 ? -late : 0.0;
    }
    if (p->frame == 0)
        for (uint32_t ear = 0; ear < 2; ear++)
            ps_onepole_init(&p->ear_delay[ear], p->theta_a, delays.x[ear][PAST]);
    smooth(p->ear_delay, &delays, frames);
    fill_ear_gains(p, s, frames);
    for (uint32_t ear = 0; ear < 2; ear++) {
        delay_ear(p, s, ear, delays.y[ear], frames);
        for (uint32_t i = 0; i < frames; i++)
            s->ear[ear][i] *= (float)s->ear_gain[ear][i];
    }
}

/* The loss per metre, which the reference means for high frequencies and takes from all. */
static void roll_off(const ps_spatial *p, scene *s, uint32_t frames)
{
    const double octaves_per_m = p->roll_octaves_per_m;

    for (uint32_t i = 0; i < frames; i++) {
        const double loss = octaves_per_m * (s->place.y[1][i] - p->ref_m);
        const float gain = (float)ps_exp2(loss > 0.0 ? -loss : 0.0);

        s->ear[0][i] *= gain;
        s->ear[1][i] *= gain;
    }
}

static void pass_cardioids(ps_spatial *p, scene *s, uint32_t frames)
{
    decode_cardioids(p, s, frames);
    if (p->use_ild)
        pass_ears(p, s, frames);
    if (p->roll_octaves_per_m != 0.0)
        roll_off(p, s, frames);
}

/* ---- All ------------------------------------------------------------------------------------- */

/* Moves the lines back to their start when the next run would not fit. */
static void make_room(ps_spatial *p, uint32_t frames)
{
    if (p->at + frames <= p->capacity)
        return;
    for (uint32_t ear = 0; ear < 2; ear++)
        memmove(p->line[ear], p->line[ear] + p->at - p->past, p->past * sizeof(float));
    p->at = p->past;
}

static void process(ps_spatial *p, float *restrict left, float *restrict right, uint32_t frames)
{
    const float root_half = 0.70710678f;
    scene s;

    for (uint32_t i = 0; i < frames; i++) {
        const float l = limited(left[i]), r = limited(right[i]);

        s.mid[i] = (l + r) * root_half;
        s.side[i] = (l - r) * root_half;
    }
    follow(p, &s, frames);
    if (p->foa_cardioid)
        pass_cardioids(p, &s, frames);
    else
        pass_head(p, &s, frames);
    for (uint32_t i = 0; i < frames; i++) {
        left[i] = (s.ear[0][i] + s.side[i]) * root_half;
        right[i] = (s.ear[1][i] - s.side[i]) * root_half;
    }
}

void PS_ROW(ps_spatial_process)(ps_spatial *spatial, float *left, float *right, uint32_t frames)
{
    for (uint32_t done = 0; done < frames;) {
        const uint32_t count = frames - done < RUN ? frames - done : RUN;

        make_room(spatial, count);
        process(spatial, left + done, right + done, count);
        spatial->at += count;
        spatial->frame += count;
        done += count;
    }
}
