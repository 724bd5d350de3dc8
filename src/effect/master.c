/*
 * Automatic mastering. The equalizer is fitted to the distance between the piece's third-octave
 * spectrum and the target by least squares; thresholds of the multiband compressor follow the power
 * of its bands; the gain into the limiter is found by measuring what comes out.
 */
#include "plainsong/master.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "dsp/biquad.h"
#include "dsp/thirds.h"
#include "kernel/engine.h"

#define BANDS      PS_MASTER_BANDS
#define UNKNOWNS   (BANDS + 1u) /* and the level, which is not the equalizer's to change */
#define SPLITS     2u
#define QUIET_DB   45.0 /* bands this far below the loudest do not sound: they are left alone */
#define ABOVE_DB   4.0  /* thresholds above the mean level of a band */
#define GAIN_TRIES 5u
#define GAIN_MOST  24.0 /* dB */
#define CLOSE_LU   0.1
#define RUN        4096u

static const struct {
    ps_biquad_type type;
    const char *word;
    double hz, q;
} bands[BANDS] = {
    {PS_BIQUAD_LOWSHELF, "ls", 90.0, 0.7},    {PS_BIQUAD_PEAK, "", 250.0, 0.7},
    {PS_BIQUAD_PEAK, "", 900.0, 0.7},         {PS_BIQUAD_PEAK, "", 3000.0, 0.7},
    {PS_BIQUAD_HIGHSHELF, "hs", 7500.0, 0.7},
};

static const double splits_hz[SPLITS] = {150.0, 2500.0};

typedef struct mastering {
    const ps_master_options *options;
    ps_engine *engine;
    ps_source *source;
    double rate_hz;
    uint32_t pass, passes; /* for the progress */
    double powers[PS_THIRDS];
    double band_db[BANDS];
    double gain_db;
    ps_master_report *report;
} mastering;

ps_master_options ps_master_defaults(void)
{
    const ps_master_options defaults = {
        .lufs = -14.0, .true_peak_db = -1.0, .strength = 0.5, .most_db = 4.0};

    return defaults;
}

/* ---- Listening ------------------------------------------------------------------------------ */

/* Plays the piece through a chain (NULL: as it is) into a meter and a spectrum (NULL: none). */
static ps_status listen(mastering *m, const ps_chain *chain, ps_thirds *thirds, ps_levels *levels,
                        ps_error *err)
{
    const double all = (double)ps_source_length(m->source).frames;
    float left[RUN], right[RUN];
    ps_rack *rack = NULL;
    ps_meter *meter = NULL;
    double done = 0.0;
    uint32_t got;
    ps_status status = ps_source_seek(m->source, 0);

    if (status != PS_OK)
        return ps_fail(err, status, "the piece cannot be played again from its start");
    status = ps_meter_create(&meter, m->engine, m->rate_hz, PS_MEASURE_ALL, err);
    if (status == PS_OK && chain)
        status = ps_rack_create(&rack, m->engine, chain, m->rate_hz, NULL, err);
    while (status == PS_OK) {
        const ps_block block = {left, right, RUN};

        got = ps_source_pull(m->source, block);
        if (rack)
            ps_rack_process(rack, block);
        ps_meter_add(meter, ps_block_part(block, 0, got));
        if (thirds)
            ps_thirds_add(thirds, ps_block_part(block, 0, got));
        done += got;
        if (got < RUN)
            break;
        if (m->options->progress &&
            !m->options->progress(m->options->user, (m->pass + fmin(1.0, done / all)) / m->passes))
            status = ps_fail(err, PS_CANCELLED, "stopped");
    }
    if (status == PS_OK)
        ps_meter_read(meter, levels);
    m->pass++;
    ps_rack_destroy(rack);
    ps_meter_destroy(meter);
    return status;
}

static ps_status listen_first(mastering *m, ps_error *err)
{
    ps_thirds *thirds;
    ps_status status = ps_thirds_create(&thirds, m->rate_hz, ps_engine_kernel_row(m->engine),
                                        ps_engine_allocator(m->engine), err);

    if (status != PS_OK)
        return status;
    status = listen(m, NULL, thirds, &m->report->before, err);
    ps_thirds_read(thirds, m->powers);
    ps_thirds_destroy(thirds);
    return status;
}

/* ---- The equalizer -------------------------------------------------------------------------- */

/* The target's level at a frequency, in dB. */
static double target_db(double hz)
{
    if (hz < 63.0)
        return 4.0 * log2(hz / 63.0);
    if (hz < 100.0)
        return 0.0;
    if (hz < 4000.0)
        return -2.0 * log2(hz / 100.0);
    return -2.0 * log2(40.0) - 4.0 * log2(hz / 4000.0);
}

/* What a band of the equalizer does with gain_db at a frequency, in dB. */
static double band_response(const mastering *m, uint32_t band, double gain_db, double hz)
{
    ps_biquad filter;
    double re, im;

    ps_biquad_make(&filter, bands[band].type, bands[band].hz, gain_db, bands[band].q, m->rate_hz);
    ps_biquad_response(&filter, hz, m->rate_hz, &re, &im);
    return 10.0 * log10(re * re + im * im);
}

static double eq_response(const mastering *m, double hz)
{
    double sum = 0.0;

    for (uint32_t band = 0; band < BANDS; band++)
        sum += band_response(m, band, m->band_db[band], hz);
    return sum;
}

static double loudest(const mastering *m)
{
    double most = 0.0;

    for (uint32_t i = 0; i < PS_THIRDS; i++)
        most = fmax(most, m->powers[i]);
    return most;
}

/* Whether a third-octave band sounds; then its level. */
static bool sounds(const mastering *m, uint32_t i, double *level_db)
{
    *level_db = 10.0 * log10(m->powers[i] + 1e-30);
    return m->powers[i] > loudest(m) * pow(10.0, -0.1 * QUIET_DB);
}

/* Gauss's elimination with pivots; a matrix that is positive definite. */
static void solve(double a[UNKNOWNS][UNKNOWNS], double b[UNKNOWNS])
{
    for (uint32_t k = 0; k < UNKNOWNS; k++) {
        for (uint32_t row = k + 1; row < UNKNOWNS; row++) {
            const double factor = a[row][k] / a[k][k];

            for (uint32_t column = k; column < UNKNOWNS; column++)
                a[row][column] -= factor * a[k][column];
            b[row] -= factor * b[k];
        }
    }
    for (uint32_t k = UNKNOWNS; k-- > 0;) {
        for (uint32_t column = k + 1; column < UNKNOWNS; column++)
            b[k] -= a[k][column] * b[column];
        b[k] /= a[k][k];
    }
}

/*
 * Least squares: gains (and a level) whose responses, taken as proportional to the gains, come
 * nearest to the distance from the target. A small weight on the gains keeps bands that hear
 * nothing at 0.
 */
static void fit_equalizer(mastering *m)
{
    const double unit_db = 3.0, stiffness = 0.3;
    double a[UNKNOWNS][UNKNOWNS] = {{0.0}}, b[UNKNOWNS] = {0.0};

    for (uint32_t i = 0; i < PS_THIRDS; i++) {
        const double hz = ps_thirds_hz(i);
        double row[UNKNOWNS], level_db;

        if (!sounds(m, i, &level_db))
            continue;
        for (uint32_t band = 0; band < BANDS; band++)
            row[band] = band_response(m, band, unit_db, hz) / unit_db;
        row[BANDS] = 1.0;
        for (uint32_t j = 0; j < UNKNOWNS; j++) {
            for (uint32_t k = 0; k < UNKNOWNS; k++)
                a[j][k] += row[j] * row[k];
            b[j] += row[j] * (target_db(hz) - level_db);
        }
    }
    for (uint32_t j = 0; j < UNKNOWNS; j++)
        a[j][j] += j < BANDS ? stiffness : 1e-9;
    solve(a, b);
    for (uint32_t band = 0; band < BANDS; band++) {
        const double most = m->options->most_db, wanted = m->options->strength * b[band];

        m->band_db[band] = fmin(fmax(wanted, -most), most);
        if (bands[band].hz > 0.4 * m->rate_hz || fabs(m->band_db[band]) < 0.1)
            m->band_db[band] = 0.0;
        m->report->band_hz[band] = bands[band].hz;
        m->report->band_db[band] = m->band_db[band];
    }
}

/* Root mean square of the distance to the target, levels apart. */
static double distance_db(const mastering *m, bool equalized)
{
    double sum = 0.0, squares = 0.0, level_db;
    uint32_t count = 0;

    for (uint32_t i = 0; i < PS_THIRDS; i++) {
        const double hz = ps_thirds_hz(i);

        if (!sounds(m, i, &level_db))
            continue;
        const double off = level_db + (equalized ? eq_response(m, hz) : 0.0) - target_db(hz);
        sum += off;
        squares += off * off;
        count++;
    }
    return count > 0 ? sqrt(fmax(0.0, squares / count - sum * sum / ((double)count * count))) : 0.0;
}

/* ---- The chain ------------------------------------------------------------------------------ */

/* The mean level of what lies between two frequencies after the equalizer, in dB. */
static double level_between(const mastering *m, double low_hz, double high_hz)
{
    double sum = 1e-12;

    for (uint32_t i = 0; i < PS_THIRDS; i++) {
        const double hz = ps_thirds_hz(i);

        if (hz >= low_hz && hz < high_hz)
            sum += m->powers[i] * pow(10.0, 0.1 * eq_response(m, hz));
    }
    return 10.0 * log10(sum);
}

static ps_status add_equalizer(const mastering *m, ps_chain *chain, ps_error *err)
{
    char text[256] = "eq:";
    size_t length = 3;

    for (uint32_t band = 0; band < BANDS; band++) {
        if (m->band_db[band] == 0.0)
            continue;
        length += (size_t)snprintf(text + length, sizeof text - length, "%s%s%.0f%+.2fq%.1f",
                                   length > 3 ? "," : "", bands[band].word, bands[band].hz,
                                   m->band_db[band], bands[band].q);
    }
    return length > 3 ? ps_chain_append(chain, text, err) : PS_OK;
}

static ps_status add_multiband(const mastering *m, ps_chain *chain, ps_error *err)
{
    const double edges[SPLITS + 2] = {0.0, splits_hz[0], splits_hz[1], m->rate_hz};
    const size_t at = ps_chain_count(chain);
    ps_status status = ps_chain_append(
        chain, "multiband:bands=3,split1=150,split2=2500,attack=20,release=200,knee=6", err);

    for (uint32_t band = 0; band <= SPLITS && status == PS_OK; band++) {
        const double level_db = level_between(m, edges[band], edges[band + 1]);
        char name[24];

        snprintf(name, sizeof name, "threshold%u", (unsigned)band + 1);
        status = ps_chain_set(chain, at, name, fmin(0.0, fmax(-60.0, level_db + ABOVE_DB)), err);
        snprintf(name, sizeof name, "ratio%u", (unsigned)band + 1);
        if (status == PS_OK)
            status = ps_chain_set(chain, at, name, 1.6, err);
    }
    return status;
}

static ps_status add_end(const mastering *m, ps_chain *chain, ps_error *err)
{
    ps_status status = ps_chain_add(chain, "gain", err);

    if (status == PS_OK)
        status = ps_chain_set(chain, ps_chain_count(chain) - 1, "gain", m->gain_db, err);
    if (status == PS_OK)
        status = ps_chain_add(chain, "limiter", err);
    if (status == PS_OK)
        status = ps_chain_set(chain, ps_chain_count(chain) - 1, "ceiling", m->options->true_peak_db,
                              err);
    return status;
}

static ps_status build(const mastering *m, ps_chain **out, bool with_end, ps_error *err)
{
    const ps_chain_options options = {.allocator = ps_engine_allocator(m->engine)};
    ps_chain *chain;
    ps_status status = ps_chain_create(&chain, &options, err);

    if (status != PS_OK)
        return status;
    status = add_equalizer(m, chain, err);
    if (status == PS_OK)
        status = add_multiband(m, chain, err);
    if (status == PS_OK && with_end)
        status = add_end(m, chain, err);
    if (status == PS_OK)
        *out = chain;
    else
        ps_chain_destroy(chain);
    return status;
}

/* ---- The gain ------------------------------------------------------------------------------- */

/* What a decibel of gain brings, seen from the last two tries: less than one, when the limiter
   takes some of it away again. */
static double yield_of(double loudness, double loudness_before, double gain, double gain_before)
{
    const double yield = (loudness - loudness_before) / (gain - gain_before);

    return yield > 0.25 ? fmin(yield, 1.0) : 0.25;
}

static ps_status find_gain(mastering *m, ps_chain **out, ps_error *err)
{
    double last_lufs = 0.0, last_gain_db = 0.0, yield = 1.0;
    ps_levels levels;
    ps_chain *chain = NULL;
    ps_status status = build(m, &chain, false, err);

    if (status == PS_OK)
        status = listen(m, chain, NULL, &levels, err);
    for (uint32_t i = 0; i < GAIN_TRIES && status == PS_OK; i++) {
        const double missing = m->options->lufs - levels.integrated_lufs;
        const double before = m->gain_db;

        if (i > 0 && fabs(missing) < CLOSE_LU)
            break;
        if (i > 1)
            yield = yield_of(levels.integrated_lufs, last_lufs, before, last_gain_db);
        last_lufs = levels.integrated_lufs;
        last_gain_db = before;
        m->gain_db = fmin(fmax(before + missing / yield, -60.0), GAIN_MOST);
        if (m->gain_db == before)
            break;
        ps_chain_destroy(chain);
        chain = NULL;
        status = build(m, &chain, true, err);
        if (status == PS_OK)
            status = listen(m, chain, NULL, &levels, err);
    }
    if (status != PS_OK) {
        ps_chain_destroy(chain);
        return status;
    }
    m->report->after = levels;
    m->report->gain_db = ps_chain_get(chain, ps_chain_count(chain) - 2, 0);
    m->report->reached = fabs(m->options->lufs - levels.integrated_lufs) <= 0.5;
    *out = chain;
    return PS_OK;
}

static ps_status check(const ps_master_options *o, ps_source *source, ps_error *err)
{
    if (!(o->lufs >= -40.0 && o->lufs <= -5.0))
        return ps_fail(err, PS_BAD_ARGUMENT, "a loudness of %g LUFS is outside -40..-5", o->lufs);
    if (!(o->true_peak_db >= -20.0 && o->true_peak_db <= 0.0))
        return ps_fail(err, PS_BAD_ARGUMENT, "a true peak of %g dB is outside -20..0",
                       o->true_peak_db);
    if (!(o->strength >= 0.0 && o->strength <= 1.0 && o->most_db >= 0.0 && o->most_db <= 12.0))
        return ps_fail(err, PS_BAD_ARGUMENT, "a strength or a bound outside 0..1 and 0..12 dB");
    if (ps_source_length(source).kind == PS_LENGTH_ENDLESS)
        return ps_fail(err, PS_UNSUPPORTED, "what does not end cannot be mastered");
    return PS_OK;
}

ps_status ps_master_make(ps_chain **out, ps_master_report *report, ps_engine *engine,
                         ps_source *source, const ps_master_options *options, ps_error *err)
{
    const ps_master_options defaults = ps_master_defaults();
    mastering m = {.options = options ? options : &defaults,
                   .engine = engine,
                   .source = source,
                   .rate_hz = ps_source_rate_hz(source),
                   .passes = 2 + GAIN_TRIES,
                   .report = report};
    const ps_chain_options empty = {.allocator = ps_engine_allocator(engine)};
    ps_status status = check(m.options, source, err);

    memset(report, 0, sizeof *report);
    if (status == PS_OK)
        status = listen_first(&m, err);
    if (status != PS_OK)
        return status;
    if (!(report->before.integrated_lufs > -70.0)) {
        report->after = report->before;
        return ps_chain_create(out, &empty, err);
    }
    fit_equalizer(&m);
    report->off_before_db = distance_db(&m, false);
    report->off_after_db = distance_db(&m, true);
    return find_gain(&m, out, err);
}
