/*
 * A piece: something to play, made a source with the effects and the mastering around it, and all
 * that the source needs to live. The same steps as ps_render_file's, so the same samples.
 */
#include "core.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define MIDI_RATE_HZ 44100u
#define LONGEST_SEC  1e9

/* ---- Effects and mastering ------------------------------------------------------------------ */

/* Frames that will be played, for the GPU to know what pays; mastering hears everything. */
static uint64_t frames_of(const core_sound *sound, double rate_hz)
{
    if (sound->master || !(sound->last_sec > 0.0 && sound->last_sec <= LONGEST_SEC))
        return 0;
    return (uint64_t)(sound->last_sec * rate_hz) + 1;
}

static ps_status put_chain(core_piece *piece, const core_sound *sound, const ps_chain *chain,
                           ps_source **source, const ps_effect_media *media, ps_error *err)
{
    ps_effect_source_options options = ps_effect_source_defaults();
    ps_source *inner = *source;

    if (!chain || ps_chain_count(chain) == 0)
        return PS_OK;
    options.tail_sec = sound->effects_tail_sec;
    options.rack.media = media ? *media : ps_effect_files();
    options.rack.seed = sound->seed;
    options.rack.accelerator = core_gpu((ps_gpu_mode)sound->gpu);
    options.rack.frames = frames_of(sound, ps_source_rate_hz(inner));
    *source = NULL;
    return ps_effect_source_create(source, piece->engine.engine, inner, chain, &options, err);
}

static bool tell_mastering(void *user, double done)
{
    return core_progress_tell(user, done, "mastering");
}

static ps_status keep_master_chain(core_piece *piece, const ps_chain *chain, ps_error *err)
{
    const size_t bytes = ps_chain_write(chain, NULL, 0) + 1;

    piece->master_chain = malloc(bytes);
    if (!piece->master_chain)
        return ps_fail(err, PS_NO_MEMORY, "no memory for a chain");
    ps_chain_write(chain, piece->master_chain, bytes);
    return PS_OK;
}

static ps_status put_master(core_piece *piece, const core_sound *sound, core_progress *progress,
                            ps_error *err)
{
    ps_master_options options = ps_master_defaults();
    ps_chain *chain = NULL;
    ps_status status;

    if (!sound->master)
        return PS_OK;
    options.lufs = sound->master_lufs;
    options.progress = tell_mastering;
    options.user = progress;
    status =
        ps_master_make(&chain, &piece->master, piece->engine.engine, piece->source, &options, err);
    if (status == PS_OK)
        status = ps_source_seek(piece->source, 0);
    if (status == PS_OK)
        status = keep_master_chain(piece, chain, err);
    if (status == PS_OK)
        status = put_chain(piece, sound, chain, &piece->source, NULL, err);
    ps_chain_destroy(chain);
    return status;
}

/* What is common to all pieces, once their source is there. */
static ps_status finish(core_piece *piece, const core_sound *sound, core_progress *progress,
                        ps_error *err)
{
    const ps_status status = put_chain(piece, sound, sound->chain, &piece->source, NULL, err);

    piece->seed = sound->seed;
    return status == PS_OK ? put_master(piece, sound, progress, err) : status;
}

/* ---- Scores --------------------------------------------------------------------------------- */

static ps_status open_banks(core_piece *piece, ps_error *err)
{
    ps_status status = PS_OK;

    if (piece->bank_count == 0) {
        status = core_bank_open(&piece->banks[0], NULL, false, err);
        piece->bank_count = status == PS_OK;
    }
    for (uint32_t i = 0; i < piece->bank_count; i++)
        piece->choices[i].bank = core_bank_soundfont(piece->banks[i]);
    return status;
}

/* The music, its loops and a second for the last note to die: only for the progress. */
static uint64_t likely_frames(const ps_score *score, const core_sound *sound, double rate_hz)
{
    ps_score_info info;
    ps_score_loop loop;
    double seconds;

    ps_score_get_info(score, &info);
    seconds = info.music_seconds + 1.0;
    if (sound->performance.loops > 0 && ps_score_find_loop(score, &loop))
        seconds += sound->performance.loops * (ps_score_seconds(score, loop.end_tick) -
                                               ps_score_seconds(score, loop.start_tick));
    return (uint64_t)(seconds * rate_hz);
}

static ps_status perform(core_piece *piece, const ps_score *score,
                         const ps_performance_options *options, ps_channel_set channels,
                         ps_source **out, ps_error *err)
{
    ps_performance_options own = *options;

    own.synth.channels = channels;
    return ps_performance_create(out, piece->engine.engine, score, piece->choices,
                                 piece->bank_count, &own, err);
}

/* The channels without effects of their own, and each of the others behind its effects. */
static ps_status perform_parts(core_piece *piece, const ps_score *score, const core_sound *sound,
                               const ps_performance_options *options, ps_source **parts,
                               size_t *made, ps_error *err)
{
    ps_channel_set rest = options->synth.channels;
    ps_status status;

    for (uint32_t i = 0; i < sound->channel_count; i++)
        ps_channels_remove(&rest, sound->channels[i].channel);
    status = perform(piece, score, options, rest, &parts[0], err);
    *made = status == PS_OK;
    for (uint32_t i = 0; i < sound->channel_count && status == PS_OK; i++) {
        ps_channel_set alone = ps_channels_none();

        ps_channels_add(&alone, sound->channels[i].channel);
        status = perform(piece, score, options, alone, &parts[*made], err);
        if (status == PS_OK)
            status = put_chain(piece, sound, sound->channels[i].chain, &parts[*made], NULL, err);
        *made += status == PS_OK;
    }
    return status;
}

static ps_status perform_all(core_piece *piece, const ps_score *score, const core_sound *sound,
                             ps_error *err)
{
    ps_performance_options options = sound->performance;
    ps_source *parts[1 + PS_SCORE_CHANNELS];
    size_t made = 0;
    ps_status status;

    options.synth.rate_hz = sound->rate_hz ? sound->rate_hz : MIDI_RATE_HZ;
    status = perform_parts(piece, score, sound, &options, parts, &made, err);
    if (status != PS_OK) {
        while (made > 0)
            ps_source_destroy(parts[--made]);
        return status;
    }
    if (made > 1)
        return ps_mix_source_create(&piece->source, parts, made, NULL, err);
    piece->source = parts[0];
    return PS_OK;
}

ps_status core_piece_open_score(core_piece *piece, const ps_score *score, const core_sound *sound,
                                core_progress *progress, ps_error *err)
{
    ps_score_info info;
    ps_status status;

    ps_score_get_info(score, &info);
    if (info.notes == 0)
        return ps_fail(err, PS_BAD_DATA, "no notes");
    status = core_engine_borrow(&piece->engine, sound->threads, err);
    if (status == PS_OK)
        status = open_banks(piece, err);
    if (status == PS_OK)
        status = perform_all(piece, score, sound, err);
    if (status == PS_OK)
        piece->likely_frames = likely_frames(score, sound, ps_source_rate_hz(piece->source));
    return status == PS_OK ? finish(piece, sound, progress, err) : status;
}

/* ---- Tracks --------------------------------------------------------------------------------- */

/* The effects that stand in the track. The old renderer knew of none. A chain that is none is told
   and left out. */
static ps_status put_own_effects(core_piece *piece, core_track track, const core_sound *sound,
                                 const ps_track_options *options, ps_error *err)
{
    ps_error why = core_no_error();
    ps_chain *chain = NULL;
    ps_status status;

    if (sound->reference)
        return PS_OK;
    if (ps_track_effects(&chain, ps_track_file_track(track.file), &options->media.chains, &why) !=
        PS_OK) {
        options->locator.locate(options->locator.user, "global.effects", &why);
        options->warnings.add(options->warnings.user, &why);
        return PS_OK;
    }
    status = put_chain(piece, sound, chain, &piece->source, &options->media.effects, err);
    ps_chain_destroy(chain);
    return status;
}

static ps_status open_media(core_piece *piece, core_track track, ps_error *err)
{
    const ps_media_options options = {.track_path = track.path,
                                      .engine = piece->engine.engine,
                                      .banks = piece->choices,
                                      .bank_count = piece->bank_count};

    for (uint32_t i = 0; i < piece->bank_count; i++)
        piece->choices[i].bank = core_bank_soundfont(piece->banks[i]);
    return ps_media_create(&piece->media, &options, err);
}

ps_status core_piece_open_track(core_piece *piece, core_track track, const core_sound *sound,
                                core_progress *progress, ps_error *err)
{
    ps_track_options options = {.rate_hz = sound->rate_hz,
                                .reference = sound->reference,
                                .seed = sound->seed,
                                .warnings = core_warnings_lend(&piece->warnings),
                                .locator = ps_track_file_locator(track.file)};
    ps_status status = core_engine_borrow(&piece->engine, sound->threads, err);

    piece->track = true;
    piece->reference = sound->reference;
    piece->warnings.path = track.path;
    if (status == PS_OK)
        status = open_media(piece, track, err);
    if (status != PS_OK)
        return status;
    options.media = ps_media_lend(piece->media);
    options.accelerator = core_gpu((ps_gpu_mode)sound->gpu);
    status = ps_track_source_create(&piece->source, piece->engine.engine,
                                    ps_track_file_track(track.file), &options, err);
    if (status != PS_OK && track.path)
        ps_error_in(err, track.path);
    if (status == PS_OK)
        status = put_own_effects(piece, track, sound, &options, err);
    return status == PS_OK ? finish(piece, sound, progress, err) : status;
}

/* ---- Recordings ----------------------------------------------------------------------------- */

ps_status core_piece_open_input(core_piece *piece, const core_sound *sound, core_progress *progress,
                                ps_error *err)
{
    const core_input *input = &piece->input;
    ps_status status = core_engine_borrow(&piece->engine, sound->threads, err);

    if (status == PS_OK)
        status = core_interleaved_source(&piece->source, input->samples, input->frames,
                                         input->channels, sound->rate_hz, err);
    return status == PS_OK ? finish(piece, sound, progress, err) : status;
}

ps_status core_piece_open_audio(core_piece *piece, const char *path, const core_sound *sound,
                                core_progress *progress, ps_error *err)
{
    ps_status status = core_engine_borrow(&piece->engine, sound->threads, err);

    if (status == PS_OK)
        status = ps_audio_file_source(&piece->source, path, sound->rate_hz, err);
    return status == PS_OK ? finish(piece, sound, progress, err) : status;
}

void core_piece_close(core_piece *piece)
{
    ps_source_destroy(piece->source);
    ps_media_destroy(piece->media);
    for (uint32_t i = 0; i < piece->bank_count; i++)
        core_bank_close(piece->banks[i]);
    core_engine_give_back(&piece->engine);
    free(piece->master_chain);
    piece->source = NULL;
    piece->media = NULL;
    piece->bank_count = 0;
    piece->master_chain = NULL;
}
