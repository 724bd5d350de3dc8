/* Content keys: what an output depends on, as a digest. */
#include "batch_key.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fail.h"
#include "json.h"
#include "media_path.h"
#include "open_to_read.h"

#define PIECE_BYTES (64u * 1024u)

static void put_text(ps_digest *key, const char *text)
{
    *key = ps_digest_of(*key, text, strlen(text));
}

static void put_integer(ps_digest *key, uint64_t number)
{
    *key = ps_digest_of(*key, &number, sizeof number);
}

static void put_number(ps_digest *key, double number)
{
    const double plain = number == 0.0 ? 0.0 : number; /* one zero */

    *key = ps_digest_of(*key, &plain, sizeof plain);
}

void ps_batch_key_add(ps_digest *key, ps_digest other)
{
    put_integer(key, other.a);
    put_integer(key, other.b);
}

void ps_batch_key_text(char text[PS_BATCH_KEY_BYTES], ps_digest key)
{
    snprintf(text, PS_BATCH_KEY_BYTES, "%016" PRIx64 "%016" PRIx64, key.a, key.b);
}

/* ---- Files -------------------------------------------------------------------------------- */

static ps_status add_descriptor(ps_digest *key, int fd, const char *path, ps_error *err)
{
    uint8_t *piece = ps_alloc(NULL, 1, PIECE_BYTES);
    uint64_t size_bytes = 0;
    size_t filled = 0;
    ssize_t got;

    if (!piece)
        return ps_fail_memory(err, path);
    do { /* pieces are full but for the last: how the system cuts them must not be seen */
        got = read(fd, piece + filled, PIECE_BYTES - filled);
        if (got < 0 && errno == EINTR)
            continue;
        filled += got > 0 ? (size_t)got : 0;
        if (filled == PIECE_BYTES || (got == 0 && filled > 0)) {
            *key = ps_digest_of(*key, piece, filled);
            size_bytes += filled;
            filled = 0;
        }
    } while (got > 0 || (got < 0 && errno == EINTR));
    put_integer(key, size_bytes);
    ps_free(NULL, piece);
    return got < 0 ? ps_fail_system(err, PS_CANNOT_READ, path, "read", errno) : PS_OK;
}

ps_status ps_batch_key_add_file(ps_digest *key, const char *path, ps_error *err)
{
    int fd;
    ps_status status = ps_open_to_read(&fd, path, err);

    if (status != PS_OK)
        return status;
    status = add_descriptor(key, fd, path, err);
    close(fd);
    return status;
}

typedef struct naming {
    ps_digest *key;
    const char *path; /* of the track */
    char folder[PS_MEDIA_PATH_BYTES];
} naming;

static void add_if_file(naming *n, const char *text)
{
    char found[PS_MEDIA_PATH_BYTES];

    if (strlen(text) < sizeof found &&
        ps_media_path(found, sizeof found, n->folder, text, n->path, NULL) == PS_OK)
        ps_batch_key_add_file(n->key, found, NULL);
}

static void add_values(naming *n, const ps_value *value)
{
    if (value->kind == PS_VALUE_TEXT)
        add_if_file(n, value->text);
    for (size_t i = 0;
         (value->kind == PS_VALUE_LIST || value->kind == PS_VALUE_MAP) && i < value->count; i++)
        add_values(n, &value->members[i]);
}

void ps_batch_key_add_named(ps_digest *key, const char *text, size_t text_bytes, const char *path)
{
    naming n = {.key = key, .path = path};
    ps_json *json;

    if (ps_json_read(&json, text, text_bytes, NULL, NULL) != PS_OK)
        return;
    ps_folder_of(n.folder, sizeof n.folder, path);
    add_values(&n, ps_json_value(json));
    ps_json_free(json);
}

/* ---- Options ------------------------------------------------------------------------------ */

static ps_status put_chain_files(ps_digest *key, const ps_chain *chain, ps_error *err)
{
    ps_effect_info info;

    for (size_t i = 0; ps_chain_nth(chain, i, &info); i++) {
        for (uint32_t p = 0; p < info.parameter_count; p++) {
            const ps_effect_parameter *parameter = &info.parameters[p];
            const char *text = NULL;
            struct stat about;

            if (parameter->kind == PS_EFFECT_TEXT)
                text = ps_chain_get_text(chain, i, ps_effect_slot(&info, parameter->name));
            if (text && stat(text, &about) == 0 && S_ISREG(about.st_mode)) {
                const ps_status status = ps_batch_key_add_file(key, text, err);

                if (status != PS_OK)
                    return status;
            }
        }
    }
    return PS_OK;
}

static ps_status put_chain(ps_digest *key, const ps_chain *chain, ps_error *err)
{
    const size_t bytes = chain ? ps_chain_write(chain, NULL, 0) + 1 : 1;
    char *text;

    if (bytes == 1) { /* none, and one without effects, are the same */
        put_text(key, "");
        return PS_OK;
    }
    text = ps_alloc(NULL, 1, bytes);
    if (!text)
        return ps_fail(err, PS_NO_MEMORY, "no memory for a chain of effects");
    ps_chain_write(chain, text, bytes);
    put_text(key, text);
    ps_free(NULL, text);
    return put_chain_files(key, chain, err);
}

static void put_output(ps_digest *key, const ps_audio_writer_options *file)
{
    put_integer(key, file->container);
    put_integer(key, file->samples);
    put_integer(key, file->rate_hz);
    put_integer(key, file->channels);
    put_integer(key, file->dither);
    put_integer(key, file->seed);
    put_integer(key, file->truncate);
    put_number(key, file->quality < 0.0 ? -1.0 : file->quality);
    put_integer(key, file->tag_count);
    for (size_t i = 0; i < file->tag_count; i++) {
        put_text(key, file->tags[i].key);
        put_text(key, file->tags[i].value);
    }
}

static void put_performance(ps_digest *key, const ps_performance_options *performance)
{
    const ps_synth_options *synth = &performance->synth;

    put_integer(key, synth->polyphony);
    put_integer(key, synth->interpolation);
    put_integer(key, synth->bank_mode);
    put_number(key, synth->gain);
    put_number(key, synth->reverb_gain);
    put_number(key, synth->chorus_gain);
    put_integer(key, synth->velocity_to_filter);
    *key = ps_digest_of(*key, &synth->channels, sizeof synth->channels);
    put_number(key, performance->tail_sec);
    put_integer(key, performance->loops);
}

static void put_rest(ps_digest *key, const ps_render_request *request)
{
    put_integer(key, request->strict);
    put_integer(key, request->master);
    put_number(key, request->effects_tail_sec < 0.0 ? -1.0 : request->effects_tail_sec);
    put_integer(key, request->level_mode);
    put_number(key, request->level_db);
    put_integer(key, isnan(request->fixed_gain) ? 1u : 0u);
    put_number(key, isnan(request->fixed_gain) ? 0.0 : request->fixed_gain);
    put_integer(key, request->reference);
    put_integer(key, request->seed);
    put_number(key, request->start_sec);
    put_number(key, request->duration_sec < 0.0 ? -1.0 : request->duration_sec);
    put_number(key, request->fade_in_sec);
    put_number(key, request->fade_out_sec);
    put_integer(key, request->soundfont_count);
    for (uint32_t i = 0; i < request->soundfont_count; i++)
        put_integer(key, request->soundfont_offsets[i]);
}

ps_status ps_batch_key_of_options(ps_digest *key, const ps_render_request *request, ps_error *err)
{
    ps_status status;

    *key = (ps_digest){0, 0};
    put_text(key, "plainsong");
    put_text(key, ps_version());
    put_output(key, &request->file);
    put_performance(key, &request->performance);
    put_rest(key, request);
    status = put_chain(key, request->effects, err);
    put_integer(key, request->channel_effects_count);
    for (size_t i = 0; i < request->channel_effects_count && status == PS_OK; i++) {
        put_integer(key, request->channel_effects[i].channel);
        status = put_chain(key, request->channel_effects[i].chain, err);
    }
    return status;
}
