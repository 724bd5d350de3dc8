/*
 * Times long convolutions, and voices of tracks (gpu_voices.c), on a GPU beside one core of the
 * processor: bench/gpu.sh builds and runs it.
 *
 *      gpu [--device NAME] [--mode auto|on] [--quick] [--memory GIB] [--seconds S] [--threads N]
 *          [--cache FOLDER]
 *
 * Files of stereo noise through one stereo response, the tail included. The sound lies in memory
 * that the device has lent (pinned) and comes back there; what is timed is a job from the call to
 * its return, transfers and all, after the same job has been done once: programs are built and the
 * response's spectra are on the device. The processor's figure is that of this library's own
 * convolver, in calls of 256 frames, with the making of its spectra.
 *
 * Files that do not fit into memory (--memory, 24) at once are done in jobs of as many as do, in
 * the same memory; a case stops after --seconds (3), and what it has not done is scaled. Tables go
 * to stdout as Markdown. Exits with 77 where there is no device, with 1 when a result is wrong.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "dsp/convolve.h"
#include "gpu_voices.h"
#include "gpu/inside.h"
#include "gpu/measure.h"
#include "kernel/kernel.h"
#include "plainsong/threads.h"

#define RATE_HZ    44100.0
#define AGREE      1e-5 /* of full scale */
#define SIDES      2u
#define CALL       PS_CONVOLVE_CELL
#define CORE_SEC   30.0 /* stretch that the processor is timed on */
#define COPY_BYTES ((size_t)1 << 30)
#define REPEATS    5

typedef struct wishes {
    ps_gpu_options gpu;
    bool quick;
    double memory_bytes, seconds;
    uint32_t threads; /* that copy ordinary memory */
} wishes;

/* A number of files, all of one length, through one response. */
typedef struct work {
    double file_sec, response_sec;
    uint32_t files;
} work;

/* What one core needs: once, and for each frame that goes in. */
typedef struct core {
    double plan_sec, frame_sec;
    uint32_t latency;
} core;

/* Sound in and out, of which each case takes what it needs. */
typedef struct arena {
    const ps_allocator *lender;
    float *in, *out;
    size_t in_floats, out_floats;
    bool pinned;
} arena;

typedef struct bench {
    wishes wishes;
    ps_gpu *gpu;
    arena arena;
    float *response[SIDES]; /* the longest; shorter ones are its beginning */
    double copy_bytes_per_sec;
} bench;

/* What a case took. */
typedef struct result {
    ps_job_outcome outcome;
    double sec, kernel_bytes_per_sec;
    bool scaled;
} result;

static uint64_t frames_of(double sec)
{
    return (uint64_t)llround(sec * RATE_HZ);
}

static double now_sec(clockid_t clock)
{
    struct timespec t;

    clock_gettime(clock, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static void fail(const char *words)
{
    fprintf(stderr, "gpu: %s\n", words);
    exit(1);
}

/* ---- Sound ----------------------------------------------------------------------------------- */

/* Marsaglia's xorshift (2003): as fast as memory, white enough. */
static void fill_noise(float *out, size_t count, double gain)
{
    uint64_t x = UINT64_C(88172645463325252);

    for (size_t i = 0; i < count; i++) {
        x ^= x << 13;
        x ^= x >> 7;
        x ^= x << 17;
        out[i] = (float)gain * (float)(int32_t)(x >> 32) * 0x1p-31f;
    }
}

/* A room: noise that falls by 60 dB over its length. */
static void make_responses(bench *b, double longest_sec)
{
    const uint64_t frames = frames_of(longest_sec);

    for (uint32_t side = 0; side < SIDES; side++) {
        float *samples = ps_alloc(NULL, SIDES * frames, sizeof *samples);

        if (!samples)
            fail("no memory for a response");
        fill_noise(samples, SIDES * frames, 0.02);
        memmove(samples, samples + side * frames, frames * sizeof *samples);
        for (uint64_t i = 0; i < frames; i++)
            samples[i] *= (float)exp(-6.9 * (double)i / (double)frames);
        b->response[side] = samples;
    }
}

/* ---- Memory ---------------------------------------------------------------------------------- */

static float *take(bench *b, const ps_allocator *lender, size_t *floats)
{
    for (size_t count = *floats; count >= 1024; count /= 2) {
        float *memory = ps_alloc(lender, count, sizeof *memory);

        *floats = count;
        if (memory && (!lender || ps_gpu_is_lent(b->gpu, memory, count)))
            return memory;
        ps_free(lender, memory);
    }
    return NULL;
}

static void give_arena(bench *b)
{
    ps_free(b->arena.lender, b->arena.in);
    ps_free(b->arena.lender, b->arena.out);
    b->arena = (arena){0};
}

/* As much as the largest case wants, or as there may be. Ordinary memory where none is lent. */
static void take_arena(bench *b, const work *cases, uint32_t count, bool pinned)
{
    const double most = b->wishes.memory_bytes / 2.0 / sizeof(float);
    arena *a = &b->arena;

    *a = (arena){.lender = pinned ? ps_gpu_memory(b->gpu) : NULL, .pinned = pinned};
    for (uint32_t i = 0; i < count; i++) {
        const double in = (double)(frames_of(cases[i].file_sec) * SIDES) * cases[i].files;
        const double out =
            (double)(frames_of(cases[i].file_sec + cases[i].response_sec) * SIDES) * cases[i].files;

        a->in_floats = (size_t)fmax((double)a->in_floats, fmin(in, most));
        a->out_floats = (size_t)fmax((double)a->out_floats, fmin(out, most));
    }
    a->in = take(b, a->lender, &a->in_floats);
    a->out = take(b, a->lender, &a->out_floats);
    if ((!a->in || !a->out) && pinned) {
        give_arena(b);
        take_arena(b, cases, count, false);
        return;
    }
    if (!a->in || !a->out)
        fail("no memory for sound");
    fill_noise(a->in, a->in_floats, 0.5);
}

/* ---- The processor --------------------------------------------------------------------------- */

static ps_convolve_plan *make_plan(const bench *b, double response_sec)
{
    const ps_response response = {.channels = SIDES,
                                  .frames = (uint32_t)frames_of(response_sec),
                                  .samples = {b->response[0], b->response[1]}};
    ps_convolve_plan *plan;

    if (ps_convolve_plan_create(&plan, &response, false, 0, ps_kernels_find(NULL)->name, NULL,
                                NULL) != PS_OK)
        fail("no memory to convolve with");
    return plan;
}

/* The first file of the arena, then silence, `frames` in all. */
static void convolve_here(const bench *b, const ps_convolve_plan *plan, uint64_t file_frames,
                          uint64_t frames, float *const out[SIDES])
{
    static const float silence[CALL];
    float left[CALL], right[CALL];
    ps_convolve *convolve;

    if (ps_convolve_create(&convolve, plan, NULL, NULL) != PS_OK)
        fail("no memory to convolve with");
    for (uint64_t at = 0; at < frames; at += CALL) {
        const uint64_t there = at < file_frames ? file_frames - at : 0;
        const uint32_t most = frames - at < CALL ? (uint32_t)(frames - at) : CALL;
        const uint32_t count = there > 0 && there < most ? (uint32_t)there : most;
        const float *l = there > 0 ? b->arena.in + at : silence;
        const float *r = there > 0 ? b->arena.in + file_frames + at : silence;

        ps_convolve_process(convolve, l, r, out ? out[0] + at : left, out ? out[1] + at : right,
                            count);
        if (count < most) /* the rest of the cell in which the file ends */
            ps_convolve_process(convolve, silence, silence, out ? out[0] + at + count : left,
                                out ? out[1] + at + count : right, most - count);
    }
    ps_convolve_destroy(convolve);
}

static core time_core(const bench *b, double file_sec, double response_sec)
{
    const uint64_t frames = frames_of(fmin(file_sec, CORE_SEC));
    core c = {1e9, 1e9, 0};

    for (int repeat = 0; repeat < REPEATS; repeat++) {
        const double start = now_sec(CLOCK_THREAD_CPUTIME_ID);
        ps_convolve_plan *plan = make_plan(b, response_sec);
        const double made = now_sec(CLOCK_THREAD_CPUTIME_ID);

        c.latency = ps_convolve_latency(plan);
        /* Whole blocks, or a share of the last one's work would be missing. */
        const uint64_t whole = (frames + c.latency - 1) / c.latency * c.latency;
        convolve_here(b, plan, frames, whole, NULL);
        const double done = now_sec(CLOCK_THREAD_CPUTIME_ID);
        c.plan_sec = fmin(c.plan_sec, made - start);
        c.frame_sec = fmin(c.frame_sec, (done - made) / (double)whole);
        ps_convolve_plan_destroy(plan);
    }
    return c;
}

static double core_sec(const core *c, const work *w)
{
    const double frames =
        (double)(frames_of(w->file_sec) + frames_of(w->response_sec) + c->latency);

    return c->plan_sec + w->files * frames * c->frame_sec;
}

/* ---- The device ------------------------------------------------------------------------------ */

/* A job of `files` files in the arena. */
typedef struct job {
    ps_convolution *items;
    const float **in;
    float **out;
    const float *response[SIDES];
    uint32_t files;
} job;

static job make_job(const bench *b, const work *w)
{
    const uint64_t in = frames_of(w->file_sec), response = frames_of(w->response_sec);
    const uint64_t out = in + response - 1;
    const uint64_t fit_in = b->arena.in_floats / (SIDES * in);
    const uint64_t fit_out = b->arena.out_floats / (SIDES * out);
    const uint64_t fit = fit_in < fit_out ? fit_in : fit_out;
    job j = {.files = fit < w->files ? (uint32_t)fit : w->files,
             .response = {b->response[0], b->response[1]}};

    if (j.files == 0)
        return j;
    j.items = ps_alloc(NULL, j.files, sizeof *j.items);
    j.in = ps_alloc(NULL, SIDES * j.files, sizeof *j.in);
    j.out = ps_alloc(NULL, SIDES * j.files, sizeof *j.out);
    if (!j.items || !j.in || !j.out)
        fail("no memory for a job");
    for (uint32_t i = 0; i < SIDES * j.files; i++) {
        j.in[i] = b->arena.in + i * in;
        j.out[i] = b->arena.out + i * out;
    }
    return j;
}

static void free_job(job *j)
{
    ps_free(NULL, j->items);
    ps_free(NULL, j->in);
    ps_free(NULL, j->out);
}

static ps_job_outcome offer(bench *b, job *j, const work *w)
{
    for (uint32_t i = 0; i < j->files; i++) {
        j->items[i] = (ps_convolution){
            .in = j->in + SIDES * i,
            .out = j->out + SIDES * i,
            .response = j->response,
            .in_frames = frames_of(w->file_sec),
            .out_frames = frames_of(w->file_sec) + frames_of(w->response_sec) - 1,
            .response_frames = frames_of(w->response_sec),
            .channels = SIDES,
            .responses = SIDES,
        };
    }
    return ps_accelerate_convolve(ps_gpu_accelerator(b->gpu), j->items, j->files);
}

/* All files of a case, or as many as can be done in the time there is. */
static result time_device(bench *b, const work *w)
{
    job j = make_job(b, w);
    result r = {.outcome = PS_JOB_DECLINED, .sec = 1e9};
    ps_gpu_usage before, after;
    uint64_t files = 0;
    double spent = 0.0;

    if (j.files > 0)
        r.outcome = offer(b, &j, w);
    ps_gpu_get_usage(b->gpu, &before);
    while (r.outcome == PS_JOB_DONE && (files == 0 || spent < b->wishes.seconds)) {
        double took = now_sec(CLOCK_MONOTONIC);

        r.outcome = offer(b, &j, w);
        took = now_sec(CLOCK_MONOTONIC) - took;
        spent += took;
        files += j.files;
        if (j.files == w->files) /* the whole case at once: the best time counts */
            r.sec = fmin(r.sec, took);
        if (files >= (uint64_t)w->files * (j.files == w->files ? REPEATS : 1))
            break;
    }
    ps_gpu_get_usage(b->gpu, &after);
    r.scaled = j.files < w->files && files != w->files;
    if (j.files > 0 && j.files < w->files)
        r.sec = spent * w->files / (double)files;
    r.kernel_bytes_per_sec =
        (double)(after.work_bytes - before.work_bytes) / (after.work_sec - before.work_sec);
    free_job(&j);
    return r;
}

/* The largest difference of the device's first file from the processor's, of full scale. */
static double difference(const bench *b, const work *one, float *const device[SIDES])
{
    const uint64_t in = frames_of(one->file_sec);
    const uint64_t out = in + frames_of(one->response_sec) - 1;
    ps_convolve_plan *plan = make_plan(b, one->response_sec);
    const uint64_t late = ps_convolve_latency(plan), all = out + late;
    float *here[SIDES] = {ps_alloc(NULL, all, sizeof(float)), ps_alloc(NULL, all, sizeof(float))};
    double full = 1.0, worst = 0.0;

    if (!here[0] || !here[1])
        fail("no memory to compare");
    convolve_here(b, plan, in, all, here);
    for (uint32_t side = 0; side < SIDES; side++)
        for (uint64_t i = 0; i < out; i++) {
            const double x = (double)here[side][late + i];
            const double d = fabs((double)device[side][i] - x);

            full = fmax(full, fabs(x));
            worst = d > worst || isnan(d) ? d : worst;
        }
    ps_free(NULL, here[0]);
    ps_free(NULL, here[1]);
    ps_convolve_plan_destroy(plan);
    return worst / full;
}

/* False when the device has not done it. */
static bool compare(bench *b, const work *one, double *worst)
{
    job j = make_job(b, one);
    const bool done = j.files > 0 && offer(b, &j, one) == PS_JOB_DONE;

    *worst = done ? difference(b, one, j.out) : 0.0;
    free_job(&j);
    return done;
}

/* ---- Memory bandwidth ------------------------------------------------------------------------ */

/* Copies of a buffer far larger than caches; read and written bytes count, as for kernels. */
static cl_int time_copies(double *bytes_per_sec, ps_gpu *gpu, size_t bytes)
{
    ps_gpu_buffer from = {0}, to = {0};
    const cl_command_queue queue = gpu->queues[PS_QUEUE_WORK];
    cl_int code = ps_gpu_buffer_reserve(&from, gpu, bytes);

    if (code == CL_SUCCESS)
        code = ps_gpu_buffer_reserve(&to, gpu, bytes);
    *bytes_per_sec = 0.0;
    for (int repeat = 0; repeat <= REPEATS && code == CL_SUCCESS; repeat++) {
        const double start = now_sec(CLOCK_MONOTONIC);

        for (int i = 0; i < 4 && code == CL_SUCCESS; i++)
            code = clEnqueueCopyBuffer(queue, from.memory, to.memory, 0, 0, bytes, 0, NULL, NULL);
        if (code == CL_SUCCESS)
            code = clFinish(queue);
        if (repeat > 0)
            *bytes_per_sec = fmax(*bytes_per_sec,
                                  4.0 * 2.0 * (double)bytes / (now_sec(CLOCK_MONOTONIC) - start));
    }
    ps_gpu_buffer_free(&from);
    ps_gpu_buffer_free(&to);
    return code;
}

static bool measure_device(bench *b, ps_gpu_speeds *speeds)
{
    size_t bytes = b->wishes.quick ? COPY_BYTES >> 6 : COPY_BYTES;
    bool measured = false;

    if (!ps_gpu_enter(b->gpu))
        return false;
    if (ps_gpu_open(b->gpu)) {
        while (bytes > b->gpu->alloc_most || bytes > b->gpu->memory_most / 4)
            bytes /= 2;
        measured = ps_gpu_measure(speeds, b->gpu) == CL_SUCCESS &&
                   time_copies(&b->copy_bytes_per_sec, b->gpu, bytes) == CL_SUCCESS;
    }
    ps_gpu_leave(b->gpu);
    return measured;
}

/* ---- Words ----------------------------------------------------------------------------------- */

static void print_processor(void)
{
    FILE *file = fopen("/proc/cpuinfo", "r");
    char line[256], name[200] = "the processor";

    while (file && fgets(line, sizeof line, file)) {
        if (sscanf(line, "model name : %199[^\n]", name) == 1)
            break;
    }
    if (file)
        fclose(file);
    printf("one core of %s with kernels %s", name, ps_kernels_find(NULL)->name);
}

/* The device in use; false, with the reason told, when there is none. */
static bool find_device(bench *b, ps_gpu_device_info *info, ps_gpu_speeds *speeds)
{
    char state[256];
    uint32_t i = 0;

    while (ps_gpu_device(b->gpu, i, info) && !info->used)
        i++;
    if (ps_gpu_device(b->gpu, i, info) && measure_device(b, speeds))
        return true;
    ps_gpu_state(b->gpu, state, sizeof state);
    fprintf(stderr, "gpu: %s\n", state);
    return false;
}

static void print_head(const bench *b, const ps_gpu_device_info *info, const ps_gpu_speeds *speeds)
{
    const time_t now = time(NULL);
    char date[32];

    strftime(date, sizeof date, "%Y-%m-%d", localtime(&now));
    printf("*%s, %s (%s, driver %s), %.0f GiB, beside ", date, info->name, info->version,
           info->driver, (double)info->memory_bytes / 0x1p30);
    print_processor();
    printf("*\n\nCopying within the device: %.0f GB/s read and written; transfers: %.1f GB/s up, "
           "%.1f GB/s down; a launch takes %.1f us.\n\n",
           b->copy_bytes_per_sec * 1e-9, speeds->up * 1e-9, speeds->down * 1e-9,
           speeds->launch_sec * 1e6);
    printf("Stereo at 44.1 kHz through a stereo response, tails and transfers included, sound in "
           "%s memory. Kernels: what they read and write, while they run. One core: measured on up "
           "to %.0f s of sound. ~: scaled from as many files as could be done in %.2g s.\n",
           b->arena.pinned ? "pinned" : "ordinary", CORE_SEC, b->wishes.seconds);
}

static void print_row(bench *b, const work *w, const core *c)
{
    const result r = time_device(b, w);
    const double one = core_sec(c, w), audio = w->file_sec * w->files;
    const char *about = r.scaled ? "~" : "";

    printf("| %g s | %u | ", w->response_sec, (unsigned)w->files);
    if (r.outcome != PS_JOB_DONE)
        printf("%s | | | | %.4g | |\n", r.outcome == PS_JOB_DECLINED ? "declined" : "broken off",
               one);
    else
        printf("%s%.4g | %s%.0f | %.1f | %.0f %% | %.4g | %s%.1f |\n", about, r.sec, about,
               audio / r.sec, r.kernel_bytes_per_sec * 1e-9,
               100.0 * r.kernel_bytes_per_sec / b->copy_bytes_per_sec, one, about, one / r.sec);
    fflush(stdout);
}

/* "30 s", "5 min", "1 h" */
static const char *length_of(double sec, char text[16])
{
    const double count = sec >= 3600.0 ? sec / 3600.0 : sec >= 60.0 ? sec / 60.0 : sec;

    snprintf(text, 16, "%g %s", count, sec >= 3600.0 ? "h" : sec >= 60.0 ? "min" : "s");
    return text;
}

static void print_table(bench *b, const work *cases, uint32_t count)
{
    char text[16];
    core c = {0};

    printf("\n**%s each**\n\n| response | files | s | times real time | kernels GB/s | of a copy | "
           "one core s | one core / device |\n| ---: | ---: | ---: | ---: | ---: | ---: | ---: | "
           "---: |\n",
           length_of(cases->file_sec, text));
    for (uint32_t i = 0; i < count; i++) {
        if (i == 0 || cases[i].response_sec != cases[i - 1].response_sec)
            c = time_core(b, cases[i].file_sec, cases[i].response_sec);
        print_row(b, &cases[i], &c);
    }
}

/* ---- What is promised ------------------------------------------------------------------------ */

static void print_promise(bench *b, const work *w)
{
    const core c = time_core(b, w->file_sec, w->response_sec);
    const result r = time_device(b, w);
    const double times = core_sec(&c, w) / r.sec;
    const double share = r.kernel_bytes_per_sec / b->copy_bytes_per_sec;
    const uint32_t threads = b->wishes.gpu.workers ? b->wishes.gpu.workers->threads : 1;
    char text[16];

    printf("- %u files of %s through %g s, %s memory, %u thread%s to copy with: ",
           (unsigned)w->files, length_of(w->file_sec, text), w->response_sec,
           b->arena.pinned ? "pinned" : "ordinary", (unsigned)threads, threads == 1 ? "" : "s");
    if (r.outcome == PS_JOB_DONE)
        printf("%s%.4g s, %.1f times one core (at least 20: %s), kernels at %.0f %% of a copy (at "
               "least 50: %s)\n",
               r.scaled ? "~" : "", r.sec, times, times >= 20.0 ? "met" : "missed", 100.0 * share,
               share >= 0.5 ? "met" : "missed");
    else
        printf("not done\n");
}

/* ---- The program ----------------------------------------------------------------------------- */

static ps_gpu *make_gpu(const ps_gpu_options *options)
{
    ps_gpu *gpu;

    if (ps_gpu_create(&gpu, options, NULL) != PS_OK)
        fail("no memory");
    return gpu;
}

#define LENGTHS   4u
#define RESPONSES 4u
#define COUNTS    3u

static const double lengths_sec[LENGTHS] = {30.0, 120.0, 300.0, 3600.0};
static const double responses_sec[RESPONSES] = {0.1, 1.0, 3.0, 10.0};
static const uint32_t counts[COUNTS] = {1, 16, 256};

/* --quick: the same shape, small enough for a processor that plays the device. */
static const double quick_lengths_sec[LENGTHS] = {0.5, 1.0, 1.5, 2.0};
static const double quick_responses_sec[RESPONSES] = {0.01, 0.1, 0.25, 0.5};
static const uint32_t quick_counts[COUNTS] = {1, 2, 4};

#define OF_LENGTH (RESPONSES * COUNTS)

static void list_cases(work cases[LENGTHS * OF_LENGTH], bool quick)
{
    for (uint32_t i = 0; i < LENGTHS * OF_LENGTH; i++) {
        const uint32_t length = i / OF_LENGTH, response = i / COUNTS % RESPONSES;

        cases[i] = (work){
            .file_sec = quick ? quick_lengths_sec[length] : lengths_sec[length],
            .response_sec = quick ? quick_responses_sec[response] : responses_sec[response],
            .files = quick ? quick_counts[i % COUNTS] : counts[i % COUNTS],
        };
    }
}

static void run_promise(bench *b)
{
    const work promised = b->wishes.quick
                              ? (work){1.0, 0.25, 4}
                              : (work){.file_sec = 60.0, .response_sec = 3.0, .files = 256};
    ps_threads *threads = NULL;

    printf("\n**What is promised**\n\n");
    print_promise(b, &promised);
    give_arena(b);
    ps_gpu_destroy(b->gpu);
    if (ps_threads_create(&threads, b->wishes.threads, NULL) != PS_OK)
        fail("no threads");
    b->wishes.gpu.workers = ps_threads_workers(threads);
    b->gpu = make_gpu(&b->wishes.gpu);
    take_arena(b, &promised, 1, false);
    print_promise(b, &promised);
    give_arena(b);
    ps_gpu_destroy(b->gpu);
    ps_threads_destroy(threads);
}

/* 1 when a result is wrong. */
static int compare_all(bench *b, const work *cases)
{
    int wrong = 0;

    printf("\n**Largest difference from the processor's results**, of full scale:");
    for (uint32_t i = 0; i < RESPONSES; i++) {
        const work *one = &cases[i * COUNTS];
        double worst;

        printf("%s ", i > 0 ? "," : "");
        if (compare(b, one, &worst))
            printf("%.1e", worst);
        else
            printf("not done");
        printf(" (%g s)", one->response_sec);
        wrong |= !(worst <= AGREE);
    }
    printf("; %.0e is allowed.\n", AGREE);
    return wrong;
}

static int run(const wishes *w)
{
    bench b = {.wishes = *w, .gpu = make_gpu(&w->gpu)};
    work cases[LENGTHS * OF_LENGTH];
    ps_gpu_device_info info;
    ps_gpu_speeds speeds;
    int wrong;

    if (!find_device(&b, &info, &speeds)) {
        ps_gpu_destroy(b.gpu);
        return 77;
    }
    list_cases(cases, w->quick);
    make_responses(&b, cases[OF_LENGTH - 1].response_sec);
    take_arena(&b, cases, LENGTHS * OF_LENGTH, true);
    print_head(&b, &info, &speeds);
    for (uint32_t i = 0; i < LENGTHS; i++)
        print_table(&b, &cases[i * OF_LENGTH], OF_LENGTH);
    wrong = compare_all(&b, cases);
    wrong |= !print_voices(b.gpu, w->quick);
    run_promise(&b);
    for (uint32_t side = 0; side < SIDES; side++)
        ps_free(NULL, b.response[side]);
    return wrong;
}

static int read_wish(wishes *w, const char *name, const char *value)
{
    if (strcmp(name, "--device") == 0)
        w->gpu.device = value;
    else if (strcmp(name, "--mode") == 0 && strcmp(value, "auto") == 0)
        w->gpu.mode = PS_GPU_AUTO;
    else if (strcmp(name, "--mode") == 0 && strcmp(value, "on") == 0)
        w->gpu.mode = PS_GPU_ON;
    else if (strcmp(name, "--memory") == 0)
        w->memory_bytes = atof(value) * 0x1p30;
    else if (strcmp(name, "--seconds") == 0)
        w->seconds = atof(value);
    else if (strcmp(name, "--threads") == 0)
        w->threads = (uint32_t)atoi(value);
    else if (strcmp(name, "--cache") == 0)
        w->gpu.cache_folder = value;
    else
        return 2;
    return 0;
}

int main(int argc, char **argv)
{
    const double have_bytes = (double)sysconf(_SC_PHYS_PAGES) * (double)sysconf(_SC_PAGESIZE);
    wishes w = {.gpu = {.mode = PS_GPU_ON, .profile = true},
                .memory_bytes = fmin(24.0 * 0x1p30, have_bytes / 2.0),
                .seconds = 3.0};
    int bad = 0;

    for (int at = 1; at < argc && !bad; at++) {
        if (strcmp(argv[at], "--quick") == 0)
            w.quick = true;
        else if (at + 1 < argc)
            bad = read_wish(&w, argv[at], argv[at + 1]), at++;
        else
            bad = 2;
    }
    if (bad) {
        fprintf(stderr, "usage: gpu [--device NAME] [--mode auto|on] [--quick] [--memory GIB]\n"
                        "           [--seconds S] [--threads N] [--cache FOLDER]\n");
        return bad;
    }
    if (w.quick)
        w.seconds = fmin(w.seconds, 0.05);
    return run(&w);
}
