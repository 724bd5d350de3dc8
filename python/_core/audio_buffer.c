/*
 * AudioBuffer: stereo samples in C memory, which Python reads and writes in place through the
 * buffer protocol, as (frames, 2) of float32.
 */
#include "core.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/mman.h>
#endif

typedef struct audio_buffer {
    PyObject_HEAD core_samples audio;
    Py_ssize_t shape[2], strides[2];
} audio_buffer;

#define BLOCK_FRAMES 4096u

static const core_samples *audio_of(PyObject *self)
{
    return &((audio_buffer *)self)->audio;
}

PyObject *core_audio_buffer_new(const core_state *state, core_samples samples)
{
    PyObject *self = PyType_GenericAlloc(state->audio_buffer, 0);
    audio_buffer *buffer = (audio_buffer *)self;

    if (!self) {
        free(samples.samples);
        return NULL;
    }
    buffer->audio = samples;
    buffer->shape[0] = (Py_ssize_t)samples.frames;
    buffer->shape[1] = 2;
    buffer->strides[0] = 2 * (Py_ssize_t)sizeof(float);
    buffer->strides[1] = (Py_ssize_t)sizeof(float);
    return self;
}

/* ---- Memory that comes in ------------------------------------------------------------------- */

/* "f" in the machine's byte order, however it is spelled. */
static bool is_float32(const Py_buffer *view)
{
    const char *format = view->format ? view->format : "B";
    const char native = PY_BIG_ENDIAN ? '>' : '<';

    if (*format == '@' || *format == '=' || *format == native)
        format++;
    return strcmp(format, "f") == 0 && view->itemsize == (Py_ssize_t)sizeof(float);
}

static bool understand(core_input *input)
{
    const Py_buffer *view = &input->view;

    if (!is_float32(view)) {
        PyErr_Format(PyExc_TypeError, "samples must be float32 in native byte order, not '%s'",
                     view->format ? view->format : "B");
        return false;
    }
    if (view->ndim < 1 || view->ndim > 2 ||
        (view->ndim == 2 && view->shape[1] != 1 && view->shape[1] != 2)) {
        PyErr_SetString(PyExc_ValueError,
                        "samples must have the shape (frames,), (frames, 1) or (frames, 2)");
        return false;
    }
    input->samples = view->buf;
    input->frames = (uint64_t)view->shape[0];
    input->channels = view->ndim == 2 ? (uint32_t)view->shape[1] : 1;
    return true;
}

bool core_input_get(core_input *input, PyObject *object)
{
    memset(input, 0, sizeof *input);
    if (!PyObject_CheckBuffer(object)) {
        PyErr_SetString(PyExc_TypeError,
                        "samples must be an AudioBuffer, an array or another buffer of float32");
        return false;
    }
    if (PyObject_GetBuffer(object, &input->view, PyBUF_C_CONTIGUOUS | PyBUF_FORMAT) != 0) {
        if (PyErr_ExceptionMatches(PyExc_BufferError) || PyErr_ExceptionMatches(PyExc_ValueError))
            PyErr_SetString(PyExc_ValueError, "samples must be C-contiguous in memory");
        return false;
    }
    if (understand(input))
        return true;
    core_input_release(input);
    return false;
}

void core_input_release(core_input *input)
{
    if (input->view.obj)
        PyBuffer_Release(&input->view);
    memset(input, 0, sizeof *input);
}

/* ---- The object ----------------------------------------------------------------------------- */

/* The samples of any input as stereo of its own; raises. */
static bool copy_input(core_samples *out, const core_input *input)
{
    const size_t frames = input->frames ? (size_t)input->frames : 1;

    out->frames = input->frames;
    out->samples =
        frames <= SIZE_MAX / (2 * sizeof(float)) ? malloc(frames * 2 * sizeof(float)) : NULL;
    if (!out->samples) {
        PyErr_NoMemory();
        return false;
    }
    CORE_UNLOCK();
    if (input->channels == 2)
        memcpy(out->samples, input->samples, (size_t)input->frames * 2 * sizeof(float));
    else
        for (size_t i = 0; i < input->frames; i++)
            out->samples[2 * i] = out->samples[2 * i + 1] = input->samples[i];
    CORE_LOCK();
    return true;
}

static PyObject *buffer_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    static char *names[] = {"samples", "sample_rate", NULL};
    PyObject *object;
    unsigned int rate_hz = 44100;
    core_samples made = {0};
    core_input input;
    bool copied;

    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "O|I:AudioBuffer", names, &object, &rate_hz))
        return NULL;
    if (!(rate_hz >= PS_RATE_MIN_HZ && rate_hz <= PS_RATE_MAX_HZ))
        return PyErr_Format(PyExc_ValueError, "sample rate of %u Hz is outside 8000..192000",
                            rate_hz);
    if (!core_input_get(&input, object))
        return NULL;
    made.rate_hz = rate_hz;
    copied = copy_input(&made, &input);
    core_input_release(&input);
    return copied ? core_audio_buffer_new(PyType_GetModuleState(type), made) : NULL;
}

static void buffer_dealloc(PyObject *self)
{
    PyTypeObject *type = Py_TYPE(self);

    free(((audio_buffer *)self)->audio.samples);
    PyObject_Free(self);
    Py_DECREF(type);
}

static int get_buffer(PyObject *self, Py_buffer *view, int flags)
{
    audio_buffer *buffer = (audio_buffer *)self;
    const bool shaped = (flags & PyBUF_ND) == PyBUF_ND;
    const bool wants_fortran = (flags & PyBUF_F_CONTIGUOUS) == PyBUF_F_CONTIGUOUS &&
                               (flags & PyBUF_C_CONTIGUOUS) != PyBUF_C_CONTIGUOUS &&
                               (flags & PyBUF_ANY_CONTIGUOUS) != PyBUF_ANY_CONTIGUOUS;

    view->obj = NULL;
    if (wants_fortran && buffer->audio.frames > 1) {
        PyErr_SetString(PyExc_BufferError, "an AudioBuffer lies in memory frame by frame");
        return -1;
    }
    view->buf = buffer->audio.samples;
    view->len = buffer->shape[0] * buffer->strides[0];
    view->readonly = 0;
    view->itemsize = (Py_ssize_t)sizeof(float);
    view->format = (flags & PyBUF_FORMAT) == PyBUF_FORMAT ? "f" : NULL;
    view->ndim = shaped ? 2 : 1;
    view->shape = shaped ? buffer->shape : NULL;
    view->strides = (flags & PyBUF_STRIDES) == PyBUF_STRIDES ? buffer->strides : NULL;
    view->suboffsets = NULL;
    view->internal = NULL;
    view->obj = Py_NewRef(self);
    return 0;
}

static Py_ssize_t buffer_length(PyObject *self)
{
    return ((audio_buffer *)self)->shape[0];
}

static PyObject *buffer_repr(PyObject *self)
{
    const core_samples *audio = audio_of(self);
    char text[96];

    snprintf(text, sizeof text, "<AudioBuffer of %.3f s: %llu frames at %u Hz>",
             (double)audio->frames / audio->rate_hz, (unsigned long long)audio->frames,
             (unsigned)audio->rate_hz);
    return PyUnicode_FromString(text);
}

/* ---- Properties ----------------------------------------------------------------------------- */

static PyObject *get_rate(PyObject *self, void *unused)
{
    (void)unused;
    return PyLong_FromUnsignedLong(audio_of(self)->rate_hz);
}

static PyObject *get_frames(PyObject *self, void *unused)
{
    (void)unused;
    return PyLong_FromUnsignedLongLong(audio_of(self)->frames);
}

static PyObject *get_duration(PyObject *self, void *unused)
{
    const core_samples *audio = audio_of(self);

    (void)unused;
    return PyFloat_FromDouble((double)audio->frames / audio->rate_hz);
}

static PyObject *get_shape(PyObject *self, void *unused)
{
    (void)unused;
    return Py_BuildValue("nn", ((audio_buffer *)self)->shape[0], (Py_ssize_t)2);
}

static PyObject *get_channels(PyObject *self, void *unused)
{
    (void)self;
    (void)unused;
    return PyLong_FromLong(2);
}

static PyGetSetDef properties[] = {
    {"sample_rate", get_rate, NULL, "Frames per second.", NULL},
    {"frames", get_frames, NULL, "Number of frames; also len(buffer).", NULL},
    {"channels", get_channels, NULL, "Always 2.", NULL},
    {"duration", get_duration, NULL, "Length in seconds.", NULL},
    {"shape", get_shape, NULL, "(frames, 2), as numpy.asarray(buffer) has it.", NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

/* ---- Files ---------------------------------------------------------------------------------- */

static ps_status write_all(ps_audio_writer *writer, const core_samples *audio, ps_error *err)
{
    float left[BLOCK_FRAMES], right[BLOCK_FRAMES];
    ps_status status = PS_OK;

    for (uint64_t at = 0; at < audio->frames && status == PS_OK; at += BLOCK_FRAMES) {
        const uint64_t rest = audio->frames - at;
        const ps_block block = {left, right, rest < BLOCK_FRAMES ? (uint32_t)rest : BLOCK_FRAMES};

        core_deinterleave(block, audio->samples + 2 * at);
        status = ps_audio_writer_write(writer, block, err);
    }
    return status == PS_OK ? ps_audio_writer_finish(writer, err) : status;
}

/* To a path, or else to a stream. */
static ps_status write_file(const core_samples *audio, core_file *file, const char *path,
                            FILE *stream, ps_error *err)
{
    ps_audio_writer *writer = NULL;
    ps_status status;

    file->options.rate_hz = audio->rate_hz;
    file->options.expected_frames = audio->frames;
    status = path ? ps_audio_writer_open(&writer, path, &file->options, err)
                  : ps_audio_writer_open_stream(&writer, stream, &file->options, err);
    if (status == PS_OK)
        status = write_all(writer, audio, err);
    ps_audio_writer_close(writer);
    return status;
}

/* A file without a name that can be rewound: some formats know their length only at the end. */
static FILE *nameless_file(void)
{
#ifdef __linux__
    const int fd = memfd_create("plainsong", MFD_CLOEXEC);
    FILE *stream = fd >= 0 ? fdopen(fd, "w+b") : NULL;

    if (!stream && fd >= 0)
        close(fd);
    return stream;
#else
    return tmpfile();
#endif
}

static ps_status read_back(FILE *stream, char **bytes, size_t *size_bytes, ps_error *err)
{
    long end;

    if (fflush(stream) != 0 || fseek(stream, 0, SEEK_END) != 0 || (end = ftell(stream)) < 0)
        return ps_fail(err, PS_CANNOT_WRITE, "no room for a file in memory");
    rewind(stream);
    *size_bytes = (size_t)end;
    *bytes = malloc(*size_bytes + 1);
    if (!*bytes || fread(*bytes, 1, *size_bytes, stream) != *size_bytes)
        return ps_fail(err, PS_NO_MEMORY, "no memory for a file of %zu bytes", *size_bytes);
    return PS_OK;
}

static ps_status write_memory(const core_samples *audio, core_file *file, char **bytes,
                              size_t *size_bytes, ps_error *err)
{
    FILE *stream = nameless_file();
    ps_status status;

    if (!stream)
        return ps_fail(err, PS_NO_MEMORY, "no memory for a file");
    status = write_file(audio, file, NULL, stream, err);
    if (status == PS_OK)
        status = read_back(stream, bytes, size_bytes, err);
    fclose(stream);
    return status;
}

static PyObject *to_bytes(PyObject *self, PyObject *args, PyObject *kwargs)
{
    static char *names[] = {"format", "bits", "quality", "dither", "mono", "tags", NULL};
    const char *format = "wav";
    int bits = 0, dither = 1, mono = 0;
    double quality = -1.0;
    PyObject *tags = Py_None, *result = NULL;
    char *bytes = NULL;
    size_t size_bytes = 0;
    core_file file;
    ps_error err = core_no_error();
    ps_status status;

    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "|s$idppO:to_bytes", names, &format, &bits,
                                     &quality, &dither, &mono, &tags))
        return NULL;
    if (!core_file_init(&file, NULL, format, bits, quality, dither != 0, mono != 0, false, tags)) {
        core_file_release(&file);
        return NULL;
    }
    CORE_UNLOCK();
    status = write_memory(audio_of(self), &file, &bytes, &size_bytes, &err);
    CORE_LOCK();
    core_file_release(&file);
    if (status == PS_OK)
        result = PyBytes_FromStringAndSize(bytes, (Py_ssize_t)size_bytes);
    else
        core_raise(&err);
    free(bytes);
    return result;
}

static PyObject *save(PyObject *self, PyObject *args, PyObject *kwargs)
{
    static char *names[] = {"path", "format", "bits",       "quality", "dither",
                            "mono", "tags",   "no_clobber", NULL};
    PyObject *path, *tags = Py_None;
    const char *format = NULL, *name;
    int bits = 0, dither = 1, mono = 0, no_clobber = 0;
    double quality = -1.0;
    core_file file;
    ps_error err = core_no_error();
    ps_status status = PS_OK;
    bool ready;

    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "O&|z$idppOp:save", names, PyUnicode_FSConverter,
                                     &path, &format, &bits, &quality, &dither, &mono, &tags,
                                     &no_clobber))
        return NULL;
    name = PyBytes_AsString(path);
    ready = core_file_init(&file, name, format, bits, quality, dither != 0, mono != 0,
                           no_clobber != 0, tags);
    if (ready) {
        CORE_UNLOCK();
        status = write_file(audio_of(self), &file, name, NULL, &err);
        CORE_LOCK();
    }
    core_file_release(&file);
    Py_DECREF(path);
    if (!ready)
        return NULL;
    if (status != PS_OK)
        return core_raise(&err);
    Py_RETURN_NONE;
}

static PyMethodDef methods[] = {
    {"to_bytes", (PyCFunction)(void (*)(void))to_bytes, METH_VARARGS | METH_KEYWORDS,
     "to_bytes($self, /, format='wav', *, bits=0, quality=-1.0, dither=True, mono=False, tags=None)"
     "\n--\n\n"
     "A whole audio file in memory: 'wav', 'aiff', 'flac', 'mp3', 'ogg', 'opus' or 'raw'.\n\n"
     "bits: 16, 24, 32, or -32 for float; 0 is 16, and float for 'raw'. quality: 0..10 for mp3,\n"
     "ogg and opus, 0..8 for flac, -1 the default. tags: a dict of title, artist, ...\n"
     "Raises ArgumentError for what the format cannot hold."},
    {"save", (PyCFunction)(void (*)(void))save, METH_VARARGS | METH_KEYWORDS,
     "save($self, /, path, format=None, *, bits=0, quality=-1.0, dither=True, mono=False,\n"
     "     tags=None, no_clobber=False)\n--\n\n"
     "Writes an audio file; without a format its name says which. It gets its name when it is\n"
     "whole. Parameters as of to_bytes(); no_clobber: WriteError when the file exists."},
    {NULL, NULL, 0, NULL},
};

PyDoc_STRVAR(doc,
             "AudioBuffer(samples, sample_rate=44100)\n--\n\n"
             "Stereo audio in memory: (frames, 2) of float32, full scale -1..1.\n\n"
             "numpy.asarray(buffer) and memoryview(buffer) share its memory; writing to them "
             "changes it.\nMade by render() and process(), or as a copy of samples: float32 of "
             "the shape (frames, 2),\n(frames, 1) or (frames,), C-contiguous. Mono goes to "
             "both channels.");

static PyType_Slot slots[] = {
    {Py_tp_doc, (void *)doc},      {Py_tp_new, buffer_new},       {Py_tp_dealloc, buffer_dealloc},
    {Py_tp_repr, buffer_repr},     {Py_tp_methods, methods},      {Py_tp_getset, properties},
    {Py_sq_length, buffer_length}, {Py_bf_getbuffer, get_buffer}, {0, NULL},
};

PyType_Spec core_audio_buffer_spec = {
    .name = "plainsong._core.AudioBuffer",
    .basicsize = sizeof(audio_buffer),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_IMMUTABLETYPE,
    .slots = slots,
};
