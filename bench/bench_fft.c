/*
 * Times Fourier transforms in single precision, out of place, beside FFTW's:
 *
 *      bench_fft [--fftw LIBRARY] [--rows avx512,avx2] [--least N] [--most N] [--rounds N]
 *
 * For each size, ours and theirs take turns in short batches of a few microseconds; a figure is the
 * best batch, because what else the machine does can only make one longer. FFTW is opened at run
 * time, and its plan is the fastest of some that its planner measured (a busy machine misleads it).
 * Which instruction sets it uses depends on how the library was built: give the build to compare
 * with.
 *
 * Each line: row, kind, direction, size, ns of ours, ns of FFTW's, ours / FFTW's.
 */
#include <dlfcn.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/random.h"
#include "dsp/fft.h"
#include "kernel/kernel.h"

#define BATCH_NS     20000.0
#define PLANS        3 /* of FFTW, of which the fastest counts */
#define PLAN_TURNS   30
#define PATIENT_MOST 16384 /* longer ones are planned in seconds, not in minutes */

/* ---- FFTW's interface (its manual, chapter 4) ---- */

#define FFTW_FORWARD  (-1)
#define FFTW_BACKWARD 1
#define FFTW_MEASURE  0u
#define FFTW_PATIENT  (1u << 5)

typedef struct fftw_library {
    void *(*plan_complex)(int n, float *in, float *out, int sign, unsigned flags);
    void *(*plan_real)(int n, float *in, float *out, unsigned flags);
    void *(*plan_real_back)(int n, float *in, float *out, unsigned flags);
    void (*execute)(const void *plan);
    void (*destroy_plan)(void *plan);
    void (*forget_wisdom)(void);
} fftw_library;

static bool find(void *library, const char *name, void *function)
{
    void *found = dlsym(library, name);

    memcpy(function, &found, sizeof found);
    return found != NULL;
}

static bool open_fftw(fftw_library *f, const char *path)
{
    void *library = dlopen(path, RTLD_NOW);

    return library && find(library, "fftwf_plan_dft_1d", &f->plan_complex) &&
           find(library, "fftwf_plan_dft_r2c_1d", &f->plan_real) &&
           find(library, "fftwf_plan_dft_c2r_1d", &f->plan_real_back) &&
           find(library, "fftwf_execute", &f->execute) &&
           find(library, "fftwf_destroy_plan", &f->destroy_plan) &&
           find(library, "fftwf_forget_wisdom", &f->forget_wisdom);
}

/* ---- One transform, either way ---- */

typedef struct job {
    bool real, inverse;
    size_t n;
    const ps_fft_float *fft;
    const fftw_library *fftw;
    void *plan;
    float *in, *out, *scratch;
    double best_ns;
} job;

static double now_ns(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static void run_ours(const job *j)
{
    const size_t imaginary = (j->n / 2 + 16) / 16 * 16; /* where aligned imaginary parts begin */

    if (!j->real && !j->inverse)
        ps_fft_forward_float(j->fft, j->in, j->out, j->scratch);
    else if (!j->real)
        ps_fft_inverse_float(j->fft, j->in, j->out, j->scratch);
    else if (!j->inverse)
        ps_fft_real_forward_float(j->fft, j->in, j->out, j->out + imaginary, j->scratch);
    else
        ps_fft_real_inverse_float(j->fft, j->in, j->in + imaginary, j->out, j->scratch);
}

static void run_fftw(const job *j)
{
    j->fftw->execute(j->plan);
}

static void time_batch(job *j, void (*work)(const job *j), unsigned runs)
{
    double ns = now_ns();

    for (unsigned i = 0; i < runs; i++)
        work(j);
    ns = (now_ns() - ns) / runs;
    j->best_ns = ns < j->best_ns ? ns : j->best_ns;
}

static unsigned runs_of(job *j, void (*work)(const job *j))
{
    for (int i = 0; i < 5; i++)
        time_batch(j, work, 1);
    return j->best_ns < BATCH_NS ? (unsigned)(BATCH_NS / j->best_ns) : 1;
}

/* Inverses are timed with zeros: FFTW's of real signals overwrites its input again and again. */
static void fill(job *j, float *numbers)
{
    for (size_t i = 0; i < 2 * j->n; i++)
        numbers[i] = j->inverse ? 0.0f : (float)(int32_t)(ps_random_bits(1, i) >> 32) * 0x1p-31f;
}

static void *make_plan(const job *j, unsigned flags)
{
    if (!j->real)
        return j->fftw->plan_complex((int)j->n, j->in, j->out,
                                     j->inverse ? FFTW_BACKWARD : FFTW_FORWARD, flags);
    return j->inverse ? j->fftw->plan_real_back((int)j->n, j->in, j->out, flags)
                      : j->fftw->plan_real((int)j->n, j->in, j->out, flags);
}

static void choose_plan(job *j)
{
    void *best = NULL;
    double best_ns = 1e300;

    for (unsigned i = 0; i < PLANS; i++) {
        unsigned runs;

        j->fftw->forget_wisdom();
        j->plan = make_plan(j, j->n <= PATIENT_MOST && i > 0 ? FFTW_PATIENT : FFTW_MEASURE);
        j->best_ns = 1e300;
        fill(j, j->in);
        runs = runs_of(j, run_fftw);
        for (int turn = 0; turn < PLAN_TURNS; turn++)
            time_batch(j, run_fftw, runs);
        if (j->best_ns < best_ns) {
            best_ns = j->best_ns;
            void *worse = best;
            best = j->plan;
            j->plan = worse;
        }
        if (j->plan)
            j->fftw->destroy_plan(j->plan);
    }
    j->plan = best;
    fill(j, j->in);
}

static void time_pair(job *ours, job *theirs, unsigned rounds)
{
    const unsigned runs = runs_of(ours, run_ours);
    const unsigned their_runs = theirs->plan ? runs_of(theirs, run_fftw) : 0;

    for (unsigned i = 0; i < rounds; i++) {
        time_batch(ours, run_ours, runs);
        if (theirs->plan)
            time_batch(theirs, run_fftw, their_runs);
    }
}

static float *numbers(size_t n)
{
    float *p = ps_alloc(NULL, 2 * n + 64, sizeof *p);

    if (!p)
        abort();
    return p;
}

static void time_size(const fftw_library *fftw, const char *rows, job model, unsigned rounds)
{
    job theirs = model;

    theirs.in = numbers(model.n);
    theirs.out = numbers(model.n);
    theirs.fftw = fftw;
    if (fftw)
        choose_plan(&theirs);
    for (uint32_t i = 0; ps_kernels_row(i); i++) {
        const char *row = ps_kernels_row(i)->name;
        ps_fft_float *fft = NULL;
        job ours = model;

        if (!strstr(rows, row))
            continue;
        if (ps_fft_create_float(&fft, model.real ? PS_FFT_REAL : PS_FFT_COMPLEX, model.n, row, NULL,
                                NULL) != PS_OK)
            abort();
        ours.fft = fft;
        ours.in = numbers(model.n);
        ours.out = numbers(model.n);
        ours.scratch = numbers(model.n);
        ours.best_ns = theirs.best_ns = 1e300;
        fill(&ours, ours.in);
        time_pair(&ours, &theirs, rounds);
        printf("%-7s %-7s %-7s %8zu %12.1f", row, model.real ? "real" : "complex",
               model.inverse ? "inverse" : "forward", model.n, ours.best_ns);
        if (fftw)
            printf(" %12.1f %6.2f", theirs.best_ns, ours.best_ns / theirs.best_ns);
        printf("\n");
        fflush(stdout);
        ps_free(NULL, ours.in);
        ps_free(NULL, ours.out);
        ps_free(NULL, ours.scratch);
        ps_fft_destroy_float(fft);
    }
    if (theirs.plan)
        fftw->destroy_plan(theirs.plan);
    ps_free(NULL, theirs.in);
    ps_free(NULL, theirs.out);
}

int main(int count, char **words)
{
    const char *path = NULL, *rows = "avx512,avx2,neon";
    size_t least = 64, most = 65536;
    unsigned rounds = 300;
    fftw_library fftw;

    for (int i = 1; i + 1 < count; i += 2) {
        if (strcmp(words[i], "--fftw") == 0)
            path = words[i + 1];
        else if (strcmp(words[i], "--rows") == 0)
            rows = words[i + 1];
        else if (strcmp(words[i], "--least") == 0)
            least = strtoul(words[i + 1], NULL, 10);
        else if (strcmp(words[i], "--most") == 0)
            most = strtoul(words[i + 1], NULL, 10);
        else if (strcmp(words[i], "--rounds") == 0)
            rounds = (unsigned)strtoul(words[i + 1], NULL, 10);
    }
    if (path && !open_fftw(&fftw, path)) {
        fprintf(stderr, "bench_fft: cannot open FFTW's library %s\n", path);
        return 1;
    }
    for (int kind = 0; kind < 4; kind++) {
        for (size_t n = least; n <= most; n *= 2) {
            const job model = {.real = kind >= 2, .inverse = kind % 2 == 1, .n = n};

            time_size(path ? &fftw : NULL, rows, model, rounds);
        }
    }
    return 0;
}
