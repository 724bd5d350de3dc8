/*
 * Reading a Standard MIDI File (SMF 1.0): header and chunks. A first pass finds the tracks, counts
 * what is in them and tells of damage; a second one reads all tracks side by side, always the one
 * whose next event is the earliest, so that events come out in order and memory is taken once.
 */
#include "plainsong/score.h"

#include <string.h>

#include "base/bytes.h"
#include "midi/rmid.h"
#include "midi/score.h"
#include "midi/smf_track.h"

#define DIVISION_INSTEAD    480u  /* of a division that says nothing */
#define HEADER_WITHIN_BYTES 4096u /* old transfer programs put headers of their own in front */

typedef struct track_place {
    struct track_place *next;
    const uint8_t *at, *end;
    bool has_tempo; /* a tempo event */
    uint64_t last_tick;
} track_place;

typedef struct reader {
    ps_mender mender;
    const uint8_t *at, *end; /* the next chunk, and the end of the file */
    uint32_t format, said_tracks;
    uint16_t division;
    const uint8_t *tracks_at; /* where the header says how many */
    ps_arena scratch;
    track_place *first, *last;
    uint32_t tracks;
    size_t events, data_bytes;
} reader;

static size_t left(const reader *r)
{
    return (size_t)(r->end - r->at);
}

static const uint8_t *find(const uint8_t *at, const uint8_t *end, const char *id)
{
    while (end - at >= 4) {
        const uint8_t *hit = memchr(at, id[0], (size_t)(end - at) - 3);

        if (!hit)
            return NULL;
        if (memcmp(hit, id, 4) == 0)
            return hit;
        at = hit + 1;
    }
    return NULL;
}

static uint32_t u32_be(const uint8_t *b)
{
    return (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
}

/* Could a chunk begin here? A track may have any length, for it is mended; others must fit. */
static bool is_chunk(const uint8_t *at, const uint8_t *end)
{
    if (end - at < 8)
        return false;
    if (memcmp(at, "MTrk", 4) == 0)
        return true;
    for (int i = 0; i < 4; i++)
        if (at[i] < 0x20 || at[i] > 0x7e)
            return false;
    return u32_be(at + 4) <= (size_t)(end - at) - 8;
}

/* ---- Header --------------------------------------------------------------------------------- */

static ps_status not_midi(reader *r)
{
    const size_t size_bytes = left(r);
    char begin[4 * 4 + 1] = "";
    size_t used = 0;

    if (size_bytes == 0)
        return ps_fail_at(r->mender.err, PS_BAD_DATA, 0, "midi: the file is empty");
    for (size_t i = 0; i < 4 && i < size_bytes; i++)
        begin[used++] = r->at[i] >= 0x20 && r->at[i] < 0x7f ? (char)r->at[i] : '?';
    return ps_fail_at(r->mender.err, PS_BAD_DATA, (uint64_t)(r->at - r->mender.start),
                      "midi: not a MIDI file: begins with '%s', not with 'MThd'", begin);
}

static bool find_header(reader *r)
{
    const size_t within = left(r) < HEADER_WITHIN_BYTES ? left(r) : HEADER_WITHIN_BYTES;
    const uint8_t *header = find(r->at, r->at + within, "MThd");

    if (!header)
        return false;
    if (header != r->at && !ps_mend(&r->mender, r->at, "%zu bytes before the header are ignored",
                                    (size_t)(header - r->at)))
        return false;
    r->at = header;
    return true;
}

/* Moves to the first chunk behind the header. */
static bool skip_header(reader *r, uint32_t header_bytes)
{
    const uint8_t *header = r->at;

    r->at += 14;
    if (header_bytes == 6)
        return true;
    if (header_bytes > 6 && !(left(r) >= 4 && memcmp(r->at, "MTrk", 4) == 0) &&
        header_bytes - 6 <= left(r))
        r->at += header_bytes - 6;
    return ps_mend(&r->mender, header + 4, "header of %u bytes, not 6", (unsigned)header_bytes);
}

static bool check_division(reader *r, const uint8_t *at)
{
    const unsigned fps = 256u - (r->division >> 8);

    if (r->division == 0 || (ps_division_is_smpte(r->division) && (r->division & 0xff) == 0)) {
        const uint16_t said = r->division;

        r->division = DIVISION_INSTEAD;
        return ps_mend(&r->mender, at, "division %04X says nothing; %u ticks per quarter are taken",
                       said, DIVISION_INSTEAD);
    }
    if (ps_division_is_smpte(r->division) && fps != 24 && fps != 25 && fps != 29 && fps != 30)
        return ps_mend(&r->mender, at, "SMPTE division of %u frames per second", fps);
    return true;
}

static ps_status read_header(reader *r)
{
    const uint8_t *header;

    if (!find_header(r))
        return r->mender.refused ? PS_BAD_DATA : not_midi(r);
    header = r->at;
    if (left(r) < 14)
        return ps_fail_at(r->mender.err, PS_BAD_DATA, (uint64_t)(r->end - r->mender.start),
                          "midi: the file ends within its header");
    r->format = (uint32_t)header[8] << 8 | header[9];
    r->said_tracks = (uint32_t)header[10] << 8 | header[11];
    r->tracks_at = header + 10;
    r->division = (uint16_t)(header[12] << 8 | header[13]);
    if (!skip_header(r, u32_be(header + 4)) || !check_division(r, header + 12))
        return PS_BAD_DATA;
    if (r->format > 2) {
        if (!ps_mend(&r->mender, header + 8, "format %u is unknown; read as format 1",
                     (unsigned)r->format))
            return PS_BAD_DATA;
        r->format = 1;
    }
    return PS_OK;
}

/* ---- First pass: the chunks ----------------------------------------------------------------- */

static ps_smf_track track_at(const track_place *place, uint32_t number)
{
    ps_smf_track track;

    memset(&track, 0, sizeof track);
    track.at = place->at;
    track.end = place->end;
    track.number = number;
    return track;
}

/* Reads a track to its end to count what is in it. */
static ps_smf_step count_events(reader *r, track_place *place, ps_smf_track *track)
{
    ps_smf_step step;
    ps_event event;

    *track = track_at(place, r->tracks);
    while ((step = ps_smf_track_next(track, &r->mender, &event, NULL)) == PS_SMF_EVENT) {
        r->events++;
        r->data_bytes += event.data_bytes;
        place->has_tempo = place->has_tempo || ps_event_is_meta(&event, PS_META_TEMPO);
    }
    r->events++; /* the end of track, there or not */
    place->last_tick = event.tick;
    if (step == PS_SMF_END)
        place->end = track->at;
    return step;
}

/* Tells how a track ended, when it was not as it should be. */
static bool tell_of_end(reader *r, const ps_smf_track *track, ps_smf_step step)
{
    const unsigned human = track->number + 1;

    if (step == PS_SMF_CUT)
        return ps_mend(&r->mender, track->event_at, "track %u ends within an event", human);
    if (step == PS_SMF_OUT)
        return ps_mend(&r->mender, track->at, "track %u has no end of track event", human);
    return step == PS_SMF_END;
}

/*
 * A length can be believed when something comes after it that could follow a track. If not, the
 * track may reach as far as the next one.
 */
static bool believe(const uint8_t *at, size_t said_bytes, const uint8_t *end)
{
    const size_t there = (size_t)(end - at);

    return said_bytes == there || (said_bytes < there && is_chunk(at + said_bytes, end));
}

/* Moves behind a track that has been read, and tells when that is not where its length says. */
static bool leave_track(reader *r, const track_place *place, const ps_smf_track *track,
                        ps_smf_step step, bool believed)
{
    const uint8_t *said_at = place->at - 4;
    const size_t said_bytes = u32_be(said_at);
    const unsigned human = track->number + 1;

    r->at = step == PS_SMF_END ? track->at : place->end;
    if ((size_t)(r->at - place->at) == said_bytes)
        return true;
    /* An end of track in front of another track ends the chunk, whatever its length says. */
    if (!believed || (left(r) >= 8 && memcmp(r->at, "MTrk", 4) == 0))
        return ps_mend(&r->mender, said_at, "track %u has %zu bytes, not %zu as it says", human,
                       (size_t)(r->at - place->at), said_bytes);
    r->at = place->at + said_bytes;
    return ps_mend(&r->mender, track->at, "track %u: %zu bytes after its end are ignored", human,
                   (size_t)(r->at - track->at));
}

/* Reads the track chunk at r->at and moves behind it. */
static ps_status read_track_chunk(reader *r)
{
    const uint8_t *at = r->at + 8;
    const size_t said_bytes = u32_be(r->at + 4);
    const bool believed = believe(at, said_bytes, r->end);
    track_place *place = ps_arena_alloc(&r->scratch, 1, sizeof *place);
    ps_smf_track track;
    ps_smf_step step;

    if (!place)
        return PS_NO_MEMORY;
    place->at = at;
    place->end = believed ? at + said_bytes : find(at, r->end, "MTrk");
    if (!place->end)
        place->end = r->end;
    step = count_events(r, place, &track);
    if (step == PS_SMF_REFUSED || !leave_track(r, place, &track, step, believed) ||
        !tell_of_end(r, &track, step))
        return PS_BAD_DATA;
    if (r->last)
        r->last->next = place;
    else
        r->first = place;
    r->last = place;
    r->tracks++;
    return PS_OK;
}

/* What is no track: a chunk of another kind, or no chunk at all. */
static bool skip_foreign(reader *r)
{
    const uint8_t *start = r->at, *next;

    if (is_chunk(start, r->end)) {
        r->at += 8 + (size_t)u32_be(start + 4);
        return ps_mend(&r->mender, start, "chunk '%.4s' is no track and is ignored",
                       (const char *)start);
    }
    next = find(start, r->end, "MTrk");
    if (next && r->end - next < 8)
        next = NULL;
    r->at = next ? next : r->end;
    return ps_mend(&r->mender, start, "%zu stray byte%s ignored", (size_t)(r->at - start),
                   r->at - start == 1 ? "" : "s");
}

static bool check_counts(reader *r)
{
    if (r->said_tracks != r->tracks &&
        !ps_mend(&r->mender, r->tracks_at, "the header says %u tracks, but there are %u",
                 (unsigned)r->said_tracks, (unsigned)r->tracks))
        return false;
    if (r->format == 0 && r->tracks > 1)
        return ps_mend(&r->mender, r->tracks_at,
                       "format 0 has one track, not %u; they are played together",
                       (unsigned)r->tracks);
    return true;
}

static ps_status find_tracks(reader *r)
{
    while (left(r) > 0) {
        if (left(r) >= 8 && memcmp(r->at, "MTrk", 4) == 0) {
            const ps_status status = read_track_chunk(r);

            if (status != PS_OK)
                return status;
        } else if (!skip_foreign(r)) {
            return PS_BAD_DATA;
        }
    }
    if (r->tracks == 0)
        return ps_fail_at(r->mender.err, PS_BAD_DATA, (uint64_t)(r->end - r->mender.start),
                          "midi: there is no track in the file");
    return check_counts(r) ? PS_OK : PS_BAD_DATA;
}

/* ---- Second pass: the events ---------------------------------------------------------------- */

/* A track with its next event, in a heap whose top is the earliest. */
typedef struct stream {
    ps_smf_track track;
    ps_event next;
    uint64_t start_tick;
    bool resets_tempo; /* its first event is one that is not in the file: 120 bpm again */
    bool ended;
} stream;

static bool earlier(const stream *a, const stream *b)
{
    return a->next.tick != b->next.tick ? a->next.tick < b->next.tick
                                        : a->next.track < b->next.track;
}

static void sink(stream **heap, size_t count, size_t i)
{
    for (;;) {
        size_t least = i;
        stream *swap;

        for (size_t child = 2 * i + 1; child <= 2 * i + 2 && child < count; child++)
            if (earlier(heap[child], heap[least]))
                least = child;
        if (least == i)
            return;
        swap = heap[i];
        heap[i] = heap[least];
        heap[least] = swap;
        i = least;
    }
}

/* Reads the stream's next event; an end that is not in the file is made. */
static void advance(stream *s, ps_mender *mender, uint8_t **data)
{
    static const uint8_t default_tempo[] = {0x07, 0xa1, 0x20};
    ps_smf_step step;

    if (s->resets_tempo) {
        const ps_event reset = {.tick = s->start_tick,
                                .track = s->track.number,
                                .kind = PS_EVENT_META,
                                .a = PS_META_TEMPO,
                                .data_bytes = sizeof default_tempo,
                                .data = default_tempo};

        s->resets_tempo = false;
        s->next = reset;
        return;
    }
    step = ps_smf_track_next(&s->track, mender, &s->next, data);
    s->ended = step != PS_SMF_EVENT;
    s->next.tick += s->start_tick;
    if (s->ended) {
        s->next.kind = PS_EVENT_META;
        s->next.a = PS_META_END_OF_TRACK;
    }
}

static void merge(stream **heap, size_t count, ps_mender *mender, ps_score *score, uint8_t *data)
{
    for (size_t i = 0; i < count; i++)
        advance(heap[i], mender, &data);
    for (size_t i = count / 2; i-- > 0;)
        sink(heap, count, i);
    while (count > 0) {
        stream *top = heap[0];

        score->events[score->count] = top->next;
        score->events[score->count].order = score->count;
        score->count++;
        if (top->ended)
            heap[0] = heap[--count];
        else
            advance(top, mender, &data);
        sink(heap, count, 0);
    }
}

/* The patterns of format 2 follow one another. Each has tempos of its own, so what an earlier one
   has set must not reach into it. */
static stream **make_streams(reader *r)
{
    stream *streams = ps_arena_alloc(&r->scratch, r->tracks, sizeof *streams);
    stream **heap = ps_arena_alloc(&r->scratch, r->tracks, sizeof *heap);
    uint64_t start_tick = 0;
    bool tempo_set = false;
    uint32_t i = 0;

    if (!streams || !heap)
        return NULL;
    for (const track_place *place = r->first; place; place = place->next, i++) {
        streams[i].track = track_at(place, i);
        streams[i].start_tick = start_tick;
        heap[i] = &streams[i];
        if (r->format != 2)
            continue;
        streams[i].resets_tempo = tempo_set;
        r->events += tempo_set;
        tempo_set = tempo_set || place->has_tempo;
        start_tick += place->last_tick;
    }
    return heap;
}

static bool take_texts(ps_score_info *info, ps_score *score, const ps_rmid *rmid)
{
    if (rmid->title)
        info->title = ps_score_text(score, rmid->title, rmid->title_bytes);
    if (rmid->copyright)
        info->copyright = ps_score_text(score, rmid->copyright, rmid->copyright_bytes);
    return (!rmid->title || info->title) && (!rmid->copyright || info->copyright);
}

static ps_status read_events(reader *r, const ps_rmid *rmid, const ps_allocator *allocator,
                             ps_score **out)
{
    stream **heap = make_streams(r);
    ps_score *score = NULL;
    uint8_t *data = NULL;
    ps_status status;

    if (!heap)
        return PS_NO_MEMORY;
    status = ps_score_begin(&score, r->events, allocator, r->mender.err);
    if (status != PS_OK)
        return status;
    if (r->data_bytes > 0)
        data = ps_arena_alloc(&score->arena, r->data_bytes, 1);
    if ((r->data_bytes > 0 && !data) || !take_texts(&score->info, score, rmid)) {
        ps_score_destroy(score);
        return PS_NO_MEMORY;
    }
    score->division = r->division;
    score->info.format = r->format;
    score->info.tracks = r->tracks;
    score->info.rmid = rmid->data != NULL;
    r->mender.silent = true;
    merge(heap, r->tracks, &r->mender, score, data);
    return ps_score_settle(out, score, r->mender.err);
}

static ps_status open_container(reader *r, ps_rmid *rmid, const uint8_t *bytes, size_t size_bytes)
{
    memset(rmid, 0, sizeof *rmid);
    if (!ps_is_rmid(bytes, size_bytes))
        return PS_OK;
    if (!ps_rmid_read(rmid, bytes, size_bytes, &r->mender))
        return PS_BAD_DATA;
    if (!rmid->data)
        return ps_fail_at(r->mender.err, PS_BAD_DATA, size_bytes,
                          "midi: there is no data chunk in the RMID file");
    r->at = rmid->data;
    r->end = rmid->data + rmid->data_bytes;
    return PS_OK;
}

ps_status ps_score_read(ps_score **out, const uint8_t *bytes, size_t size_bytes,
                        const ps_score_options *options, ps_error *err)
{
    const ps_allocator *allocator = ps_score_allocator(options);
    reader r;
    ps_rmid rmid;
    ps_status status;

    if (!bytes || size_bytes == 0)
        return ps_fail_at(err, PS_BAD_DATA, 0, "midi: the file is empty");
    memset(&r, 0, sizeof r);
    r.mender.start = bytes;
    r.mender.warnings = options ? &options->warnings : NULL;
    r.mender.err = err;
    r.mender.strict = options && options->strict;
    r.at = bytes;
    r.end = bytes + size_bytes;
    ps_arena_init(&r.scratch, allocator);
    status = open_container(&r, &rmid, bytes, size_bytes);
    if (status == PS_OK)
        status = read_header(&r);
    if (status == PS_OK)
        status = find_tracks(&r);
    if (status == PS_OK)
        status = read_events(&r, &rmid, allocator, out);
    ps_arena_clear(&r.scratch);
    return status == PS_NO_MEMORY ? ps_fail(err, status, "midi: out of memory") : status;
}
