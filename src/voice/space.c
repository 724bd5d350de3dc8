/* From the spatial parameters of a voice to a spatialiser. */
#include "voice/space.h"

#include <math.h>
#include <string.h>

#include "voice/common.h"

#define SEGMENTS_MAX 4096u

static double number_of(const ps_value *map, const char *name, double preset, bool *good)
{
    const ps_value *value = ps_value_member(map, name);
    double number = preset;

    if (!ps_value_is_null(value) && !ps_value_number(value, &number))
        *good = false;
    return number;
}

static bool text_is(const ps_value *map, const char *name, const char *word)
{
    const ps_value *value = ps_value_member(map, name);

    return value && value->kind == PS_VALUE_TEXT && strcmp(value->text, word) == 0;
}

/* A number, or a list of two. */
static bool read_distance(const ps_value *map, ps_trajectory_segment *segment)
{
    const ps_value *value = ps_value_member(map, "distance_m");

    segment->from_m = segment->to_m = 1.0;
    if (ps_value_is_null(value))
        return true;
    if (value->kind == PS_VALUE_LIST)
        return value->count >= 2 && ps_value_number(&value->members[0], &segment->from_m) &&
               ps_value_number(&value->members[1], &segment->to_m);
    if (!ps_value_number(value, &segment->from_m))
        return false;
    segment->to_m = segment->from_m;
    return true;
}

static bool read_segment(const ps_value *map, ps_trajectory_segment *segment)
{
    const ps_value *mode = ps_value_member(map, "mode");
    bool good = map->kind == PS_VALUE_MAP;

    memset(segment, 0, sizeof *segment);
    if (ps_value_is_null(mode) || text_is(map, "mode", "rotate"))
        segment->mode = PS_TRAJECTORY_ROTATE;
    else if (text_is(map, "mode", "rotating_arc"))
        segment->mode = PS_TRAJECTORY_ROTATING_ARC;
    else
        segment->mode = PS_TRAJECTORY_OSCILLATE;
    segment->seconds = number_of(map, "seconds", 0.0, &good);
    segment->start_deg = number_of(map, "start_deg", 0.0, &good);
    segment->center_deg = number_of(map, "center_deg", segment->start_deg, &good);
    segment->extent_deg = number_of(map, "extent_deg", 180.0, &good);
    segment->speed_deg_per_s = number_of(map, "speed_deg_per_s", (double)NAN, &good);
    segment->period_s = number_of(map, "period_s", 0.0, &good);
    segment->turns_hz = number_of(map, "rotate_freq_hz", 0.0, &good);
    segment->ease_sine = text_is(map, "easing", "sine");
    return read_distance(map, segment) && good;
}

/* What moves when nothing is said. */
static ps_trajectory_segment to_and_fro(double seconds)
{
    return (ps_trajectory_segment){
        .mode = PS_TRAJECTORY_OSCILLATE,
        .seconds = seconds,
        .extent_deg = 75.0,
        .speed_deg_per_s = (double)NAN,
        .period_s = 20.0,
        .from_m = 1.0,
        .to_m = 1.4,
    };
}

static ps_status read_segments(ps_trajectory_segment **segments, uint32_t *count,
                               const ps_value *list, const ps_voice_setup *setup, ps_error *err)
{
    const bool absent = ps_value_is_null(list);

    if (!absent && list->kind != PS_VALUE_LIST)
        return ps_fail(err, PS_BAD_DATA, "is not a list of segments");
    if (!absent && list->count > SEGMENTS_MAX)
        return ps_fail(err, PS_UNSUPPORTED, "has more than %u segments", SEGMENTS_MAX);
    *count = absent ? 1 : (uint32_t)list->count;
    if (*count == 0)
        return PS_OK;
    *segments = ps_alloc(setup->allocator, *count, sizeof **segments);
    if (!*segments)
        return ps_fail(err, PS_NO_MEMORY, "no memory for a trajectory");
    if (absent)
        (*segments)[0] = to_and_fro(setup->duration_sec);
    for (uint32_t i = 0; !absent && i < *count; i++) {
        if (!read_segment(&list->members[i], &(*segments)[i])) {
            ps_free(setup->allocator, *segments);
            *segments = NULL;
            return ps_fail(err, PS_BAD_DATA, "has a segment (%u) that cannot be read", i);
        }
    }
    return PS_OK;
}

static void fill(ps_spatial_settings *s, const ps_setting *v)
{
    ps_spatial_defaults(s);
    s->foa_cardioid = ps_setting_is(&v[PS_SPACE_DECODER], "foa_cardioid");
    s->use_ild = trunc(v[PS_SPACE_USE_ILD].start) != 0.0;
    s->ear_angle_deg = v[PS_SPACE_EAR_ANGLE].start;
    s->head_radius_m = v[PS_SPACE_HEAD_RADIUS].start;
    s->itd_scale = v[PS_SPACE_ITD_SCALE].start;
    s->ild_max_db = v[PS_SPACE_ILD_MAX].start;
    s->ref_distance_m = v[PS_SPACE_REF_DISTANCE].start;
    s->rolloff = v[PS_SPACE_ROLLOFF].start;
    s->hf_roll_db_per_m = v[PS_SPACE_HF_ROLL].start;
    s->smooth_theta_ms = v[PS_SPACE_SMOOTH_THETA].start;
    s->smooth_distance_ms = v[PS_SPACE_SMOOTH_DISTANCE].start;
    s->min_distance_m = v[PS_SPACE_MIN_DISTANCE].start;
    s->max_deg_per_s = v[PS_SPACE_MAX_SPEED].start;
    s->max_delay_step = v[PS_SPACE_MAX_DELAY_STEP].start;
    s->four_taps = trunc(v[PS_SPACE_INTERP].start) != 0.0;
}

ps_status ps_space_create(ps_spatial **out, const ps_voice_setup *setup, const ps_value *params,
                          const char **name, ps_error *err)
{
    uint32_t count;
    const ps_parameter *rows = ps_common_parameters(PS_COMMON_SPATIAL, &count);
    ps_setting values[PS_SPACE_ROWS];
    ps_trajectory_segment *segments = NULL;
    ps_spatial_settings settings;

    *out = NULL;
    if (!ps_value_truth(ps_value_member(params, rows[PS_SPACE_ENABLE].name)))
        return PS_OK;
    ps_status status = ps_settings_read(values, rows, count, params, false, name, err);
    if (status != PS_OK)
        return status;
    fill(&settings, values);
    status = read_segments(&segments, &settings.segment_count, values[PS_SPACE_TRAJECTORY].value,
                           setup, err);
    if (status != PS_OK) {
        *name = rows[PS_SPACE_TRAJECTORY].name;
        return status;
    }
    settings.segments = segments;
    status = ps_spatial_create(out, &settings, setup->rate_hz, setup->allocator, err);
    ps_free(setup->allocator, segments);
    return status;
}
