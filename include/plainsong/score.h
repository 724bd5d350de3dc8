/*
 * A score: the timed events of a MIDI file.
 *
 * Times are exact. A position is a tick (the file's own unit) and becomes a frame by the tempo map
 * in integers alone, so nothing drifts however long the piece. A score is immutable; an edit makes
 * a new one. A score may be read by many threads at once.
 */
#ifndef PLAINSONG_SCORE_H
#define PLAINSONG_SCORE_H

#include <stdbool.h>
#include <stddef.h>

#include "plainsong/memory.h"
#include "plainsong/status.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct ps_score ps_score;

typedef enum ps_event_kind {
    PS_EVENT_NOTE_OFF,         /* a = key, b = velocity */
    PS_EVENT_NOTE_ON,          /* a = key, b = velocity 1..127 (0 is read as NOTE_OFF of 64) */
    PS_EVENT_POLY_PRESSURE,    /* a = key, b = pressure */
    PS_EVENT_CONTROL,          /* a = controller, b = value */
    PS_EVENT_PROGRAM,          /* a = program */
    PS_EVENT_CHANNEL_PRESSURE, /* a = pressure */
    PS_EVENT_PITCH_BEND,       /* a = low 7 bits, b = high 7 bits; centre is 0x2000 */
    PS_EVENT_SYSEX,            /* data = the message from F0 on, F7 included when there; packets are
                                  joined. Else, of an F7 escape: its bytes as they stand */
    PS_EVENT_META,             /* a = type (0x51 tempo, ...), data = its bytes */
} ps_event_kind;

/** The most channels: 16 ports of 16. */
#define PS_SCORE_CHANNELS 256u

typedef struct ps_event {
    uint64_t tick;
    uint64_t order;   /* its place in the score, counted from 0 */
    uint32_t track;   /* counted from 0 */
    uint16_t channel; /* port * 16 + MIDI channel, 0..255; the port's first for SYSEX; 0 for META */
    uint8_t kind;     /* a ps_event_kind */
    uint8_t a, b;     /* data bytes, 0..127; a of META 0..255 */
    uint32_t data_bytes;
    const uint8_t *data; /* SYSEX and META; owned by the score; NULL when data_bytes is 0 */
} ps_event;

typedef struct ps_score_options {
    const ps_allocator *allocator; /* NULL: the C library's */
    bool strict;                   /* refuse what would otherwise be mended with a warning */
    ps_warnings warnings;          /* told of every mend, with its byte */
} ps_score_options;

/**
 * Reads a Standard MIDI File (format 0, 1, 2), an RMID (RIFF) file or karaoke from memory.
 *
 * Common damage is mended and reported: missing or too many tracks, wrong track lengths, missing
 * end of track, running status across meta events, data bytes out of place, system messages inside
 * tracks, foreign chunks, a file cut short. Format 0 with several tracks plays them together. The
 * patterns of format 2 follow one another, each with tempos of its own (120 bpm until it sets one).
 * Division may be ticks per quarter note or SMPTE. A port event (FF 21) moves the channels of its
 * track; ports above 16 wrap. A bank of sounds inside an RMID is told of with a warning of
 * PS_UNSUPPORTED that strict does not refuse. Time and memory are in proportion to size_bytes.
 *
 * @param bytes   the file; not needed after the call
 * @param options NULL for the defaults
 *
 * PS_BAD_DATA when it is no MIDI file at all, or damaged and options->strict.
 */
PS_API ps_status ps_score_read(ps_score **out, const uint8_t *bytes, size_t size_bytes,
                               const ps_score_options *options, ps_error *err);

/** NULL allowed. */
PS_API void ps_score_destroy(ps_score *score);

/**
 * All events in the order of tick, then track, then their place in the track. Metas are among them;
 * every track ends with one end-of-track meta (0x2f).
 */
PS_API const ps_event *ps_score_events(const ps_score *score, size_t *count);

typedef struct ps_score_info {
    uint32_t format; /* 0, 1, 2 as in the file */
    uint32_t tracks;
    bool smpte;                 /* ticks are parts of a second, tempo has no effect */
    double ticks_per_sec;       /* when smpte, else 0 */
    uint32_t ticks_per_quarter; /* when not smpte, else 0 */
    uint64_t last_tick;         /* of the last event, end of track included */
    double seconds;             /* last_tick as time */
    double music_seconds;       /* of the last event that could sound (note, not end of track) */
    size_t notes;               /* note-ons */
    uint32_t channels_used;     /* number of channels with notes */
    size_t tempo_changes;       /* tempo events, one at tick 0 included */
    double first_bpm;           /* quarters per minute at tick 0: 120 unless said */
    uint8_t numerator, denominator; /* first time signature, 4/4 unless said */
    int8_t sharps;                  /* first key signature: -7..7 */
    bool minor;
    bool rmid, karaoke;
    const char *title;     /* RMID title, else .kar title, else the first track name, or NULL;
                              bytes as in the file, in whatever encoding; owned by the score */
    const char *copyright; /* or NULL; the same */
} ps_score_info;

PS_API void ps_score_get_info(const ps_score *score, ps_score_info *info);

/** Exact frame of a tick, rounded to nearest (halves up), for a rate in whole frames per second.
 * Nothing accumulates. UINT64_MAX when it would be larger. */
PS_API uint64_t ps_score_frame(const ps_score *score, uint64_t tick, uint32_t rate_hz);

/** Time of a tick in seconds. */
PS_API double ps_score_seconds(const ps_score *score, uint64_t tick);

/** The last tick whose ps_score_seconds is at or before a time; times before 0 and NaN give 0. */
PS_API uint64_t ps_score_tick(const ps_score *score, double seconds);

/**
 * Loop region from marks: "loopStart"/"loopEnd" texts (any case), else the outermost pair of XMI CC
 * 116/117, else CC 111 (start only).
 */
typedef struct ps_score_loop {
    uint64_t start_tick, end_tick; /* end is exclusive; the last tick when no end was marked */
} ps_score_loop;

/** False when the score marks no loop. */
PS_API bool ps_score_find_loop(const ps_score *score, ps_score_loop *loop);

/**
 * ---- Edits: each makes a new score ----------------------------------------------------------
 *
 * channels NULL means all of them. A value outside its range is PS_BAD_ARGUMENT and the error names
 * the range. A note-off belongs to the latest note of its key and channel that has none yet.
 */

/** Which channels an edit is about: bit c % 64 of word c / 64. */
typedef struct ps_channel_set {
    uint64_t bits[4];
} ps_channel_set;

PS_API ps_channel_set ps_channels_all(void);
PS_API ps_channel_set ps_channels_none(void);
PS_API void ps_channels_add(ps_channel_set *set, uint32_t channel);
PS_API void ps_channels_remove(ps_channel_set *set, uint32_t channel);
PS_API bool ps_channels_has(const ps_channel_set *set, uint32_t channel);

/**
 * Moves keys by -127..127 semitones; drum channels (MIDI channel 10) stay. Notes leaving 0..127 are
 * dropped and reported in one warning (strict: PS_BAD_ARGUMENT). When all notes but drums move, key
 * signatures move too.
 */
PS_API ps_status ps_score_transpose(ps_score **out, const ps_score *score, int semitones,
                                    const ps_channel_set *channels, const ps_score_options *options,
                                    ps_error *err);

/**
 * Plays `factor` times as fast (0.01..100). SMPTE scores get scaled ticks. PS_BAD_ARGUMENT also
 * when a tempo would leave what a file can say: 3.58 to 60 million bpm.
 */
PS_API ps_status ps_score_scale_tempo(ps_score **out, const ps_score *score, double factor,
                                      const ps_score_options *options, ps_error *err);

/** One tempo for all, 3.58 to 60 million bpm, instead of every tempo event. PS_UNSUPPORTED for
 * SMPTE scores. */
PS_API ps_status ps_score_set_tempo(ps_score **out, const ps_score *score, double bpm,
                                    const ps_score_options *options, ps_error *err);

/** velocity' = clamp(velocity * factor + offset, 1, 127), rounded; factor 0..127, offset
 * -127..127. */
PS_API ps_status ps_score_scale_velocity(ps_score **out, const ps_score *score, double factor,
                                         double offset, const ps_channel_set *channels,
                                         const ps_score_options *options, ps_error *err);

/**
 * Pulls note starts toward a grid.
 *
 * @param grid_quarters grid step in quarter notes, one tick..64: 0.25 is sixteenths
 * @param strength      0..1: how much of the way
 * @param swing         0..1: moves every second grid point late by swing * half a step
 *
 * Note lengths stay, but a note that would then reach into the next one of its key ends there.
 * PS_UNSUPPORTED for SMPTE scores.
 */
PS_API ps_status ps_score_quantize(ps_score **out, const ps_score *score, double grid_quarters,
                                   double strength, double swing, const ps_channel_set *channels,
                                   const ps_score_options *options, ps_error *err);

/**
 * Keeps start..end seconds, each taken to the last tick at or before it (end < 0: to the end; start
 * within the piece). Controllers, programs, bends, channel pressure, tempo, signatures, names and
 * SysEx before the start are chased to tick 0; notes sounding at the start are dropped, notes
 * sounding at the end are ended there.
 */
PS_API ps_status ps_score_trim(ps_score **out, const ps_score *score, double start_sec,
                               double end_sec, const ps_score_options *options, ps_error *err);

/**
 * Plays several scores together, from tick 0 on; the first one's tempo and signatures hold, and
 * the other scores' ticks are scaled to its division. Tracks are lined up one after the other;
 * channels stay, so scores that share one share its program. PS_UNSUPPORTED when some are in SMPTE
 * time and some are not.
 */
PS_API ps_status ps_score_merge(ps_score **out, const ps_score *const *scores, size_t count,
                                const ps_score_options *options, ps_error *err);

/** Only the notes and channel events of some channels, with all metas and SysEx: for splitting by
 * channel. */
PS_API ps_status ps_score_only_channels(ps_score **out, const ps_score *score,
                                        const ps_channel_set *channels,
                                        const ps_score_options *options, ps_error *err);

/** Only one track, with the tempo map and signatures of the others, as the one track of the result:
 * for splitting by track. */
PS_API ps_status ps_score_only_track(ps_score **out, const ps_score *score, uint32_t track,
                                     const ps_score_options *options, ps_error *err);

/** Channel c becomes map[c] (PS_SCORE_CHANNELS entries, each 0..255). */
PS_API ps_status ps_score_remap(ps_score **out, const ps_score *score, const uint16_t *map,
                                const ps_score_options *options, ps_error *err);

typedef struct ps_click_options {
    uint32_t count_in_bars;       /* 0..64 bars of click before the piece; moves everything later */
    bool whole_piece;             /* click on every beat to the end */
    uint16_t channel;             /* 9 */
    uint8_t accent_key, beat_key; /* 76, 77: GM wood blocks */
    uint8_t accent_velocity, beat_velocity; /* 120, 90 */
} ps_click_options;

/**
 * Adds a click track, a click on each beat (the unit of the time signature), accents on bars.
 * Names, tempo and signatures at tick 0 stay there. click NULL: a bar of count-in with the values
 * above. PS_UNSUPPORTED for SMPTE scores and for more than a million beats.
 */
PS_API ps_status ps_score_add_click(ps_score **out, const ps_score *score,
                                    const ps_click_options *click, const ps_score_options *options,
                                    ps_error *err);

/**
 * Writes a Standard MIDI File (format 0 when there is one track, else 1). Reading it gives the same
 * events again, and a port event wherever a track changes its port without one.
 *
 * @param bytes receives memory from the allocator; give it back with ps_free
 *
 * PS_UNSUPPORTED for what the format cannot say: 2^28 ticks or more between two events of a track,
 * more than 65535 tracks.
 */
PS_API ps_status ps_score_write(const ps_score *score, uint8_t **bytes, size_t *size_bytes,
                                const ps_allocator *allocator, ps_error *err);

/**
 * Builds a score from events in any order (they are sorted by tick, then track, then position in
 * the array; `order` is ignored). Data is copied; tracks get their ends. Ticks go up to 2^60,
 * tracks to 65534, ticks_per_quarter 1..32767.
 */
PS_API ps_status ps_score_build(ps_score **out, const ps_event *events, size_t count,
                                uint32_t ticks_per_quarter, const ps_score_options *options,
                                ps_error *err);

#ifdef __cplusplus
}
#endif

#endif
