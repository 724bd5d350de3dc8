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
    *out = engine;
    return PS_OK;
}

void ps_engine_destroy(ps_engine *engine)
{
    if (engine)
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
