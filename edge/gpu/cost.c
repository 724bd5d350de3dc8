/* What jobs cost here and there, from their sizes alone. */
#include "cost.h"

#include <math.h>

/* Nanoseconds of one processor per sample and octave of a transform's size: 3.8 ns a sample for a
 * response of 4410, 5.2 ns for one of 132300 (3000 and 2200 times real time in stereo). */
#define CONVOLUTION_NSEC 0.29

/* The same for one transform: 2.5 n log2 n operations at some 6 a nanosecond. */
#define TRANSFORM_NSEC 0.42

/* The same per frame of a tone: of its sine and each thing more, of a vibrato, and of each of its
 * frequencies that glides. A plain binaural voice, two tones, takes 0.9 ns a frame. */
#define TERM_NSEC    0.4
#define VIBRATO_NSEC 1.2
#define GLIDE_NSEC   0.7

/* Threads share memory: each further one adds this much of one. */
#define THREAD_SHARE 0.8

const ps_gpu_speeds ps_gpu_speeds_usual = {
    .up = 6e9, .down = 6e9, .copy = 200e9, .work = 100e9, .host = 5e9, .launch_sec = 10e-6};

static double share(uint32_t threads)
{
    return threads > 1 ? 1.0 + THREAD_SHARE * (threads - 1) : 1.0;
}

static double largest(double a, double b)
{
    return a > b ? a : b;
}

double ps_cost_on_gpu(const ps_gpu_load *load, const ps_gpu_speeds *speeds, uint32_t threads)
{
    const double up = load->up / speeds->up, down = load->down / speeds->down;
    const double work = load->work / speeds->work + load->launches * speeds->launch_sec;
    const double host = (load->up + load->down) / (speeds->host * share(threads));

    return largest(largest(up, down), largest(work, host)) +
           (up + down + host) / largest(load->chunks, 1.0);
}

double ps_cost_of_convolutions(const ps_convolution *items, uint32_t count, bool piece,
                               uint32_t threads)
{
    double nsec = 0.0;

    for (uint32_t i = 0; i < count; i++) {
        const ps_convolution *c = &items[i];
        const uint64_t in_frames =
            piece && c->piece_frames > c->in_frames ? c->piece_frames : c->in_frames;
        const double whole = (double)in_frames + (double)c->response_frames;
        const double frames =
            in_frames == c->in_frames ? fmin(whole, (double)c->out_frames) : whole;

        nsec +=
            frames * c->channels * CONVOLUTION_NSEC * log2(2.0 * (double)c->response_frames + 2.0);
    }
    return nsec * 1e-9 / share(threads);
}

double ps_cost_of_spectra(const ps_spectra *items, uint32_t count, uint32_t threads)
{
    double nsec = 0.0;

    for (uint32_t i = 0; i < count; i++)
        nsec += (double)items[i].count * items[i].size * TRANSFORM_NSEC *
                log2((double)items[i].size + 1.0);
    return nsec * 1e-9 / share(threads);
}

static bool is_there(ps_tone_line line)
{
    return line.at != 0.0 || line.by != 0.0;
}

/* Frames in which a tone is heard. */
static double frames_of(const ps_tones *item, const ps_tone *tone)
{
    const uint64_t rest = tone->first < item->frames ? item->frames - tone->first : 0;

    return (double)(tone->frames < rest ? tone->frames : rest);
}

double ps_sines_of_tones(const ps_tones *item)
{
    double sines = 0.0;

    for (uint32_t i = 0; i < item->count; i++) {
        const ps_tone *t = &item->tones[i];
        const int waves = is_there(t->turns[0]) + is_there(t->turns[1]) + is_there(t->depth);

        sines += frames_of(item, t) * (1 + 2 * waves + t->pulsed);
    }
    return sines;
}

static double nsec_of_tone(const ps_tone *t)
{
    const bool tremolo = is_there(t->depth);
    const int terms = 1 + is_there(t->turns[0]) + tremolo + t->pulsed;
    const int glides = (t->phase.bend != 0) + (tremolo && t->tremolo.bend != 0) +
                       (t->pulsed && t->pulse.bend != 0);

    return terms * TERM_NSEC + is_there(t->turns[1]) * VIBRATO_NSEC + glides * GLIDE_NSEC;
}

double ps_cost_of_tones(const ps_tones *items, uint32_t count, bool piece, uint32_t threads)
{
    double nsec = 0.0;

    for (uint32_t i = 0; i < count; i++) {
        const double frames = (double)items[i].frames, all = (double)items[i].piece_frames;
        const double times = piece && frames > 0.0 && all > frames ? all / frames : 1.0;

        for (uint32_t k = 0; k < items[i].count; k++)
            nsec +=
                times * frames_of(&items[i], &items[i].tones[k]) * nsec_of_tone(&items[i].tones[k]);
    }
    return nsec * 1e-9 / share(threads);
}
