/* Track: a track file, or JSON text, read and checked. */
#include "core.h"

#include <stdlib.h>
#include <string.h>

typedef struct track {
    PyObject_HEAD ps_track_file *file; /* never NULL once made */
    char *path;                        /* NULL: from nowhere */
} track;

core_track core_track_get(PyObject *self)
{
    const track *t = (const track *)self;

    return (core_track){t->file, t->path};
}

PyObject *core_json(PyObject *object)
{
    PyObject *json = PyImport_ImportModule("json");
    PyObject *text = json ? PyObject_CallMethod(json, "dumps", "O", object) : NULL;
    PyObject *bytes = text ? PyUnicode_AsUTF8String(text) : NULL;

    Py_XDECREF(text);
    Py_XDECREF(json);
    return bytes;
}

static PyObject *wrap(PyTypeObject *type, ps_track_file *file, const char *path)
{
    PyObject *self = PyType_GenericAlloc(type, 0);

    if (!self) {
        ps_track_file_close(file);
        return NULL;
    }
    ((track *)self)->file = file;
    ((track *)self)->path = path ? strdup(path) : NULL;
    if (path && !((track *)self)->path) {
        Py_DECREF(self);
        return PyErr_NoMemory();
    }
    return self;
}

/* Of text (a bytes object), or else the file at `path`. */
static PyObject *read_track(PyTypeObject *type, PyObject *text, const char *path, bool strict)
{
    core_warnings *warnings = PyMem_Malloc(sizeof *warnings);
    ps_track_file_options options = {.strict = strict};
    ps_track_file *file = NULL;
    PyObject *self = NULL;
    char *bytes = NULL;
    Py_ssize_t size_bytes = 0;
    ps_error err = core_no_error();
    ps_status status;

    if (!warnings)
        return PyErr_NoMemory();
    core_warnings_init(warnings, path);
    options.warnings = core_warnings_lend(warnings);
    if (text)
        PyBytes_AsStringAndSize(text, &bytes, &size_bytes);
    CORE_UNLOCK();
    status = text ? ps_track_file_read(&file, bytes, (size_t)size_bytes, path, &options, &err)
                  : ps_track_file_open(&file, path, &options, &err);
    CORE_LOCK();
    if (status == PS_OK)
        self = wrap(type, file, path);
    else
        core_raise(&err);
    if (self && core_warnings_issue(warnings) != 0)
        Py_CLEAR(self);
    core_warnings_destroy(warnings);
    PyMem_Free(warnings);
    return self;
}

static PyObject *track_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    static char *names[] = {"path", "strict", NULL};
    PyObject *path, *self;
    int strict = 0;

    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "O&|$p:Track", names, PyUnicode_FSConverter,
                                     &path, &strict))
        return NULL;
    self = read_track(type, NULL, PyBytes_AsString(path), strict != 0);
    Py_DECREF(path);
    return self;
}

/* Text as it is, anything else by way of json.dumps. */
static PyObject *text_of(PyObject *object)
{
    if (PyBytes_Check(object))
        return Py_NewRef(object);
    return PyUnicode_Check(object) ? PyUnicode_AsEncodedString(object, "utf-8", "surrogatepass")
                                   : core_json(object);
}

static PyObject *from_json(PyObject *type, PyObject *args, PyObject *kwargs)
{
    static char *names[] = {"document", "path", "strict", NULL};
    PyObject *document, *text, *given = Py_None, *path = NULL, *self;
    int strict = 0;

    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "O|$Op:from_json", names, &document, &given,
                                     &strict))
        return NULL;
    if (given != Py_None && !PyUnicode_FSConverter(given, &path))
        return NULL;
    text = text_of(document);
    self = text ? read_track((PyTypeObject *)type, text, path ? PyBytes_AsString(path) : NULL,
                             strict != 0)
                : NULL;
    Py_XDECREF(text);
    Py_XDECREF(path);
    return self;
}

static void track_dealloc(PyObject *self)
{
    PyTypeObject *type = Py_TYPE(self);
    track *t = (track *)self;

    ps_track_file_close(t->file);
    free(t->path);
    PyObject_Free(self);
    Py_DECREF(type);
}

/* ---- Writing -------------------------------------------------------------------------------- */

/* ps_track_write keeps its value in the track: one thread at a time, so under the lock. */
static PyObject *to_json(PyObject *self, PyObject *unused)
{
    char *text = NULL;
    size_t text_bytes = 0;
    ps_error err = core_no_error();
    PyObject *result;

    (void)unused;
    if (ps_track_file_text(&text, &text_bytes, ps_track_file_track(((track *)self)->file), &err) !=
        PS_OK)
        return core_raise(&err);
    result = PyUnicode_DecodeUTF8(text, (Py_ssize_t)text_bytes, "replace");
    ps_free(NULL, text);
    return result;
}

static PyObject *to_dict(PyObject *self, PyObject *unused)
{
    PyObject *text = to_json(self, unused);
    PyObject *json = text ? PyImport_ImportModule("json") : NULL;
    PyObject *result = json ? PyObject_CallMethod(json, "loads", "O", text) : NULL;

    Py_XDECREF(json);
    Py_XDECREF(text);
    return result;
}

static PyObject *save(PyObject *self, PyObject *args, PyObject *kwargs)
{
    static char *names[] = {"path", "no_clobber", NULL};
    PyObject *path;
    int no_clobber = 0;
    ps_error err = core_no_error();
    ps_status status;

    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "O&|$p:save", names, PyUnicode_FSConverter,
                                     &path, &no_clobber))
        return NULL;
    status = ps_track_file_save(ps_track_file_track(((track *)self)->file), PyBytes_AsString(path),
                                no_clobber != 0, &err);
    Py_DECREF(path);
    if (status != PS_OK)
        return core_raise(&err);
    Py_RETURN_NONE;
}

/* ---- What it is ----------------------------------------------------------------------------- */

static const ps_track *track_of(PyObject *self)
{
    return ps_track_file_track(((track *)self)->file);
}

static PyObject *get_rate(PyObject *self, void *unused)
{
    (void)unused;
    return PyLong_FromUnsignedLong(ps_track_get_settings(track_of(self))->rate_hz);
}

static PyObject *get_steps(PyObject *self, void *unused)
{
    size_t count;

    (void)unused;
    ps_track_get_steps(track_of(self), &count);
    return PyLong_FromSize_t(count);
}

static PyObject *get_path(PyObject *self, void *unused)
{
    (void)unused;
    return core_path_text(((track *)self)->path);
}

static PyObject *get_output_name(PyObject *self, void *unused)
{
    (void)unused;
    return core_path_text(ps_track_get_settings(track_of(self))->output_name);
}

static PyGetSetDef properties[] = {
    {"sample_rate", get_rate, NULL, "Frames per second that the track asks for.", NULL},
    {"steps", get_steps, NULL, "Number of steps.", NULL},
    {"path", get_path, NULL, "Where it was read from, or None.", NULL},
    {"output_name", get_output_name, NULL, "The file that the track wants to become.", NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

#define WITH_NAMES(function) (PyCFunction)(void (*)(void)) function, METH_VARARGS | METH_KEYWORDS

static PyMethodDef methods[] = {
    {"from_json", WITH_NAMES(from_json) | METH_CLASS,
     "from_json($type, /, document, *, path=None, strict=False)\n--\n\n"
     "A track of JSON text or a dict. path: where it came from; its folder is where relative "
     "paths\n"
     "begin, else the working directory."},
    {"to_json", to_json, METH_NOARGS,
     "to_json($self, /)\n--\n\nThe track as JSON text of the second generation."},
    {"to_dict", to_dict, METH_NOARGS, "to_dict($self, /)\n--\n\nThe same as a dict."},
    {"save", WITH_NAMES(save),
     "save($self, /, path, *, no_clobber=False)\n--\n\nWrites that text to a file."},
    {NULL, NULL, 0, NULL},
};

PyDoc_STRVAR(doc, "Track(path, *, strict=False)\n--\n\n"
                  "A track file: steps of voices, noise and clips.\n\n"
                  "What cannot be used is left out with a PlainsongWarning; strict refuses it.\n"
                  "Raises NotFoundError, DataError (also a ValueError), with line and column.");

static PyType_Slot slots[] = {
    {Py_tp_doc, (void *)doc}, {Py_tp_new, track_new},     {Py_tp_dealloc, track_dealloc},
    {Py_tp_methods, methods}, {Py_tp_getset, properties}, {0, NULL},
};

PyType_Spec core_track_spec = {
    .name = "plainsong._core.Track",
    .basicsize = sizeof(track),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_IMMUTABLETYPE,
    .slots = slots,
};
