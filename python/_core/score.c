/* Score: the events of a MIDI file, and the edits that make new ones. */
#include "core.h"

#include <string.h>

typedef struct score {
    PyObject_HEAD ps_score *score; /* never NULL once made */
} score;

const ps_score *core_score_get(PyObject *self)
{
    return ((score *)self)->score;
}

static PyObject *wrap(PyTypeObject *type, ps_score *made)
{
    PyObject *self = PyType_GenericAlloc(type, 0);

    if (self)
        ((score *)self)->score = made;
    else
        ps_score_destroy(made);
    return self;
}

/* ---- Reading -------------------------------------------------------------------------------- */

static ps_status read_file(ps_score **out, const char *path, const ps_score_options *options,
                           ps_error *err)
{
    ps_file *file = NULL;
    size_t size_bytes;
    ps_status status = ps_file_map(&file, path, err);

    if (status == PS_OK) {
        const uint8_t *bytes = ps_file_bytes(file, &size_bytes);

        status = ps_score_read(out, bytes, size_bytes, options, err);
    }
    ps_file_close(file);
    if (status != PS_OK)
        ps_error_in(err, path);
    return status;
}

/* From a path (a bytes object), or else from a buffer. */
static PyObject *read_score(PyTypeObject *type, PyObject *path, const Py_buffer *view, bool strict)
{
    const char *name = path ? PyBytes_AsString(path) : NULL;
    core_warnings *warnings = PyMem_Malloc(sizeof *warnings);
    ps_score_options options = {.strict = strict};
    ps_score *made = NULL;
    PyObject *self = NULL;
    ps_error err = core_no_error();
    ps_status status;

    if (!warnings)
        return PyErr_NoMemory();
    core_warnings_init(warnings, name);
    options.warnings = core_warnings_lend(warnings);
    CORE_UNLOCK();
    status = path ? read_file(&made, name, &options, &err)
                  : ps_score_read(&made, view->buf, (size_t)view->len, &options, &err);
    CORE_LOCK();
    if (status == PS_OK)
        self = wrap(type, made);
    else
        core_raise(&err);
    if (self && core_warnings_issue(warnings) != 0)
        Py_CLEAR(self);
    core_warnings_destroy(warnings);
    PyMem_Free(warnings);
    return self;
}

static PyObject *score_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    static char *names[] = {"path", "strict", NULL};
    PyObject *path, *self;
    int strict = 0;

    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "O&|$p:Score", names, PyUnicode_FSConverter,
                                     &path, &strict))
        return NULL;
    self = read_score(type, path, NULL, strict != 0);
    Py_DECREF(path);
    return self;
}

static PyObject *from_bytes(PyObject *type, PyObject *args, PyObject *kwargs)
{
    static char *names[] = {"data", "strict", NULL};
    Py_buffer view;
    PyObject *self;
    int strict = 0;

    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "y*|$p:from_bytes", names, &view, &strict))
        return NULL;
    self = read_score((PyTypeObject *)type, NULL, &view, strict != 0);
    PyBuffer_Release(&view);
    return self;
}

static void score_dealloc(PyObject *self)
{
    PyTypeObject *type = Py_TYPE(self);

    ps_score_destroy(((score *)self)->score);
    PyObject_Free(self);
    Py_DECREF(type);
}

/* ---- Writing -------------------------------------------------------------------------------- */

static PyObject *to_bytes(PyObject *self, PyObject *unused)
{
    uint8_t *bytes = NULL;
    size_t size_bytes = 0;
    PyObject *result;
    ps_error err = core_no_error();
    ps_status status;

    (void)unused;
    CORE_UNLOCK();
    status = ps_score_write(core_score_get(self), &bytes, &size_bytes, NULL, &err);
    CORE_LOCK();
    if (status != PS_OK)
        return core_raise(&err);
    result = PyBytes_FromStringAndSize((const char *)bytes, (Py_ssize_t)size_bytes);
    ps_free(NULL, bytes);
    return result;
}

static PyObject *save(PyObject *self, PyObject *args, PyObject *kwargs)
{
    static char *names[] = {"path", "no_clobber", NULL};
    PyObject *path;
    int no_clobber = 0;
    uint8_t *bytes = NULL;
    size_t size_bytes = 0;
    ps_error err = core_no_error();
    ps_status status;

    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "O&|$p:save", names, PyUnicode_FSConverter,
                                     &path, &no_clobber))
        return NULL;
    const char *name = PyBytes_AsString(path);
    CORE_UNLOCK();
    status = ps_score_write(core_score_get(self), &bytes, &size_bytes, NULL, &err);
    if (status == PS_OK)
        status = ps_file_write(name, bytes, size_bytes, no_clobber != 0, &err);
    ps_free(NULL, bytes);
    CORE_LOCK();
    Py_DECREF(path);
    if (status != PS_OK)
        return core_raise(&err);
    Py_RETURN_NONE;
}

/* ---- Edits ---------------------------------------------------------------------------------- */

/* What an edit made, or why not. */
static PyObject *edited(PyObject *self, ps_status status, ps_score *made, const ps_error *err)
{
    return status == PS_OK ? wrap(Py_TYPE(self), made) : core_raise(err);
}

/* "O&" for a set of channels counted from 1; None is all. */
static int channels_of(PyObject *object, void *out)
{
    ps_channel_set *set = out;
    PyObject *items, *item;

    *set = ps_channels_all();
    if (object == Py_None)
        return 1;
    *set = ps_channels_none();
    items = PyObject_GetIter(object);
    while (items && (item = PyIter_Next(items))) {
        const long channel = PyLong_AsLong(item);

        Py_DECREF(item);
        if (channel >= 1 && channel <= (long)PS_SCORE_CHANNELS)
            ps_channels_add(set, (uint32_t)channel - 1);
        else if (!PyErr_Occurred())
            PyErr_Format(PyExc_ValueError, "no channel %ld: 1..%u", channel, PS_SCORE_CHANNELS);
        if (PyErr_Occurred())
            break;
    }
    Py_XDECREF(items);
    return PyErr_Occurred() == NULL;
}

static PyObject *transpose(PyObject *self, PyObject *args, PyObject *kwargs)
{
    static char *names[] = {"semitones", "channels", NULL};
    ps_channel_set channels = ps_channels_all();
    ps_score *made = NULL;
    ps_error err = core_no_error();
    ps_status status;
    int semitones;

    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "i|$O&:transpose", names, &semitones,
                                     channels_of, &channels))
        return NULL;
    CORE_UNLOCK();
    status = ps_score_transpose(&made, core_score_get(self), semitones, &channels, NULL, &err);
    CORE_LOCK();
    return edited(self, status, made, &err);
}

static PyObject *scale_tempo(PyObject *self, PyObject *args)
{
    ps_score *made = NULL;
    ps_error err = core_no_error();
    ps_status status;
    double factor;

    if (!PyArg_ParseTuple(args, "d:scale_tempo", &factor))
        return NULL;
    CORE_UNLOCK();
    status = ps_score_scale_tempo(&made, core_score_get(self), factor, NULL, &err);
    CORE_LOCK();
    return edited(self, status, made, &err);
}

static PyObject *set_tempo(PyObject *self, PyObject *args)
{
    ps_score *made = NULL;
    ps_error err = core_no_error();
    ps_status status;
    double bpm;

    if (!PyArg_ParseTuple(args, "d:set_tempo", &bpm))
        return NULL;
    CORE_UNLOCK();
    status = ps_score_set_tempo(&made, core_score_get(self), bpm, NULL, &err);
    CORE_LOCK();
    return edited(self, status, made, &err);
}

static PyObject *scale_velocity(PyObject *self, PyObject *args, PyObject *kwargs)
{
    static char *names[] = {"factor", "offset", "channels", NULL};
    ps_channel_set channels = ps_channels_all();
    ps_score *made = NULL;
    ps_error err = core_no_error();
    ps_status status;
    double factor, offset = 0.0;

    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "d|d$O&:scale_velocity", names, &factor, &offset,
                                     channels_of, &channels))
        return NULL;
    CORE_UNLOCK();
    status =
        ps_score_scale_velocity(&made, core_score_get(self), factor, offset, &channels, NULL, &err);
    CORE_LOCK();
    return edited(self, status, made, &err);
}

static PyObject *quantize(PyObject *self, PyObject *args, PyObject *kwargs)
{
    static char *names[] = {"grid", "strength", "swing", "channels", NULL};
    ps_channel_set channels = ps_channels_all();
    ps_score *made = NULL;
    ps_error err = core_no_error();
    ps_status status;
    double grid, strength = 1.0, swing = 0.0;

    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "d|$ddO&:quantize", names, &grid, &strength,
                                     &swing, channels_of, &channels))
        return NULL;
    CORE_UNLOCK();
    status = ps_score_quantize(&made, core_score_get(self), grid, strength, swing, &channels, NULL,
                               &err);
    CORE_LOCK();
    return edited(self, status, made, &err);
}

static PyObject *trim(PyObject *self, PyObject *args, PyObject *kwargs)
{
    static char *names[] = {"start", "end", NULL};
    ps_score *made = NULL;
    ps_error err = core_no_error();
    ps_status status;
    double start_sec = 0.0, end_sec = -1.0;

    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "|dd:trim", names, &start_sec, &end_sec))
        return NULL;
    CORE_UNLOCK();
    status = ps_score_trim(&made, core_score_get(self), start_sec, end_sec, NULL, &err);
    CORE_LOCK();
    return edited(self, status, made, &err);
}

static PyObject *only_channels(PyObject *self, PyObject *args)
{
    ps_channel_set channels;
    ps_score *made = NULL;
    ps_error err = core_no_error();
    ps_status status;

    if (!PyArg_ParseTuple(args, "O&:only_channels", channels_of, &channels))
        return NULL;
    CORE_UNLOCK();
    status = ps_score_only_channels(&made, core_score_get(self), &channels, NULL, &err);
    CORE_LOCK();
    return edited(self, status, made, &err);
}

static PyObject *merge(PyObject *self, PyObject *args)
{
    const ps_score *scores[2];
    PyObject *other;
    ps_score *made = NULL;
    ps_error err = core_no_error();
    ps_status status;

    if (!PyArg_ParseTuple(args, "O!:merge", Py_TYPE(self), &other))
        return NULL;
    scores[0] = core_score_get(self);
    scores[1] = core_score_get(other);
    CORE_UNLOCK();
    status = ps_score_merge(&made, scores, 2, NULL, &err);
    CORE_LOCK();
    return edited(self, status, made, &err);
}

static PyObject *add_click(PyObject *self, PyObject *args, PyObject *kwargs)
{
    static char *names[] = {"count_in_bars", "whole_piece", NULL};
    ps_click_options click = {.channel = 9,
                              .accent_key = 76,
                              .beat_key = 77,
                              .accent_velocity = 120,
                              .beat_velocity = 90};
    ps_score *made = NULL;
    ps_error err = core_no_error();
    ps_status status;
    unsigned int bars = 1;
    int whole_piece = 0;

    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "|Ip:add_click", names, &bars, &whole_piece))
        return NULL;
    click.count_in_bars = bars;
    click.whole_piece = whole_piece != 0;
    CORE_UNLOCK();
    status = ps_score_add_click(&made, core_score_get(self), &click, NULL, &err);
    CORE_LOCK();
    return edited(self, status, made, &err);
}

/* ---- What it is ----------------------------------------------------------------------------- */

static PyObject *get_info(PyObject *self, void *unused)
{
    ps_score_info info;

    (void)unused;
    ps_score_get_info(core_score_get(self), &info);
    return Py_BuildValue("{sIsIsdsdsnsIsds(ii)sNsN}", "format", (unsigned)info.format, "tracks",
                         (unsigned)info.tracks, "seconds", info.seconds, "music_seconds",
                         info.music_seconds, "notes", (Py_ssize_t)info.notes, "channels_used",
                         (unsigned)info.channels_used, "bpm", info.first_bpm, "time_signature",
                         (int)info.numerator, (int)info.denominator, "title", core_text(info.title),
                         "copyright", core_text(info.copyright));
}

static PyObject *get_notes(PyObject *self, void *unused)
{
    ps_score_info info;

    (void)unused;
    ps_score_get_info(core_score_get(self), &info);
    return PyLong_FromSize_t(info.notes);
}

static PyObject *get_duration(PyObject *self, void *unused)
{
    ps_score_info info;

    (void)unused;
    ps_score_get_info(core_score_get(self), &info);
    return PyFloat_FromDouble(info.seconds);
}

static PyGetSetDef properties[] = {
    {"info", get_info, NULL, "A dict of what the score is: notes, tempo, title, ...", NULL},
    {"notes", get_notes, NULL, "Number of notes.", NULL},
    {"duration", get_duration, NULL, "Seconds up to the last event; the sound rings on after it.",
     NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

#define WITH_NAMES(function) (PyCFunction)(void (*)(void)) function, METH_VARARGS | METH_KEYWORDS

static PyMethodDef methods[] = {
    {"from_bytes", WITH_NAMES(from_bytes) | METH_CLASS,
     "from_bytes($type, /, data, *, strict=False)\n--\n\nReads a MIDI file that is in memory."},
    {"to_bytes", to_bytes, METH_NOARGS,
     "to_bytes($self, /)\n--\n\nThe score as a Standard MIDI File."},
    {"save", WITH_NAMES(save),
     "save($self, /, path, *, no_clobber=False)\n--\n\nWrites a Standard MIDI File."},
    {"transpose", WITH_NAMES(transpose),
     "transpose($self, /, semitones, *, channels=None)\n--\n\n"
     "Moves keys by -127..127 semitones; drums stay. channels: counted from 1; None is all."},
    {"scale_tempo", scale_tempo, METH_VARARGS,
     "scale_tempo($self, factor, /)\n--\n\nPlays factor times as fast, 0.01..100."},
    {"set_tempo", set_tempo, METH_VARARGS,
     "set_tempo($self, bpm, /)\n--\n\nOne tempo for all, in quarter notes a minute."},
    {"scale_velocity", WITH_NAMES(scale_velocity),
     "scale_velocity($self, /, factor, offset=0.0, *, channels=None)\n--\n\n"
     "Velocities times factor plus offset, kept within 1..127."},
    {"quantize", WITH_NAMES(quantize),
     "quantize($self, /, grid, *, strength=1.0, swing=0.0, channels=None)\n--\n\n"
     "Pulls note starts towards a grid in quarter notes: 0.25 is sixteenths."},
    {"trim", WITH_NAMES(trim),
     "trim($self, /, start=0.0, end=-1.0)\n--\n\nKeeps start..end, in seconds; end < 0: to the "
     "end."},
    {"only_channels", only_channels, METH_VARARGS,
     "only_channels($self, channels, /)\n--\n\nOnly some channels, counted from 1."},
    {"merge", merge, METH_VARARGS,
     "merge($self, other, /)\n--\n\nBoth scores together, from their beginnings on."},
    {"add_click", WITH_NAMES(add_click),
     "add_click($self, /, count_in_bars=1, whole_piece=False)\n--\n\n"
     "A count-in before the piece, and clicks on its beats."},
    {NULL, NULL, 0, NULL},
};

PyDoc_STRVAR(doc, "Score(path, *, strict=False)\n--\n\n"
                  "A MIDI file: SMF 0, 1, 2, RMID or karaoke. It does not change; edits make new "
                  "ones.\n\nDamage is mended with a PlainsongWarning; strict refuses it.\n"
                  "Raises NotFoundError, DataError, ReadError.");

static PyType_Slot slots[] = {
    {Py_tp_doc, (void *)doc}, {Py_tp_new, score_new},     {Py_tp_dealloc, score_dealloc},
    {Py_tp_methods, methods}, {Py_tp_getset, properties}, {0, NULL},
};

PyType_Spec core_score_spec = {
    .name = "plainsong._core.Score",
    .basicsize = sizeof(score),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_IMMUTABLETYPE,
    .slots = slots,
};
