/* Offers jobs to somebody faster. */
#include "plainsong/accelerator.h"

#include <stddef.h>

ps_job_outcome ps_accelerate_convolve(const ps_accelerator *accelerator, ps_convolution *items,
                                      uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        items[i].done_frames = 0;
    return accelerator && accelerator->convolve
               ? accelerator->convolve(accelerator->user, items, count)
               : PS_JOB_DECLINED;
}

bool ps_accelerate_wants_convolution(const ps_accelerator *accelerator, const ps_convolution *items,
                                     uint32_t count)
{
    if (!accelerator || !accelerator->convolve)
        return false;
    return !accelerator->wants_convolution ||
           accelerator->wants_convolution(accelerator->user, items, count);
}

ps_job_outcome ps_accelerate_spectra(const ps_accelerator *accelerator, ps_spectra *items,
                                     uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        items[i].done = 0;
    return accelerator && accelerator->spectra
               ? accelerator->spectra(accelerator->user, items, count)
               : PS_JOB_DECLINED;
}

ps_job_outcome ps_accelerate_tones(const ps_accelerator *accelerator, ps_tones *items,
                                   uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        items[i].done_frames = 0;
    return accelerator && accelerator->tones ? accelerator->tones(accelerator->user, items, count)
                                             : PS_JOB_DECLINED;
}

bool ps_accelerate_wants_tones(const ps_accelerator *accelerator, const ps_tones *items,
                               uint32_t count)
{
    if (!accelerator || !accelerator->tones)
        return false;
    return !accelerator->wants_tones || accelerator->wants_tones(accelerator->user, items, count);
}
