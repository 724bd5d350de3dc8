/* The module plainsong._core: its types, and the functions that belong to none of them. */
#include "core.h"

#include <string.h>

core_state *core_state_of(PyObject *self)
{
    return PyType_GetModuleState(Py_TYPE(self));
}

/* ---- Functions ------------------------------------------------------------------------------ */

static PyObject *file_kind(PyObject *module, PyObject *args)
{
    PyObject *path;
    ps_file *file = NULL;
    const char *name, *kind = "audio";
    size_t size_bytes = 0;
    ps_error err = core_no_error();
    ps_status status;

    (void)module;
    if (!PyArg_ParseTuple(args, "O&:file_kind", PyUnicode_FSConverter, &path))
        return NULL;
    name = PyBytes_AsString(path);
    CORE_UNLOCK();
    status = ps_file_map(&file, name, &err);
    if (status == PS_OK) {
        const uint8_t *bytes = ps_file_bytes(file, &size_bytes);

        if (ps_track_file_is_likely(bytes, size_bytes))
            kind = "track";
        else if ((size_bytes >= 4 && memcmp(bytes, "MThd", 4) == 0) ||
                 (size_bytes >= 12 && memcmp(bytes, "RIFF", 4) == 0 &&
                  memcmp(bytes + 8, "RMID", 4) == 0))
            kind = "score";
        ps_file_close(file);
    }
    CORE_LOCK();
    if (status != PS_OK)
        ps_error_in(&err, name);
    Py_DECREF(path);
    return status == PS_OK ? PyUnicode_FromString(kind) : core_raise(&err);
}

static ps_status measure(ps_levels *levels, const core_input *input, double rate_hz, ps_error *err)
{
    float left[4096], right[4096];
    ps_source *source = NULL;
    ps_meter *meter = NULL;
    core_engine engine = {0};
    uint32_t got;
    ps_status status = core_engine_borrow(&engine, 1, err);

    if (status == PS_OK)
        status = core_interleaved_source(&source, input->samples, input->frames, input->channels,
                                         rate_hz, err);
    if (status == PS_OK)
        status = ps_meter_create(&meter, engine.engine, rate_hz, PS_MEASURE_ALL, err);
    while (status == PS_OK && (got = ps_source_pull(source, (ps_block){left, right, 4096})) > 0)
        ps_meter_add(meter, (ps_block){left, input->channels == 2 ? right : NULL, got});
    if (status == PS_OK) {
        ps_meter_end(meter);
        ps_meter_read(meter, levels);
    }
    ps_meter_destroy(meter);
    ps_source_destroy(source);
    core_engine_give_back(&engine);
    return status;
}

static PyObject *levels_of(const ps_levels *levels)
{
    return Py_BuildValue("(Kddddddd)", (unsigned long long)levels->frames, levels->integrated_lufs,
                         levels->max_momentary_lufs, levels->max_short_term_lufs,
                         levels->loudness_range_lu, levels->peak, levels->true_peak, levels->rms);
}

static PyObject *loudness(PyObject *module, PyObject *args)
{
    PyObject *object;
    core_input input;
    double rate_hz;
    ps_levels levels;
    ps_error err = core_no_error();
    ps_status status;

    (void)module;
    if (!PyArg_ParseTuple(args, "Od:loudness", &object, &rate_hz) ||
        !core_input_get(&input, object))
        return NULL;
    CORE_UNLOCK();
    status = measure(&levels, &input, rate_hz, &err);
    CORE_LOCK();
    core_input_release(&input);
    return status == PS_OK ? levels_of(&levels) : core_raise(&err);
}

static PyObject *file_loudness(PyObject *module, PyObject *args)
{
    PyObject *path;
    const char *name;
    ps_levels levels;
    core_engine engine = {0};
    ps_error err = core_no_error();
    ps_status status;

    (void)module;
    if (!PyArg_ParseTuple(args, "O&:file_loudness", PyUnicode_FSConverter, &path))
        return NULL;
    name = PyBytes_AsString(path);
    CORE_UNLOCK();
    status = core_engine_borrow(&engine, 1, &err);
    if (status == PS_OK)
        status = ps_audio_file_levels(name, engine.engine, PS_MEASURE_ALL, &levels, &err);
    core_engine_give_back(&engine);
    CORE_LOCK();
    Py_DECREF(path);
    return status == PS_OK ? levels_of(&levels) : core_raise(&err);
}

static PyObject *clear_cache(PyObject *module, PyObject *unused)
{
    size_t open;

    (void)module;
    (void)unused;
    CORE_UNLOCK();
    open = core_bank_cache_clear();
    CORE_LOCK();
    return PyLong_FromSize_t(open);
}

static PyObject *cache_info(PyObject *module, PyObject *unused)
{
    const core_bank_counts counts = core_bank_cache_counts();

    (void)module;
    (void)unused;
    return Py_BuildValue("{snsnsnsn}", "open", (Py_ssize_t)counts.open, "idle",
                         (Py_ssize_t)counts.idle, "hits", (Py_ssize_t)counts.hits, "misses",
                         (Py_ssize_t)counts.misses);
}

static PyObject *version(PyObject *module, PyObject *unused)
{
    (void)module;
    (void)unused;
    return PyUnicode_FromString(ps_version());
}

static PyMethodDef functions[] = {
    {"open_source", (PyCFunction)(void (*)(void))core_open_source, METH_VARARGS | METH_KEYWORDS,
     "open_source(what, banks, **options)\n\nplainsong.open_source() says it in words."},
    {"file_kind", file_kind, METH_VARARGS,
     "file_kind(path, /)\n--\n\n'score', 'track' or 'audio', by the file's content."},
    {"loudness", loudness, METH_VARARGS,
     "loudness(samples, sample_rate, /)\n--\n\n"
     "plainsong.loudness() says it in words."},
    {"file_loudness", file_loudness, METH_VARARGS,
     "file_loudness(path, /)\n--\n\nplainsong.loudness() says it in words."},
    {"clear_cache", clear_cache, METH_NOARGS,
     "clear_cache()\n--\n\nCloses the SoundFonts that nobody uses; how many are still open."},
    {"cache_info", cache_info, METH_NOARGS,
     "cache_info()\n--\n\nHow many SoundFonts are open and idle, and how often one was found."},
    {"version", version, METH_NOARGS, "version()\n--\n\nThe engine's version."},
    {NULL, NULL, 0, NULL},
};

/* ---- The module ----------------------------------------------------------------------------- */

static PyTypeObject *add_type(PyObject *module, PyType_Spec *spec)
{
    PyObject *type = PyType_FromModuleAndSpec(module, spec, NULL);

    if (type && PyModule_AddType(module, (PyTypeObject *)type) != 0)
        Py_CLEAR(type);
    return (PyTypeObject *)type;
}

static int execute(PyObject *module)
{
    core_state *state = PyModule_GetState(module);

    core_runtime_prepare();
    state->audio_buffer = add_type(module, &core_audio_buffer_spec);
    state->soundfont = add_type(module, &core_soundfont_spec);
    state->score = add_type(module, &core_score_spec);
    state->track = add_type(module, &core_track_spec);
    state->chain = add_type(module, &core_chain_spec);
    state->source = add_type(module, &core_source_spec);
    return state->audio_buffer && state->soundfont && state->score && state->track &&
                   state->chain && state->source
               ? 0
               : -1;
}

static int traverse(PyObject *module, visitproc visit, void *arg)
{
    core_state *state = PyModule_GetState(module);

    Py_VISIT(state->audio_buffer);
    Py_VISIT(state->soundfont);
    Py_VISIT(state->score);
    Py_VISIT(state->track);
    Py_VISIT(state->chain);
    Py_VISIT(state->source);
    return 0;
}

static int clear(PyObject *module)
{
    core_state *state = PyModule_GetState(module);

    Py_CLEAR(state->audio_buffer);
    Py_CLEAR(state->soundfont);
    Py_CLEAR(state->score);
    Py_CLEAR(state->track);
    Py_CLEAR(state->chain);
    Py_CLEAR(state->source);
    return 0;
}

static PyModuleDef_Slot module_slots[] = {{Py_mod_exec, (void *)execute}, {0, NULL}};

static PyModuleDef definition = {
    PyModuleDef_HEAD_INIT,
    .m_name = "plainsong._core",
    .m_doc = "The engine. Use the package plainsong, which says it in words.",
    .m_size = sizeof(core_state),
    .m_methods = functions,
    .m_slots = module_slots,
    .m_traverse = traverse,
    .m_clear = clear,
};

PyMODINIT_FUNC PyInit__core(void);

PyMODINIT_FUNC PyInit__core(void)
{
    return PyModuleDef_Init(&definition);
}
