/* Source: a piece that is pulled block by block, or played whole into memory or a file. */
#include "core.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define TRACK_GAIN 0.25 /* peak of a rendered track and gain of a streamed one */

typedef struct source {
    PyObject_HEAD core_piece *piece; /* NULL: closed */
    pthread_mutex_t lock;            /* one thread at a time plays it; knows its owner */
    bool has_lock;
    uint32_t block_frames; /* of iteration */
} source;

/* ---- The lock ------------------------------------------------------------------------------- */

/* Waits for other threads. Raises when this thread plays it already. */
static bool lock(source *self)
{
    int error;

    CORE_UNLOCK();
    error = pthread_mutex_lock(&self->lock);
    CORE_LOCK();
    if (error != 0)
        PyErr_SetString(PyExc_RuntimeError,
                        "the Source is being played, and this is its progress function");
    return error == 0;
}

/* The same, and what it plays; raises when it is closed. */
static core_piece *take(source *self)
{
    if (!lock(self))
        return NULL;
    if (self->piece)
        return self->piece;
    pthread_mutex_unlock(&self->lock);
    core_closed("Source");
    return NULL;
}

static void give(source *self)
{
    pthread_mutex_unlock(&self->lock);
}

static bool make_lock(source *self)
{
    pthread_mutexattr_t attributes;

    if (pthread_mutexattr_init(&attributes) != 0)
        return false;
    pthread_mutexattr_settype(&attributes, PTHREAD_MUTEX_ERRORCHECK);
    self->has_lock = pthread_mutex_init(&self->lock, &attributes) == 0;
    pthread_mutexattr_destroy(&attributes);
    return self->has_lock;
}

static void free_piece(core_piece *piece)
{
    if (!piece)
        return;
    CORE_UNLOCK();
    core_piece_close(piece);
    CORE_LOCK();
    core_input_release(&piece->input);
    Py_XDECREF(piece->what);
    core_warnings_destroy(&piece->warnings);
    PyMem_Free(piece);
}

static PyObject *source_close(PyObject *object, PyObject *unused)
{
    source *self = (source *)object;
    core_piece *piece;

    (void)unused;
    if (!lock(self))
        return NULL;
    piece = self->piece;
    self->piece = NULL;
    give(self);
    free_piece(piece);
    Py_RETURN_NONE;
}

static void source_dealloc(PyObject *object)
{
    PyTypeObject *type = Py_TYPE(object);
    source *self = (source *)object;

    free_piece(self->piece);
    if (self->has_lock)
        pthread_mutex_destroy(&self->lock);
    PyObject_Free(object);
    Py_DECREF(type);
}

/* ---- Opening -------------------------------------------------------------------------------- */

/* What open_source was given, before it is understood. */
typedef struct wishes {
    PyObject *what, *banks, *chain, *channel_chains, *progress;
    unsigned int block_frames;
    int interpolation, bank_mode;
    double gain;
    int synth_reverb, synth_chorus, reference, master;
    unsigned long long seed;
} wishes;

static bool add_bank(core_piece *piece, const core_state *state, PyObject *row)
{
    PyObject *bank;
    unsigned int offset;
    core_bank *opened;

    if (piece->bank_count == PS_RENDER_BANKS) {
        PyErr_Format(PyExc_ValueError, "more than %u SoundFonts", PS_RENDER_BANKS);
        return false;
    }
    if (!PyArg_ParseTuple(row, "O!I", state->soundfont, &bank, &offset))
        return false;
    opened = core_soundfont_bank(bank);
    if (!opened)
        return false;
    piece->choices[piece->bank_count].offset = offset;
    piece->banks[piece->bank_count++] = core_bank_share(opened);
    return true;
}

static bool add_banks(core_piece *piece, const core_state *state, PyObject *banks)
{
    const Py_ssize_t count = PySequence_Size(banks);

    for (Py_ssize_t i = 0; i < count; i++) {
        PyObject *row = PySequence_GetItem(banks, i);
        const bool added = row && add_bank(piece, state, row);

        Py_XDECREF(row);
        if (!added)
            return false;
    }
    return count >= 0;
}

/* The chains stay the caller's: its tuple holds them while the source is opened. */
static bool add_channel(core_sound *sound, const core_state *state, PyObject *row)
{
    PyObject *chain;
    unsigned int channel;

    if (!PyArg_ParseTuple(row, "IO!", &channel, state->chain, &chain))
        return false;
    if (channel < 1 || channel > PS_SCORE_CHANNELS) {
        PyErr_Format(PyExc_ValueError, "no channel %u: 1..%u", channel, PS_SCORE_CHANNELS);
        return false;
    }
    for (uint32_t i = 0; i < sound->channel_count; i++)
        if (sound->channels[i].channel == channel - 1) {
            PyErr_Format(PyExc_ValueError, "effects for channel %u given twice", channel);
            return false;
        }
    sound->channels[sound->channel_count++] =
        (ps_channel_effects){channel - 1, core_chain_get(chain)};
    return true;
}

static bool add_channels(core_sound *sound, const core_state *state, PyObject *rows)
{
    const Py_ssize_t count = PyTuple_Size(rows);

    for (Py_ssize_t i = 0; i < count; i++)
        if (!add_channel(sound, state, PyTuple_GetItem(rows, i)))
            return false;
    return count >= 0;
}

static bool parse(PyObject *args, PyObject *kwargs, wishes *w, core_sound *sound, core_state *state)
{
    static char *names[] = {"what",           "banks",        "rate",
                            "interpolation",  "polyphony",    "bank_mode",
                            "gain",           "synth_reverb", "synth_chorus",
                            "tail",           "loops",        "chain",
                            "channel_chains", "reference",    "seed",
                            "threads",        "gpu",          "effects_tail",
                            "master",         "master_lufs",  "last",
                            "progress",       "block_frames", NULL};
    ps_performance_options *performance = &sound->performance;

    if (!PyArg_ParseTupleAndKeywords(
            args, kwargs, "OO|$IiIidppdIOO!pKIidpddOI:open_source", names, &w->what, &w->banks,
            &sound->rate_hz, &w->interpolation, &performance->synth.polyphony, &w->bank_mode,
            &w->gain, &w->synth_reverb, &w->synth_chorus, &performance->tail_sec,
            &performance->loops, &w->chain, &PyTuple_Type, &w->channel_chains, &w->reference,
            &w->seed, &sound->threads, &sound->gpu, &sound->effects_tail_sec, &w->master,
            &sound->master_lufs, &sound->last_sec, &w->progress, &w->block_frames))
        return false;
    if (w->chain != Py_None && Py_TYPE(w->chain) != state->chain) {
        PyErr_SetString(PyExc_TypeError, "chain must be an EffectChain or None");
        return false;
    }
    performance->synth.interpolation = (ps_interpolation)w->interpolation;
    performance->synth.bank_mode = (ps_bank_mode)w->bank_mode;
    performance->synth.gain *= w->gain;
    if (!w->synth_reverb)
        performance->synth.reverb_gain = 0.0;
    if (!w->synth_chorus)
        performance->synth.chorus_gain = 0.0;
    sound->reference = w->reference != 0;
    sound->master = w->master != 0;
    sound->seed = w->seed;
    sound->chain = w->chain == Py_None ? NULL : core_chain_get(w->chain);
    return !w->channel_chains || add_channels(sound, state, w->channel_chains);
}

typedef enum kind { SCORE, TRACK, AUDIO, SAMPLES, UNKNOWN } kind;

static kind kind_of(core_piece *piece, PyObject *what, const core_state *state)
{
    if (Py_TYPE(what) == state->score)
        return SCORE;
    if (Py_TYPE(what) == state->track)
        return TRACK;
    if (PyBytes_Check(what))
        return AUDIO;
    return core_input_get(&piece->input, what) ? SAMPLES : UNKNOWN;
}

static bool open_piece(core_piece *piece, kind is, const core_sound *sound, core_progress *progress)
{
    ps_error err = core_no_error();
    ps_status status = PS_OK;
    const ps_score *score = is == SCORE ? core_score_get(piece->what) : NULL;
    core_track track = is == TRACK ? core_track_get(piece->what) : (core_track){0};
    const char *path = is == AUDIO ? PyBytes_AsString(piece->what) : NULL;

    CORE_UNLOCK();
    progress->unlocked = unlocked;
    switch (is) {
    case SCORE:
        status = core_piece_open_score(piece, score, sound, progress, &err);
        break;
    case TRACK:
        status = core_piece_open_track(piece, track, sound, progress, &err);
        break;
    case AUDIO:
        status = core_piece_open_audio(piece, path, sound, progress, &err);
        break;
    default:
        status = core_piece_open_input(piece, sound, progress, &err);
    }
    CORE_LOCK();
    if (status != PS_OK)
        core_raise(&err);
    return status == PS_OK && core_warnings_issue(&piece->warnings) == 0;
}

static PyObject *make_source(const core_state *state, const wishes *w, const core_sound *sound,
                             core_progress *progress)
{
    PyObject *object = PyType_GenericAlloc(state->source, 0);
    source *self = (source *)object;
    core_piece *piece = object ? PyMem_Calloc(1, sizeof *piece) : NULL;
    kind is;

    if (!piece || !make_lock(self)) {
        PyMem_Free(piece);
        Py_XDECREF(object);
        return PyErr_NoMemory();
    }
    self->piece = piece;
    self->block_frames = w->block_frames;
    core_warnings_init(&piece->warnings, NULL);
    piece->what = Py_NewRef(w->what);
    is = kind_of(piece, w->what, state);
    if (is == UNKNOWN || !add_banks(piece, state, w->banks) ||
        !open_piece(piece, is, sound, progress))
        Py_CLEAR(object);
    return object;
}

PyObject *core_open_source(PyObject *module, PyObject *args, PyObject *kwargs)
{
    core_state *state = PyModule_GetState(module);
    wishes w = {.chain = Py_None,
                .progress = Py_None,
                .interpolation = PS_INTERPOLATE_CUBIC,
                .bank_mode = PS_BANK_GS,
                .gain = 1.0,
                .synth_reverb = 1,
                .synth_chorus = 1,
                .block_frames = 4096};
    core_sound *sound = PyMem_Calloc(1, sizeof *sound);
    core_progress progress;
    PyObject *made = NULL;

    if (!sound)
        return PyErr_NoMemory();
    sound->performance = ps_performance_defaults();
    sound->effects_tail_sec = -1.0;
    sound->last_sec = -1.0;
    sound->gpu = PS_GPU_OFF;
    sound->master_lufs = ps_master_defaults().lufs;
    if (parse(args, kwargs, &w, sound, state) && core_progress_init(&progress, w.progress))
        made = make_source(state, &w, sound, &progress);
    PyMem_Free(sound);
    return made;
}

/* ---- Block by block ------------------------------------------------------------------------- */

static ps_status pull(core_samples *out, core_piece *piece, uint32_t frames, ps_error *err)
{
    float *left = ps_alloc(NULL, frames, sizeof *left),
          *right = ps_alloc(NULL, frames, sizeof *right);
    ps_status status = PS_OK;

    out->samples = malloc((size_t)frames * 2 * sizeof *out->samples);
    if (left && right && out->samples) {
        out->frames = ps_source_pull(piece->source, (ps_block){left, right, frames});
        core_interleave(out->samples, (ps_block){left, right, (uint32_t)out->frames});
    } else {
        status = ps_fail(err, PS_NO_MEMORY, "no memory for a block of %u frames", (unsigned)frames);
        free(out->samples);
    }
    ps_free(NULL, left);
    ps_free(NULL, right);
    return status;
}

static PyObject *read_block(source *self, uint32_t frames)
{
    core_piece *piece = take(self);
    core_samples audio = {0};
    ps_error err = core_no_error();
    ps_status status;

    if (!piece)
        return NULL;
    audio.rate_hz = (uint32_t)llround(ps_source_rate_hz(piece->source));
    CORE_UNLOCK();
    status = pull(&audio, piece, frames, &err);
    CORE_LOCK();
    give(self);
    if (status != PS_OK)
        return core_raise(&err);
    return core_audio_buffer_new(core_state_of((PyObject *)self), audio);
}

#define BLOCK_MOST (1u << 24)

static PyObject *source_read(PyObject *self, PyObject *args)
{
    unsigned long frames = ((source *)self)->block_frames;

    if (!PyArg_ParseTuple(args, "|k:read", &frames))
        return NULL;
    if (frames < 1 || frames > BLOCK_MOST)
        return PyErr_Format(PyExc_ValueError, "a block has 1..%u frames", BLOCK_MOST);
    return read_block((source *)self, (uint32_t)frames);
}

static PyObject *source_next(PyObject *self)
{
    PyObject *block = read_block((source *)self, ((source *)self)->block_frames);

    if (block && PyObject_Size(block) == 0)
        Py_CLEAR(block);
    return block;
}

static PyObject *source_seek(PyObject *object, PyObject *args)
{
    source *self = (source *)object;
    unsigned long long frame;
    core_piece *piece;
    ps_status status;

    if (!PyArg_ParseTuple(args, "K:seek", &frame))
        return NULL;
    piece = take(self);
    if (!piece)
        return NULL;
    CORE_UNLOCK();
    status = ps_source_seek(piece->source, frame);
    CORE_LOCK();
    give(self);
    if (status != PS_OK) {
        ps_error err = core_no_error();

        ps_fail(&err, status, "cannot go to frame %llu: %s", frame, ps_status_text(status));
        return core_raise(&err);
    }
    Py_RETURN_NONE;
}

/* ---- As a whole ----------------------------------------------------------------------------- */

/* What a level means to this piece. */
static void settle_level(const core_piece *piece, core_span *span)
{
    if (span->level_mode == PS_LEVEL_AUTO && piece->master_chain)
        span->level_mode = PS_LEVEL_NONE;
    if (span->level_mode == PS_LEVEL_AUTO && piece->track) {
        span->level_mode = PS_LEVEL_PEAK;
        span->level_db = 20.0 * log10(TRACK_GAIN);
    }
    span->fixed_gain = piece->track ? TRACK_GAIN : 1.0;
}

static const core_span whole = {.duration_sec = -1.0, .level_mode = PS_LEVEL_AUTO};

static PyObject *source_collect(PyObject *object, PyObject *args, PyObject *kwargs)
{
    static char *names[] = {"start",      "duration", "fade_in",  "fade_out",
                            "level_mode", "level_db", "progress", NULL};
    source *self = (source *)object;
    core_span span = whole;
    PyObject *function = Py_None;
    core_progress progress;
    core_piece *piece;
    core_samples audio = {0};
    int mode = PS_LEVEL_AUTO;
    ps_error err = core_no_error();
    ps_status status;

    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "|$ddddidO:collect", names, &span.start_sec,
                                     &span.duration_sec, &span.fade_in_sec, &span.fade_out_sec,
                                     &mode, &span.level_db, &function))
        return NULL;
    span.level_mode = (ps_level_mode)mode;
    piece = core_progress_init(&progress, function) ? take(self) : NULL;
    if (!piece)
        return NULL;
    settle_level(piece, &span);
    CORE_UNLOCK();
    progress.unlocked = unlocked;
    status = core_collect(&audio, piece, &span, &progress, &err);
    CORE_LOCK();
    give(self);
    if (status != PS_OK)
        return core_raise(&err);
    return core_audio_buffer_new(core_state_of(object), audio);
}

/* ---- To a file ------------------------------------------------------------------------------ */

static PyObject *report_of(const core_piece *piece, const ps_render_report *report)
{
    const ps_levels *levels = &report->levels;

    return Py_BuildValue(
        "{sdsKsIsdsdsdsdsdsOsKsN}", "seconds", report->seconds, "frames",
        (unsigned long long)report->frames, "sample_rate", (unsigned)report->rate_hz, "peak",
        levels->peak, "true_peak", levels->true_peak, "rms", levels->rms, "lufs",
        levels->integrated_lufs, "gain", report->gain, "prevented_clipping",
        report->prevented_clipping ? Py_True : Py_False, "clipped",
        (unsigned long long)report->clipped, "master", core_text(piece->master_chain));
}

/* 1 when a duration says where it ends. */
static double stretch_of(const core_piece *piece, const core_span *span)
{
    const ps_length length = ps_source_length(piece->source);

    if (span->duration_sec > 0.0 || piece->likely_frames == 0 || length.kind == PS_LENGTH_ENDLESS)
        return 1.0;
    return fmax(1.0, (double)length.frames / (double)piece->likely_frames);
}

static ps_status save_piece(core_piece *piece, const char *path, const core_span *span,
                            core_file *file, core_progress *progress, uint32_t measures,
                            ps_render_report *report, ps_error *err)
{
    ps_render_request request = ps_render_defaults();
    ps_status status = PS_OK;

    if (piece->reference) {
        file->options.dither = false;
        file->options.truncate = true;
    }
    file->options.seed = piece->seed;
    request.output_path = path;
    request.container_from_name = false;
    request.file = file->options;
    request.level_mode = span->level_mode;
    request.level_db = span->level_db;
    request.fixed_gain = span->fixed_gain;
    request.start_sec = span->start_sec;
    request.duration_sec = span->duration_sec;
    request.fade_in_sec = span->fade_in_sec;
    request.fade_out_sec = span->fade_out_sec;
    request.measures = measures;
    progress->stretch = stretch_of(piece, span);
    request.progress = core_progress_tell;
    request.progress_user = progress;
    if (ps_source_position(piece->source) > 0)
        status = ps_source_seek(piece->source, 0);
    if (status == PS_OK)
        status = ps_render_source(piece->source, piece->engine.engine, &request, report, err);
    return status;
}

/* "-" and "null:" are words of the command line; here they are names like others. */
static PyObject *file_path(PyObject *path)
{
    const char *name = PyBytes_AsString(path);

    if (strcmp(name, "-") != 0 && strcmp(name, "null:") != 0)
        return Py_NewRef(path);
    return PyBytes_FromFormat("./%s", name);
}

static PyObject *save_to(source *self, PyObject *path, core_span *span, core_file *file,
                         core_progress *progress, uint32_t measures)
{
    PyObject *own = file_path(path), *result = NULL;
    core_piece *piece = own ? take(self) : NULL;
    ps_render_report *report = piece ? PyMem_Calloc(1, sizeof *report) : NULL;
    ps_error err = core_no_error();
    ps_status status = ps_fail(&err, PS_NO_MEMORY, "no memory to render with");
    const char *name = own ? PyBytes_AsString(own) : NULL;

    if (report) {
        settle_level(piece, span);
        CORE_UNLOCK();
        progress->unlocked = unlocked;
        status = save_piece(piece, name, span, file, progress, measures, report, &err);
        CORE_LOCK();
    }
    if (status == PS_OK)
        result = report_of(piece, report);
    if (piece)
        give(self);
    PyMem_Free(report);
    Py_XDECREF(own);
    if (status != PS_OK)
        core_raise(&err);
    return result;
}

static PyObject *source_save(PyObject *object, PyObject *args, PyObject *kwargs)
{
    static char *names[] = {"path",    "format",   "bits",       "quality",  "dither",
                            "mono",    "tags",     "no_clobber", "start",    "duration",
                            "fade_in", "fade_out", "level_mode", "level_db", "progress",
                            "measure", NULL};
    PyObject *path, *tags = Py_None, *function = Py_None, *result = NULL;
    const char *format = NULL;
    int bits = 0, dither = 1, mono = 0, no_clobber = 0, mode = PS_LEVEL_AUTO, measure = 1;
    double quality = -1.0;
    core_span span = whole;
    core_progress progress;
    core_file file = {.kept = NULL};

    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "O&|z$idppOpddddidOp:save", names,
                                     PyUnicode_FSConverter, &path, &format, &bits, &quality,
                                     &dither, &mono, &tags, &no_clobber, &span.start_sec,
                                     &span.duration_sec, &span.fade_in_sec, &span.fade_out_sec,
                                     &mode, &span.level_db, &function, &measure))
        return NULL;
    span.level_mode = (ps_level_mode)mode;
    if (core_progress_init(&progress, function) &&
        core_file_init(&file, PyBytes_AsString(path), format, bits, quality, dither != 0, mono != 0,
                       no_clobber != 0, tags))
        result =
            save_to((source *)object, path, &span, &file, &progress, measure ? PS_MEASURE_ALL : 0);
    core_file_release(&file);
    Py_DECREF(path);
    return result;
}

/* ---- What it is ----------------------------------------------------------------------------- */

static PyObject *get_closed(PyObject *self, void *unused)
{
    (void)unused;
    return PyBool_FromLong(((source *)self)->piece == NULL);
}

static PyObject *get_rate(PyObject *self, void *unused)
{
    core_piece *piece = take((source *)self);
    double rate_hz;

    (void)unused;
    if (!piece)
        return NULL;
    rate_hz = ps_source_rate_hz(piece->source);
    give((source *)self);
    return PyLong_FromDouble(rate_hz);
}

static PyObject *get_position(PyObject *self, void *unused)
{
    core_piece *piece = take((source *)self);
    uint64_t frame;

    (void)unused;
    if (!piece)
        return NULL;
    frame = ps_source_position(piece->source);
    give((source *)self);
    return PyLong_FromUnsignedLongLong(frame);
}

static PyObject *get_frames(PyObject *self, void *unused)
{
    core_piece *piece = take((source *)self);
    ps_length length;

    (void)unused;
    if (!piece)
        return NULL;
    length = ps_source_length(piece->source);
    give((source *)self);
    if (length.kind == PS_LENGTH_ENDLESS)
        Py_RETURN_NONE;
    return PyLong_FromUnsignedLongLong(length.frames);
}

static PyObject *get_master(PyObject *self, void *unused)
{
    core_piece *piece = take((source *)self);
    PyObject *text;

    (void)unused;
    if (!piece)
        return NULL;
    text = core_text(piece->master_chain);
    give((source *)self);
    return text;
}

static PyObject *source_enter(PyObject *self, PyObject *unused)
{
    (void)unused;
    if (!take((source *)self))
        return NULL;
    give((source *)self);
    return Py_NewRef(self);
}

static PyObject *source_exit(PyObject *self, PyObject *args)
{
    (void)args;
    return source_close(self, NULL);
}

static PyGetSetDef properties[] = {
    {"sample_rate", get_rate, NULL, "Frames per second.", NULL},
    {"position", get_position, NULL, "The frame that the next read begins with.", NULL},
    {"frames", get_frames, NULL,
     "Length in frames, the most it can be when it ends by itself; None when endless.", NULL},
    {"master_chain", get_master, NULL, "The chain that mastering made, as text, or None.", NULL},
    {"closed", get_closed, NULL, "Whether close() was called.", NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

#define WITH_NAMES(function) (PyCFunction)(void (*)(void)) function, METH_VARARGS | METH_KEYWORDS

static PyMethodDef methods[] = {
    {"read", source_read, METH_VARARGS,
     "read($self, frames=4096, /)\n--\n\n"
     "The next frames as an AudioBuffer; fewer at the end, then none (len() is 0)."},
    {"seek", source_seek, METH_VARARGS,
     "seek($self, frame, /)\n--\n\nMoves to a frame; frame 0 is always exact."},
    {"collect", WITH_NAMES(source_collect),
     "collect($self, /, *, start=0.0, duration=-1.0, fade_in=0.0, fade_out=0.0, level_mode=0,\n"
     "        level_db=0.0, progress=None)\n--\n\n"
     "Plays all from frame 0 into an AudioBuffer. render() says it in words."},
    {"save", WITH_NAMES(source_save),
     "save($self, /, path, format=None, *, bits=0, quality=-1.0, dither=True, mono=False,\n"
     "     tags=None, no_clobber=False, start=0.0, duration=-1.0, fade_in=0.0, fade_out=0.0,\n"
     "     level_mode=0, level_db=0.0, progress=None, measure=True)\n--\n\n"
     "Plays all from frame 0 into a file, which gets its name when it is whole; a dict of what\n"
     "was written. render() says it in words."},
    {"close", source_close, METH_NOARGS, "close($self, /)\n--\n\nFrees what it plays from."},
    {"__enter__", source_enter, METH_NOARGS, NULL},
    {"__exit__", source_exit, METH_VARARGS, NULL},
    {NULL, NULL, 0, NULL},
};

PyDoc_STRVAR(doc,
             "Anything that sounds, made by plainsong.open_source(). Pulled with read() or by\n"
             "iteration, how it is cut into blocks is not heard. Threads may share one: they wait "
             "for\neach other.");

static PyType_Slot slots[] = {
    {Py_tp_doc, (void *)doc},
    {Py_tp_dealloc, source_dealloc},
    {Py_tp_iter, PyObject_SelfIter},
    {Py_tp_iternext, source_next},
    {Py_tp_methods, methods},
    {Py_tp_getset, properties},
    {0, NULL},
};

PyType_Spec core_source_spec = {
    .name = "plainsong._core.Source",
    .basicsize = sizeof(source),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_IMMUTABLETYPE | Py_TPFLAGS_DISALLOW_INSTANTIATION,
    .slots = slots,
};
