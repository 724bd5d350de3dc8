/* What a compressor is set to; compress_run.c runs it. */
#include "dsp/compress.h"

#include "kernel/math.h"

/* A knee of nothing would divide by 0. */
#define KNEE_MIN_OCTAVES 1e-4

static double knee_octaves(double knee_db)
{
    const double knee = PS_OCTAVES_OF_DB * knee_db;

    return knee > KNEE_MIN_OCTAVES ? knee : KNEE_MIN_OCTAVES;
}

void ps_compress_init(ps_compress *c, bool squares, double threshold_db, double ratio,
                      double knee_db)
{
    c->power = squares ? 0.5 : 1.0;
    c->reduction = 0.0;
    c->attack = c->release = 1.0;
    ps_smooth_init(&c->threshold, PS_OCTAVES_OF_DB * threshold_db);
    ps_smooth_init(&c->knee, knee_octaves(knee_db));
    ps_smooth_init(&c->slope, 1.0 - 1.0 / ratio);
}

double ps_compress_share(double ms, double rate_hz)
{
    const double log2_e = 1.4426950408889634074;
    const double frames = 1e-3 * ms * rate_hz;

    return frames > 0.01 ? 1.0 - ps_exp2(-log2_e / frames) : 1.0;
}

void ps_compress_times(ps_compress *c, double attack_ms, double release_ms, double rate_hz)
{
    c->attack = ps_compress_share(attack_ms, rate_hz);
    c->release = ps_compress_share(release_ms, rate_hz);
}

void ps_compress_threshold(ps_compress *c, double threshold_db, uint32_t frames)
{
    ps_smooth_to(&c->threshold, PS_OCTAVES_OF_DB * threshold_db, frames);
}

void ps_compress_ratio(ps_compress *c, double ratio, uint32_t frames)
{
    ps_smooth_to(&c->slope, 1.0 - 1.0 / ratio, frames);
}

void ps_compress_knee(ps_compress *c, double knee_db, uint32_t frames)
{
    ps_smooth_to(&c->knee, knee_octaves(knee_db), frames);
}

void ps_compress_reset(ps_compress *c)
{
    ps_smooth_arrive(&c->threshold);
    ps_smooth_arrive(&c->knee);
    ps_smooth_arrive(&c->slope);
    c->reduction = 0.0;
}

double ps_compress_curve(double level_db, double threshold_db, double ratio, double knee_db)
{
    const double over = level_db - threshold_db, slope = 1.0 - 1.0 / ratio;
    const double into = over + 0.5 * knee_db;

    if (into <= 0.0)
        return 0.0;
    return slope * (over < 0.5 * knee_db ? into * into / (2.0 * knee_db) : over);
}
