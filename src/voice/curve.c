/* When and how a transition goes from its start to its end. */
#include "voice/curve.h"

#include <math.h>
#include <string.h>

#include "voice/operations.h"

#define PROBES     4096u /* intervals in which the reach of an expression is looked for */
#define MEAN_TERMS 65536u
#define CHUNK      256u

static double limit(double x, double low, double high)
{
    return x < low ? low : x > high ? high : x;
}

/* Where an expression goes, with some room for what lies between the probes. */
static void find_range(ps_curve *curve)
{
    double a[CHUNK], low = (double)INFINITY, high = -(double)INFINITY;

    for (uint32_t first = 0; first <= PROBES; first += CHUNK) {
        const uint32_t count = PROBES + 1 - first < CHUNK ? PROBES + 1 - first : CHUNK;

        for (uint32_t i = 0; i < count; i++)
            a[i] = (double)(first + i) / PROBES;
        ps_operations_run(curve->steps, curve->step_count, a, count);
        for (uint32_t i = 0; i < count; i++) {
            const double y = isfinite(a[i]) ? limit(a[i], -PS_CURVE_LIMIT, PS_CURVE_LIMIT) : 0.0;

            low = y < low ? y : low;
            high = y > high ? y : high;
        }
    }
    const double room = 1e-3 * (high - low);
    curve->low = limit(low - room, -PS_CURVE_LIMIT, PS_CURVE_LIMIT);
    curve->high = limit(high + room, -PS_CURVE_LIMIT, PS_CURVE_LIMIT);
}

static ps_status compile_expression(ps_curve *curve, const char *text,
                                    const ps_allocator *allocator, ps_error *err)
{
    ps_curve_step steps[PS_CURVE_STEPS_MAX];
    uint32_t count = 0;
    const ps_status status = ps_expression_parse(steps, &count, text, err);

    if (status != PS_OK)
        return status;
    ps_curve_step *kept = ps_alloc(allocator, count, sizeof *kept);
    if (!kept)
        return ps_fail(err, PS_NO_MEMORY, "no memory for a curve");
    memcpy(kept, steps, count * sizeof *kept);
    *curve = (ps_curve){.kind = PS_CURVE_EXPRESSION, .steps = kept, .step_count = count};
    find_range(curve);
    return PS_OK;
}

ps_status ps_curve_compile(ps_curve *curve, const char *text, const ps_allocator *allocator,
                           ps_error *err)
{
    static const char *const names[] = {"linear", "logarithmic", "exponential"};

    for (uint32_t kind = 0; kind < PS_CURVE_EXPRESSION; kind++) {
        if (strcmp(text, names[kind]) == 0) {
            *curve = (ps_curve){.kind = (ps_curve_kind)kind, .low = 0.0, .high = 1.0};
            return PS_OK;
        }
    }
    return compile_expression(curve, text, allocator, err);
}

void ps_curve_free(ps_curve *curve, const ps_allocator *allocator)
{
    ps_free(allocator, (void *)curve->steps);
    *curve = (ps_curve){.kind = PS_CURVE_LINEAR, .low = 0.0, .high = 1.0};
}

void ps_curve_express(const ps_curve *curve, double *a, uint32_t count)
{
    ps_operations_run(curve->steps, curve->step_count, a, count);
    for (uint32_t i = 0; i < count; i++) {
        const double y = isfinite(a[i]) ? a[i] : 0.0;

        a[i] = limit(y, curve->low, curve->high);
    }
}

double ps_curve_at(const ps_curve *curve, double a)
{
    ps_curve_bend(curve, &a, 1);
    return a;
}

void ps_ramp_init(ps_ramp *ramp, const ps_curve *curve, double offset_sec, bool has_span,
                  double span_sec, double duration_sec, double frame_sec)
{
    const double offset = offset_sec > 0.0 ? offset_sec : 0.0;
    const double start = offset < duration_sec ? offset : duration_sec;
    const double room = duration_sec - start;
    const double wanted = has_span ? span_sec : room;
    const double span = limit(wanted, 0.0, room);

    /* As the reference rounds it: the end first, then what lies between. */
    *ramp = (ps_ramp){
        .curve = curve,
        .start_sec = start,
        .span_sec = start + span - start,
        .frame_sec = frame_sec,
        .never = start >= duration_sec,
    };
}

bool ps_ramp_stands(const ps_ramp *ramp, uint64_t first, uint32_t count, double *alpha)
{
    const double last = (double)first + (double)count - 1.0;
    const bool jump = ramp->span_sec <= 0.0;

    if (ramp->never || last * ramp->frame_sec < ramp->start_sec) {
        *alpha = jump ? 0.0 : ps_curve_at(ramp->curve, 0.0);
        return true;
    }
    if ((double)first * ramp->frame_sec >= ramp->start_sec + ramp->span_sec) {
        *alpha = jump ? 1.0 : ps_curve_at(ramp->curve, 1.0);
        return true;
    }
    return false;
}

uint64_t ps_ramp_still(const ps_ramp *ramp, uint64_t first)
{
    const double first_sec = (double)first * ramp->frame_sec;
    const double until = floor(ramp->start_sec / ramp->frame_sec) - 1.0 - (double)first;

    if (ramp->never || first_sec >= ramp->start_sec + ramp->span_sec)
        return UINT64_MAX;
    return until > 0.0 ? (uint64_t)until : 0;
}

/* The first frame at or after a time; at most `frames`. */
static double frame_at(double sec, double frame_sec, double frames)
{
    return limit(ceil(sec / frame_sec), 0.0, frames);
}

/* The mean of an expression over frames, of which not more than MEAN_TERMS are looked at: those in
   the middle of as many equal stretches. */
static double sampled_mean(const ps_ramp *ramp, uint64_t frames)
{
    const uint64_t terms = frames < MEAN_TERMS ? frames : MEAN_TERMS;
    double sum = 0.0;

    for (uint64_t i = 0; i < terms; i++) {
        const double middle = ((double)i + 0.5) * (double)frames / (double)terms;
        double alpha;

        ps_ramp_fill(ramp, &alpha, (uint64_t)middle, 1);
        sum += alpha;
    }
    return sum / (double)terms;
}

double ps_ramp_mean(const ps_ramp *ramp, uint64_t frames)
{
    const double total = (double)frames, step_sec = ramp->frame_sec;

    if (ramp->span_sec <= 0.0)
        return ramp->never ? 0.0 : (total - frame_at(ramp->start_sec, step_sec, total)) / total;
    if (ramp->curve->kind == PS_CURVE_EXPRESSION)
        return sampled_mean(ramp, frames);

    /* Frames from `from` to `to` lie inside the change, where alpha grows by `step` a frame; its
       sum and that of its squares are those of an arithmetic progression around its middle. */
    const double from = frame_at(ramp->start_sec, step_sec, total);
    const double to = frame_at(ramp->start_sec + ramp->span_sec, step_sec, total);
    const double count = to - from, step = step_sec / ramp->span_sec;
    const double middle = (0.5 * (from + to - 1.0) * step_sec - ramp->start_sec) / ramp->span_sec;
    const double sum = count * middle;
    const double squares =
        count * middle * middle + step * step * count * (count * count - 1) / 12.0;
    const double after = total - to;

    switch (ramp->curve->kind) {
    case PS_CURVE_LOGARITHMIC: /* 2 a - a^2 */
        return (2.0 * sum - squares + after) / total;
    case PS_CURVE_EXPONENTIAL:
        return (squares + after) / total;
    case PS_CURVE_LINEAR:
    case PS_CURVE_EXPRESSION:
        break;
    }
    return (sum + after) / total;
}

void ps_ramp_range(const ps_ramp *ramp, double *low, double *high)
{
    if (ramp->span_sec > 0.0) {
        *low = ramp->curve->low;
        *high = ramp->curve->high;
        return;
    }
    *low = ramp->never || ramp->start_sec > 0.0 ? 0.0 : 1.0;
    *high = ramp->never ? 0.0 : 1.0;
}
