/*
 * The synthesizer as an object: control from span to span, sound of a span, and the real-time
 * rendering that does one right after the other.
 *
 *   messages ─► control ─► spans of groups ─► read, filter, sum ─► buses ─► reverb, chorus ─► out
 */
#include "synth/inside.h"

#include <string.h>

/* Files have notes of no length at all, drums above all, that nobody would hear: a release waits
   until the note has sounded this long, FluidSynth's default. */
#define LEAST_NOTE_SEC 0.010

ps_synth_options ps_synth_defaults(void)
{
    const ps_synth_options defaults = {
        .rate_hz = 44100.0,
        .polyphony = 256,
        .interpolation = PS_INTERPOLATE_CUBIC,
        .bank_mode = PS_BANK_GS,
        .gain = 0.5,
        .reverb_gain = 1.0,
        .chorus_gain = 1.0,
        .velocity_to_filter = false,
        .channels = ps_channels_all(),
    };

    return defaults;
}

/* ---- Control ------------------------------------------------------------------------------------
 */

/* Gives the lanes of notes that have ended back. */
static void retire(ps_synth *synth, uint32_t group_index, uint32_t ended)
{
    for (uint32_t lane = 0; ended >> lane; lane++) {
        if (!(ended >> lane & 1u))
            continue;
        if (synth->notes[group_index * PS_GROUP_LANES + lane].fading)
            synth->fading--;
        synth->active--;
    }
    synth->groups[group_index].mask &= ~ended;
}

static void control_group(ps_synth *synth, uint32_t group_index, uint32_t offset, uint32_t frames,
                          ps_span_sink *sink, void *user)
{
    ps_group_span *group = &synth->groups[group_index];
    ps_note *notes = &synth->notes[group_index * PS_GROUP_LANES];

    group->flags = group->begun = group->told = group->at_once = group->ended = 0;
    group->offset = offset;
    group->frames = frames;
    for (uint32_t lane = 0; group->mask >> lane; lane++) {
        if (!(group->mask >> lane & 1u))
            continue;
        group->lane_count = lane + 1;
        group->flags |= ps_note_span(&notes[lane], &synth->span_context, group, lane, frames);
        if (!notes[lane].active)
            group->ended |= 1u << lane;
    }
    sink(user, group_index, group);
    if (group->ended)
        retire(synth, group_index, group->ended);
}

/* A span must end where a short attack ends, so that it stays short. */
static void find_corner(ps_synth *synth)
{
    synth->corner = UINT64_MAX;
    PS_EACH_NOTE(synth, note)
    {
        const uint32_t frames = ps_note_corner(note);

        if (frames > 0 && synth->frontier + frames < synth->corner)
            synth->corner = synth->frontier + frames;
    }
}

static void take_due(ps_synth *synth, const ps_feed *feed)
{
    bool any = synth->next_release <= synth->frontier;

    if (any)
        ps_synth_release_due(synth);
    while (feed->peek(feed->user) <= synth->frontier) {
        ps_synth_take(synth, feed->take(feed->user));
        any = true;
    }
    if (any || synth->corner <= synth->frontier)
        find_corner(synth);
}

static uint32_t span_frames(const ps_synth *synth, const ps_feed *feed, uint64_t end)
{
    const uint64_t next = feed->peek(feed->user);
    uint64_t stop = (synth->frontier / PS_GRID_FRAMES + 1) * PS_GRID_FRAMES;

    if (stop > end)
        stop = end;
    if (next < stop)
        stop = next;
    if (synth->corner < stop)
        stop = synth->corner;
    if (synth->next_release < stop)
        stop = synth->next_release;
    return (uint32_t)(stop - synth->frontier);
}

void ps_synth_control(ps_synth *synth, const ps_feed *feed, uint32_t frames, ps_span_sink *sink,
                      void *user)
{
    const uint64_t first = synth->frontier, end = first + frames;

    while (synth->frontier < end) {
        uint32_t count;

        take_due(synth, feed);
        count = span_frames(synth, feed, end);
        for (uint32_t group = 0; group < synth->group_count && synth->active > 0; group++) {
            if (synth->groups[group].mask)
                control_group(synth, group, (uint32_t)(synth->frontier - first), count, sink, user);
        }
        synth->frontier += count;
    }
}

/* ---- Sound --------------------------------------------------------------------------------------
 */

static void play_now(void *user, uint32_t group, const ps_group_span *span)
{
    ps_synth *synth = user;

    ps_player_play(&synth->players[group], span, &synth->playing, synth->desk, synth->buses);
}

static void go_by(void *user, uint32_t group, const ps_group_span *span)
{
    ps_synth *synth = user;

    ps_player_pass(&synth->players[group], span, &synth->playing);
}

void ps_synth_pass(ps_synth *synth, const ps_feed *feed, uint32_t frames)
{
    ps_synth_control(synth, feed, frames, go_by, synth);
}

/* The buses of one grid run apart, with the gains of the effects in their sends. */
static void part_buses(const ps_synth *synth, const float *restrict buses, ps_block out,
                       float *restrict reverb, float *restrict chorus)
{
    const float reverb_gain = (float)synth->options.reverb_gain;
    const float chorus_gain = (float)synth->options.chorus_gain;
    float *restrict left = out.left, *restrict right = out.right;

    for (uint32_t i = 0; i < PS_GRID_FRAMES; i++) {
        left[i] = buses[i * PS_BUSES + PS_BUS_LEFT];
        right[i] = buses[i * PS_BUSES + PS_BUS_RIGHT];
        reverb[i] = buses[i * PS_BUSES + PS_BUS_REVERB] * reverb_gain;
        chorus[i] = buses[i * PS_BUSES + PS_BUS_CHORUS] * chorus_gain;
    }
}

bool ps_synth_finish_dry(ps_synth *synth, const float *buses, ps_block out, float *chorus)
{
    float reverb[PS_GRID_FRAMES];

    part_buses(synth, buses, out, reverb, chorus);
    if (!synth->reverb)
        return true;
    ps_reverb_process(synth->reverb, reverb, out.left, out.right, PS_GRID_FRAMES);
    return ps_reverb_silent(synth->reverb);
}

bool ps_synth_finish_chorus(ps_synth *synth, const float *chorus, ps_block out)
{
    if (!synth->chorus)
        return true;
    ps_chorus_process(synth->chorus, chorus, out.left, out.right, PS_GRID_FRAMES);
    return ps_chorus_silent(synth->chorus);
}

static void run_once(ps_synth *synth, const ps_feed *feed, ps_block out)
{
    float chorus[PS_GRID_FRAMES];

    memset(synth->buses, 0, PS_GRID_FRAMES * PS_BUSES * sizeof *synth->buses);
    ps_synth_control(synth, feed, PS_GRID_FRAMES, play_now, synth);
    ps_synth_finish_dry(synth, synth->buses, out, chorus);
    ps_synth_finish_chorus(synth, chorus, out);
}

/* Grid runs of the block that begins at the frontier in which nothing can sound. */
static uint32_t silent_frames(const ps_synth *synth, const ps_feed *feed, uint32_t most)
{
    const uint64_t next = feed->peek(feed->user);

    if (next <= synth->frontier || !ps_synth_is_silent(synth))
        return 0;
    return next - synth->frontier >= most
               ? most
               : (uint32_t)(next - synth->frontier) / PS_GRID_FRAMES * PS_GRID_FRAMES;
}

void ps_synth_run(ps_synth *synth, const ps_feed *feed, ps_block out)
{
    const uint32_t silent = silent_frames(synth, feed, out.frames);

    if (silent > 0) {
        memset(out.left, 0, silent * sizeof *out.left);
        memset(out.right, 0, silent * sizeof *out.right);
        synth->frontier += silent;
        if (synth->reverb)
            ps_reverb_rest(synth->reverb, silent);
        if (synth->chorus)
            ps_chorus_rest(synth->chorus, silent);
        out = ps_block_part(out, silent, out.frames - silent);
    }
    for (uint32_t first = 0; first < out.frames; first += PS_GRID_FRAMES)
        run_once(synth, feed, ps_block_part(out, first, PS_GRID_FRAMES));
}

bool ps_synth_is_silent(const ps_synth *synth)
{
    return synth->active == 0 && (!synth->reverb || ps_reverb_silent(synth->reverb)) &&
           (!synth->chorus || ps_chorus_silent(synth->chorus));
}

/* ---- The object ---------------------------------------------------------------------------------
 */

static ps_status check(const ps_synth_options *options, ps_error *err)
{
    if (!(options->rate_hz >= PS_RATE_MIN_HZ && options->rate_hz <= PS_RATE_MAX_HZ))
        return ps_fail(err, PS_BAD_ARGUMENT, "synth: rate of %g Hz is outside %g..%g",
                       options->rate_hz, PS_RATE_MIN_HZ, PS_RATE_MAX_HZ);
    if (options->polyphony < 1 || options->polyphony > 4096)
        return ps_fail(err, PS_BAD_ARGUMENT, "synth: polyphony of %u is outside 1..4096",
                       (unsigned)options->polyphony);
    if ((unsigned)options->interpolation >= PS_INTERPOLATIONS)
        return ps_fail(err, PS_BAD_ARGUMENT, "synth: no such interpolation: %d",
                       (int)options->interpolation);
    if ((unsigned)options->bank_mode > PS_BANK_MMA)
        return ps_fail(err, PS_BAD_ARGUMENT, "synth: no such bank mode: %d",
                       (int)options->bank_mode);
    if (!(options->gain >= 0.0 && options->gain <= 1000.0) ||
        !(options->reverb_gain >= 0.0 && options->reverb_gain <= 1000.0) ||
        !(options->chorus_gain >= 0.0 && options->chorus_gain <= 1000.0))
        return ps_fail(err, PS_BAD_ARGUMENT, "synth: a gain is outside 0..1000");
    return PS_OK;
}

static ps_status make_effects(ps_synth *synth, ps_error *err)
{
    const ps_allocator *allocator = synth->engine->allocator;
    const double rate_hz = synth->options.rate_hz;
    ps_status status = PS_OK;

    if (synth->options.reverb_gain > 0.0)
        status = ps_reverb_create(&synth->reverb, rate_hz, allocator, err);
    if (status == PS_OK && synth->options.chorus_gain > 0.0)
        status = ps_chorus_create(&synth->chorus, rate_hz, allocator, err);
    if (synth->reverb)
        ps_reverb_use_row(synth->reverb, synth->engine->kernels->name);
    if (synth->chorus)
        ps_chorus_use_row(synth->chorus, synth->engine->kernels->name);
    if (status == PS_OK && synth->options.interpolation == PS_INTERPOLATE_SINC8)
        status = ps_sinc_set_create(&synth->sinc, 8, allocator, err);
    if (status == PS_OK && synth->options.interpolation == PS_INTERPOLATE_SINC32)
        status = ps_sinc_set_create(&synth->sinc, 32, allocator, err);
    return status;
}

static bool make_arrays(ps_synth *synth)
{
    const ps_allocator *allocator = synth->engine->allocator;

    /* Half as many lanes again for notes that fade while others take their place. */
    synth->group_count = (synth->options.polyphony * 3 / 2 + PS_GROUP_LANES) / PS_GROUP_LANES;
    synth->channels = ps_alloc(allocator, PS_SCORE_CHANNELS, sizeof *synth->channels);
    synth->drum_keys = ps_alloc(allocator, PS_SCORE_CHANNELS * 128u, sizeof *synth->drum_keys);
    synth->notes =
        ps_alloc(allocator, (size_t)synth->group_count * PS_GROUP_LANES, sizeof *synth->notes);
    synth->groups = ps_alloc(allocator, synth->group_count, sizeof *synth->groups);
    synth->players = ps_alloc(allocator, synth->group_count, sizeof *synth->players);
    synth->desk = ps_alloc(allocator, 1, sizeof *synth->desk);
    synth->regions = ps_alloc(allocator, PS_KEY_REGIONS, sizeof *synth->regions);
    synth->queue = ps_alloc(allocator, PS_SYNTH_QUEUE, sizeof *synth->queue);
    synth->buses = ps_alloc(allocator, PS_GRID_FRAMES * PS_BUSES, sizeof *synth->buses);
    return synth->channels && synth->drum_keys && synth->notes && synth->groups && synth->players &&
           synth->desk && synth->regions && synth->queue && synth->buses;
}

ps_status ps_synth_create(ps_synth **out, ps_engine *engine, const ps_synth_options *options,
                          ps_error *err)
{
    const ps_synth_options defaults = ps_synth_defaults();
    ps_synth *synth;
    ps_status status;

    if (!options)
        options = &defaults;
    status = check(options, err);
    if (status != PS_OK)
        return status;
    synth = ps_alloc(engine->allocator, 1, sizeof *synth);
    if (!synth)
        return ps_fail(err, PS_NO_MEMORY, "no memory for a synthesizer");
    synth->engine = engine;
    synth->options = *options;
    status = make_arrays(synth) ? make_effects(synth, err)
                                : ps_fail(err, PS_NO_MEMORY, "no memory for a synthesizer");
    if (status != PS_OK) {
        ps_synth_destroy(synth);
        return status;
    }
    ps_curves_init(&synth->curves);
    ps_playing_init(&synth->playing, engine->kernels, options->interpolation, synth->sinc);
    for (uint32_t i = 0; i < PS_SCORE_CHANNELS; i++)
        synth->channels[i].drum_keys = synth->drum_keys + (size_t)i * 128;
    synth->least_frames = (uint32_t)(LEAST_NOTE_SEC * options->rate_hz + 0.5);
    synth->span_context.rate_hz = options->rate_hz;
    synth->span_context.octave_of_cents = ps_octave_of_cents(options->rate_hz);
    ps_synth_reset(synth);
    *out = synth;
    return PS_OK;
}

void ps_synth_destroy(ps_synth *synth)
{
    const ps_allocator *allocator;

    if (!synth)
        return;
    allocator = synth->engine->allocator;
    ps_sinc_set_destroy(synth->sinc);
    ps_chorus_destroy(synth->chorus);
    ps_reverb_destroy(synth->reverb);
    ps_free(allocator, synth->buses);
    ps_free(allocator, synth->queue);
    ps_free(allocator, synth->regions);
    ps_free(allocator, synth->desk);
    ps_free(allocator, synth->players);
    ps_free(allocator, synth->groups);
    ps_free(allocator, synth->notes);
    ps_free(allocator, synth->drum_keys);
    ps_free(allocator, synth->channels);
    ps_free(allocator, synth);
}

ps_status ps_synth_add_bank(ps_synth *synth, ps_soundfont *bank, uint32_t bank_offset,
                            ps_error *err)
{
    if (synth->bank_count == PS_SYNTH_BANKS)
        return ps_fail(err, PS_BAD_ARGUMENT, "synth: no more than %u banks",
                       (unsigned)PS_SYNTH_BANKS);
    if (bank_offset > 16383)
        return ps_fail(err, PS_BAD_ARGUMENT, "synth: bank offset of %u is outside 0..16383",
                       (unsigned)bank_offset);
    synth->banks[synth->bank_count].bank = bank;
    synth->banks[synth->bank_count++].offset = bank_offset;
    return PS_OK;
}

void ps_synth_reset(ps_synth *synth)
{
    static const ps_select select[] = {PS_SELECT_GM, PS_SELECT_GS, PS_SELECT_XG, PS_SELECT_MMA};

    for (uint32_t i = 0; i < synth->group_count * PS_GROUP_LANES; i++)
        synth->notes[i].active = false;
    for (uint32_t i = 0; i < synth->group_count; i++) {
        retire(synth, i, synth->groups[i].mask);
        memset(&synth->groups[i], 0, sizeof synth->groups[i]);
        ps_player_reset(&synth->players[i]);
    }
    synth->queue_count = 0;
    synth->next_serial = 1;
    synth->corner = synth->next_release = UINT64_MAX;
    synth->out_used = PS_GRID_FRAMES;
    if (synth->reverb)
        ps_reverb_reset(synth->reverb);
    if (synth->chorus)
        ps_chorus_reset(synth->chorus);
    ps_synth_power_on(synth, select[synth->options.bank_mode]);
}

/* ---- In real time -------------------------------------------------------------------------------
 */

static uint64_t peek_queue(void *user)
{
    const ps_synth *synth = user;

    return synth->queue_count ? synth->queue[synth->queue_first].frame : UINT64_MAX;
}

static const ps_event *take_queue(void *user)
{
    ps_synth *synth = user;
    const ps_event *event = &synth->queue[synth->queue_first].event;

    synth->queue_first = (synth->queue_first + 1) % PS_SYNTH_QUEUE;
    synth->queue_count--;
    return event;
}

bool ps_synth_send(ps_synth *synth, uint64_t frame, const ps_event *event)
{
    ps_queued *queued;

    if (synth->queue_count == PS_SYNTH_QUEUE)
        return false;
    queued = &synth->queue[(synth->queue_first + synth->queue_count) % PS_SYNTH_QUEUE];
    queued->frame = frame;
    queued->event = *event;
    synth->queue_count++;
    return true;
}

void ps_synth_render(ps_synth *synth, ps_block block)
{
    const ps_feed feed = {peek_queue, take_queue, synth};
    const ps_block run = {synth->out_left, synth->out_right, PS_GRID_FRAMES};
    uint32_t done = 0;

    while (done < block.frames) {
        uint32_t count = PS_GRID_FRAMES - synth->out_used;

        if (count == 0) {
            ps_synth_run(synth, &feed, run);
            synth->out_used = 0;
            count = PS_GRID_FRAMES;
        }
        if (count > block.frames - done)
            count = block.frames - done;
        memcpy(block.left + done, run.left + synth->out_used, count * sizeof *block.left);
        memcpy(block.right + done, run.right + synth->out_used, count * sizeof *block.right);
        synth->out_used += count;
        done += count;
    }
}

uint64_t ps_synth_frontier(const ps_synth *synth)
{
    return synth->frontier;
}

void ps_synth_get_stats(const ps_synth *synth, ps_synth_stats *stats)
{
    *stats = synth->stats;
    stats->active = synth->active;
}

const ps_missing_preset *ps_synth_missing_presets(const ps_synth *synth, uint32_t *count)
{
    *count = synth->missing_count;
    return synth->missing;
}
