/* SoundFont: a bank of the process's cache. */
#include "core.h"

typedef struct soundfont {
    PyObject_HEAD core_bank *bank; /* NULL: closed */
} soundfont;

core_bank *core_soundfont_bank(PyObject *self)
{
    core_bank *bank = ((soundfont *)self)->bank;

    if (!bank)
        core_closed("SoundFont");
    return bank;
}

static PyObject *soundfont_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    static char *names[] = {"path", "strict", NULL};
    PyObject *path = NULL, *given = Py_None, *self;
    const char *name = NULL;
    int strict = 0;
    core_bank *bank;
    ps_error err = core_no_error();
    ps_status status;

    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "|O$p:SoundFont", names, &given, &strict))
        return NULL;
    if (given != Py_None && !PyUnicode_FSConverter(given, &path))
        return NULL;
    if (path)
        name = PyBytes_AsString(path);
    CORE_UNLOCK();
    status = core_bank_open(&bank, name, strict != 0, &err);
    CORE_LOCK();
    Py_XDECREF(path);
    if (status != PS_OK)
        return core_raise(&err);
    self = PyType_GenericAlloc(type, 0);
    if (self)
        ((soundfont *)self)->bank = bank;
    else
        core_bank_close(bank);
    if (self && core_warnings_issue(core_bank_warnings(bank)) != 0)
        Py_CLEAR(self);
    return self;
}

static void close_bank(PyObject *self)
{
    core_bank *bank = ((soundfont *)self)->bank;

    ((soundfont *)self)->bank = NULL;
    CORE_UNLOCK();
    core_bank_close(bank);
    CORE_LOCK();
}

static void soundfont_dealloc(PyObject *self)
{
    PyTypeObject *type = Py_TYPE(self);

    close_bank(self);
    PyObject_Free(self);
    Py_DECREF(type);
}

static PyObject *soundfont_close(PyObject *self, PyObject *unused)
{
    (void)unused;
    close_bank(self);
    Py_RETURN_NONE;
}

static PyObject *soundfont_enter(PyObject *self, PyObject *unused)
{
    (void)unused;
    return core_soundfont_bank(self) ? Py_NewRef(self) : NULL;
}

static PyObject *soundfont_exit(PyObject *self, PyObject *args)
{
    (void)args;
    close_bank(self);
    Py_RETURN_NONE;
}

static PyObject *soundfont_repr(PyObject *self)
{
    const core_bank *bank = ((soundfont *)self)->bank;
    PyObject *path = bank ? core_path_text(core_bank_path(bank)) : NULL;
    PyObject *text;

    if (!bank)
        return PyUnicode_FromString("<SoundFont, closed>");
    text = path ? PyUnicode_FromFormat("<SoundFont %R>", path) : NULL;
    Py_XDECREF(path);
    return text;
}

/* ---- What it holds -------------------------------------------------------------------------- */

static PyObject *get_closed(PyObject *self, void *unused)
{
    (void)unused;
    return PyBool_FromLong(((soundfont *)self)->bank == NULL);
}

static PyObject *get_path(PyObject *self, void *unused)
{
    const core_bank *bank = core_soundfont_bank(self);

    (void)unused;
    return bank ? core_path_text(core_bank_path(bank)) : NULL;
}

static PyObject *get_presets(PyObject *self, void *unused)
{
    const core_bank *bank = core_soundfont_bank(self);
    const uint32_t count = bank ? ps_soundfont_preset_count(core_bank_soundfont(bank)) : 0;
    PyObject *list = bank ? PyList_New((Py_ssize_t)count) : NULL;

    (void)unused;
    for (uint32_t i = 0; list && i < count; i++) {
        ps_preset_info info;
        PyObject *row;

        ps_soundfont_preset_info(core_bank_soundfont(bank), i, &info);
        row = Py_BuildValue("(IIN)", (unsigned)info.bank, (unsigned)info.program,
                            core_text(info.name));
        if (!row || PyList_SetItem(list, (Py_ssize_t)i, row) != 0)
            Py_CLEAR(list);
    }
    return list;
}

static PyObject *get_info(PyObject *self, void *unused)
{
    const core_bank *bank = core_soundfont_bank(self);
    ps_soundfont_info info;

    (void)unused;
    if (!bank)
        return NULL;
    ps_soundfont_get_info(core_bank_soundfont(bank), &info);
    return Py_BuildValue("{sNsNsNsNsOsIsIsIsKs(II)}", "name", core_text(info.name), "author",
                         core_text(info.author), "copyright", core_text(info.copyright), "comment",
                         core_text(info.comment), "vorbis", info.vorbis ? Py_True : Py_False,
                         "presets", (unsigned)info.presets, "instruments",
                         (unsigned)info.instruments, "samples", (unsigned)info.samples,
                         "sample_bytes", (unsigned long long)info.sample_bytes, "version",
                         (unsigned)info.version_major, (unsigned)info.version_minor);
}

static PyGetSetDef properties[] = {
    {"path", get_path, NULL, "The file's path.", NULL},
    {"presets", get_presets, NULL,
     "A list of (bank, program, name), in this order; bank 128 is drums.", NULL},
    {"info", get_info, NULL, "A dict of what the bank says about itself.", NULL},
    {"closed", get_closed, NULL, "Whether close() was called.", NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

static PyMethodDef methods[] = {
    {"close", soundfont_close, METH_NOARGS,
     "close($self, /)\n--\n\nGives the bank back. What plays it plays on; the file stays in the "
     "cache until\nclear_cache() or until others take its place."},
    {"__enter__", soundfont_enter, METH_NOARGS, NULL},
    {"__exit__", soundfont_exit, METH_VARARGS, NULL},
    {NULL, NULL, 0, NULL},
};

PyDoc_STRVAR(
    doc, "SoundFont(path=None, *, strict=False)\n--\n\n"
         "An SF2 or SF3 bank; without a path the one that plays when none is named.\n\n"
         "Banks are opened once in a process: the same file, unchanged on disk, is shared by all "
         "objects\nand threads. strict refuses what would otherwise be mended with a "
         "PlainsongWarning.\nRaises NotFoundError, DataError, ReadError.");

static PyType_Slot slots[] = {
    {Py_tp_doc, (void *)doc},
    {Py_tp_new, soundfont_new},
    {Py_tp_dealloc, soundfont_dealloc},
    {Py_tp_repr, soundfont_repr},
    {Py_tp_methods, methods},
    {Py_tp_getset, properties},
    {0, NULL},
};

PyType_Spec core_soundfont_spec = {
    .name = "plainsong._core.SoundFont",
    .basicsize = sizeof(soundfont),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_IMMUTABLETYPE,
    .slots = slots,
};
