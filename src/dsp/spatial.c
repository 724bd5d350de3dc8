/* The spatialiser's settings: what follows from them once and for all, and its memory. */
#include "dsp/spatial.h"

#include <math.h>

#include "dsp/spatial_state.h"
#include "kernel/math.h"

#define SOUND_M_PER_S  343.0
#define LOG2_E         1.4426950408889634074
#define OCTAVES_PER_DB 0.16609640474436811739 /* log2(10) / 20 */

/* Level differences whose gains stay below PS_SPATIAL_LIMIT_GAIN. */
#define ILD_MOST_DB 240.0

void ps_spatial_defaults(ps_spatial_settings *settings)
{
    *settings = (ps_spatial_settings){
        .use_ild = true,
        .ear_angle_deg = 30.0,
        .head_radius_m = 0.0875,
        .itd_scale = 1.0,
        .ild_max_db = 1.5,
        .ref_distance_m = 1.0,
        .rolloff = 1.0,
        .smooth_theta_ms = 60.0,
        .smooth_distance_ms = 80.0,
        .min_distance_m = 0.1,
        .max_deg_per_s = 90.0,
        .max_delay_step = 0.02,
        .four_taps = true,
    };
}

static double clamp(double x, double low, double high)
{
    return x < low ? low : x > high ? high : x;
}

/* The pole of a one-pole smoother. */
static double pole(double ms, double rate_hz)
{
    return ms <= 0.0 ? 0.0 : fmin(ps_exp2(-LOG2_E / (rate_hz * ms * 0.001)), 0.999999);
}

static void set_up(ps_spatial *p, const ps_spatial_settings *s, double rate_hz)
{
    const double ear_cycles = clamp(s->ear_angle_deg, -1e9, 1e9) / 360.0;

    p->foa_cardioid = s->foa_cardioid;
    p->use_ild = s->use_ild;
    p->four_taps = s->four_taps && !s->foa_cardioid;
    p->ild_octaves = clamp(s->ild_max_db, -ILD_MOST_DB, ILD_MOST_DB) * 0.5 * OCTAVES_PER_DB;
    p->ref_m = clamp(s->ref_distance_m, -1e9, 1e9);
    p->rolloff = clamp(s->rolloff, -1e3, 1e3);
    p->nearest_m = s->foa_cardioid ? 0.1 : clamp(s->min_distance_m, -1e9, 1e9);
    p->roll_octaves_per_m = clamp(s->hf_roll_db_per_m, -1e9, 1e9) * OCTAVES_PER_DB;
    p->ear_cosine = ps_cos_cycles(ear_cycles);
    p->ear_sine = ps_sin_cycles(ear_cycles);
    p->most_deg = clamp(s->max_deg_per_s / rate_hz, -1e3, 1e3);
    p->most_delay = clamp(s->max_delay_step, -1e9, 1e9);
    p->theta_a = pole(s->smooth_theta_ms, rate_hz);
    p->distance_a = pole(s->smooth_distance_ms, rate_hz);
    for (uint32_t ear = 0; ear < 2; ear++)
        ps_onepole_init(&p->gain[ear], p->theta_a, 1.0);
}

/* Lines as long as a run after what a read may reach back to; a few runs longer, so that they need
   not be moved back to their start for every one. */
static ps_status take_lines(ps_spatial *p)
{
    const double frames = ceil(fabs(p->head_frames));

    p->ring = p->foa_cardioid ? fmax(8.0, frames + 4.0) : fmax(12.0, frames + 8.0);
    p->past = (uint32_t)p->ring + PS_TAPS_PAST;
    p->capacity = p->past + (p->past > 8 * PS_SPATIAL_RUN ? p->past : 8 * PS_SPATIAL_RUN);
    p->samples = ps_alloc(p->allocator, 2 * (size_t)p->capacity, sizeof *p->samples);
    if (!p->samples)
        return PS_NO_MEMORY;
    p->line[0] = p->samples;
    p->line[1] = p->samples + p->capacity;
    p->at = p->past;
    return PS_OK;
}

ps_status ps_spatial_create(ps_spatial **out, const ps_spatial_settings *settings, double rate_hz,
                            const ps_allocator *allocator, ps_error *err)
{
    const double head_frames =
        settings->head_radius_m / SOUND_M_PER_S * settings->itd_scale * rate_hz;
    ps_status status;
    ps_spatial *p;

    if (!(fabs(head_frames) <= rate_hz))
        return ps_fail(err, PS_UNSUPPORTED,
                       "spatialiser: a head of %g m times %g; its delay may be a second at most",
                       settings->head_radius_m, settings->itd_scale);
    p = ps_alloc(allocator, 1, sizeof *p);
    if (!p)
        return ps_fail(err, PS_NO_MEMORY, "no memory for a spatialiser");
    p->allocator = allocator;
    p->head_frames = head_frames;
    set_up(p, settings, rate_hz);
    status = ps_trajectory_init(&p->trajectory, settings->segments, settings->segment_count,
                                rate_hz, allocator);
    if (status == PS_OK)
        status = take_lines(p);
    if (status != PS_OK) {
        ps_spatial_destroy(p);
        return ps_fail(err, status, "no memory for a spatialiser");
    }
    *out = p;
    return PS_OK;
}

void ps_spatial_destroy(ps_spatial *spatial)
{
    if (!spatial)
        return;
    ps_trajectory_free(&spatial->trajectory, spatial->allocator);
    ps_free(spatial->allocator, spatial->samples);
    ps_free(spatial->allocator, spatial);
}

double ps_spatial_bound(const ps_spatial *spatial)
{
    double near_m, far_m, gain = 1.0;

    ps_trajectory_range(&spatial->trajectory, &near_m, &far_m);
    far_m = fmax(far_m, spatial->nearest_m);
    if (spatial->rolloff < 0.0) {
        if (!(spatial->ref_m > 0.0))
            return (double)INFINITY;
        gain = fmax(1.0, pow(spatial->ref_m / fmax(far_m, spatial->ref_m), spatial->rolloff));
    } else if (!(spatial->ref_m >= 0.0 && spatial->nearest_m > 0.0)) {
        return (double)INFINITY;
    }
    if (spatial->use_ild)
        gain *= ps_exp2(fabs(spatial->ild_octaves));
    /* |mid| and |side| are up to sqrt 2 times the input, and each ear is mid and side over that.
       Cardioids hear up to 1/2 + 1 of the middle; four taps sum to less than 0.512. */
    gain *= spatial->foa_cardioid ? 1.5 : spatial->four_taps ? 0.512 : 1.0;
    return (1.0 + gain) * (1.0 + 1e-6); /* rounding to float */
}
