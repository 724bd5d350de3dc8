/* What all objects of one user share. */
#include "kernel/engine.h"

#include <stddef.h>

ps_status ps_engine_create(ps_engine **out, const ps_engine_options *options, ps_error *err)
{
    const ps_engine_options defaults = {NULL, NULL, NULL};
    const ps_kernels *kernels;
    ps_engine *engine;

    if (!options)
        options = &defaults;
    kernels = ps_kernels_find(options->kernel_row);
    if (!kernels)
        return ps_fail(err, PS_NOT_FOUND, "no kernel row \"%s\" on this processor",
                       options->kernel_row);
    engine = ps_alloc(options->allocator, 1, sizeof *engine);
    if (!engine)
        return ps_fail(err, PS_NO_MEMORY, "no memory for an engine");
    engine->allocator = options->allocator;
    engine->workers = options->workers;
    engine->kernels = kernels;
    atomic_flag_clear(&engine->busy);
    *out = engine;
    return PS_OK;
}

void ps_engine_destroy(ps_engine *engine)
{
    if (!engine)
        return;
    while (engine->kept) {
        ps_kept *kept = engine->kept;

        engine->kept = kept->next;
        kept->destroy(kept);
    }
    ps_free(engine->allocator, engine);
}

const char *ps_engine_kernel_row(const ps_engine *engine)
{
    return engine->kernels->name;
}

const char *ps_kernel_row_name(uint32_t index)
{
    const ps_kernels *row = ps_kernels_row(index);

    return row ? row->name : NULL;
}

const ps_allocator *ps_engine_allocator(const ps_engine *engine)
{
    return engine->allocator;
}

const ps_workers *ps_engine_workers(const ps_engine *engine)
{
    return engine->workers;
}

const char *ps_version(void)
{
    return PS_VERSION;
}

/* ---- What is kept --------------------------------------------------------------------------- */

static void lock(ps_engine *engine)
{
    while (atomic_flag_test_and_set_explicit(&engine->busy, memory_order_acquire))
        continue;
}

static void unlock(ps_engine *engine)
{
    atomic_flag_clear_explicit(&engine->busy, memory_order_release);
}

static ps_kept *find(ps_engine *engine, const uint64_t key[2])
{
    for (ps_kept *kept = engine->kept; kept; kept = kept->next) {
        if (kept->key[0] == key[0] && kept->key[1] == key[1]) {
            kept->users++;
            return kept;
        }
    }
    return NULL;
}

/* Takes what nobody uses out of the list, beyond what there is room for: the newest stay. */
static ps_kept *take_out_unused(ps_engine *engine)
{
    ps_kept **link = &engine->kept, *out = NULL;
    size_t bytes = 0;

    while (*link) {
        ps_kept *kept = *link;

        bytes += kept->users == 0 ? kept->bytes : 0;
        if (kept->users > 0 || bytes <= PS_ENGINE_KEEPS_BYTES) {
            link = &kept->next;
            continue;
        }
        *link = kept->next;
        kept->next = out;
        out = kept;
    }
    return out;
}

ps_kept *ps_engine_find(ps_engine *engine, const uint64_t key[2])
{
    lock(engine);
    ps_kept *kept = find(engine, key);
    unlock(engine);
    return kept;
}

ps_kept *ps_engine_keep(ps_engine *engine, ps_kept *made)
{
    ps_kept *out = NULL;

    lock(engine);
    ps_kept *kept = find(engine, made->key);
    if (!kept) {
        kept = made;
        made->users = 1;
        made->next = engine->kept;
        engine->kept = made;
        out = take_out_unused(engine);
    }
    unlock(engine);
    if (kept != made)
        made->destroy(made);
    while (out) {
        ps_kept *next = out->next;

        out->destroy(out);
        out = next;
    }
    return kept;
}

void ps_engine_leave(ps_engine *engine, ps_kept *kept)
{
    if (!kept)
        return;
    lock(engine);
    kept->users--;
    unlock(engine);
}

void ps_engine_key(uint64_t key[2], const void *bytes, size_t count)
{
    const uint8_t *at = bytes;

    /* FNV-1a (Fowler, Noll, Vo), twice with different beginnings. */
    if (key[0] == 0 && key[1] == 0) {
        key[0] = UINT64_C(0xcbf29ce484222325);
        key[1] = UINT64_C(0x84222325cbf29ce4);
    }
    for (size_t i = 0; i < count; i++) {
        key[0] = (key[0] ^ at[i]) * UINT64_C(0x100000001b3);
        key[1] = (key[1] ^ (at[i] + 0x9eu)) * UINT64_C(0x100000001b3);
    }
}
