/* How a file is written, from Python's words. */
#include "core.h"

#include <string.h>

static bool choose_samples(core_file *file, int bits)
{
    ps_audio_writer_options *options = &file->options;

    switch (bits) {
    case 0:
        options->samples =
            options->container == PS_CONTAINER_RAW ? PS_SAMPLE_FLOAT32 : PS_SAMPLE_INT16;
        return true;
    case 16:
        options->samples = PS_SAMPLE_INT16;
        return true;
    case 24:
        options->samples = PS_SAMPLE_INT24;
        return true;
    case 32:
        options->samples = PS_SAMPLE_INT32;
        return true;
    case -32:
        options->samples = PS_SAMPLE_FLOAT32;
        return true;
    default:
        PyErr_Format(PyExc_ValueError, "bits must be 16, 24, 32 or -32 (float), not %d", bits);
        return false;
    }
}

static bool choose_container(core_file *file, const char *path, const char *format)
{
    ps_error err = core_no_error();

    if (format && ps_container_of_format(format, &file->options.container))
        return true;
    if (format) {
        ps_fail(&err, PS_BAD_ARGUMENT, "there is no format '%.40s'", format);
        ps_hint(&err, "formats are wav aiff flac mp3 ogg opus raw");
    } else {
        if (ps_container_of_name(path, &file->options.container))
            return true;
        ps_fail(&err, PS_BAD_ARGUMENT, "the name does not say which audio format to write");
        ps_error_in(&err, path);
        ps_hint(&err, "end it in .wav .aiff .flac .mp3 .ogg .opus or .raw, or give a format");
    }
    core_raise(&err);
    return false;
}

static bool choose_tags(core_file *file, PyObject *tags)
{
    PyObject *key, *value;
    Py_ssize_t at = 0;
    size_t count = 0;

    if (tags == Py_None)
        return true;
    if (!PyDict_Check(tags)) {
        PyErr_SetString(PyExc_TypeError, "tags must be a dict of str, or None");
        return false;
    }
    file->kept = PyDict_Copy(tags); /* another thread may change the dict meanwhile */
    if (!file->kept)
        return false;
    while (PyDict_Next(file->kept, &at, &key, &value)) {
        if (count == CORE_TAGS_MOST) {
            PyErr_Format(PyExc_ValueError, "more than %u tags", CORE_TAGS_MOST);
            return false;
        }
        file->tags[count].key = PyUnicode_AsUTF8AndSize(key, NULL);
        file->tags[count].value =
            file->tags[count].key ? PyUnicode_AsUTF8AndSize(value, NULL) : NULL;
        if (!file->tags[count++].value)
            return false;
    }
    file->options.tags = file->tags;
    file->options.tag_count = count;
    return true;
}

bool core_file_init(core_file *file, const char *path, const char *format, int bits, double quality,
                    bool dither, bool mono, bool no_clobber, PyObject *tags)
{
    memset(file, 0, sizeof *file);
    file->options = ps_audio_writer_defaults();
    file->options.dither = dither;
    file->options.channels = mono ? 1 : 2;
    file->options.quality = quality;
    file->options.no_clobber = no_clobber;
    return choose_container(file, path, format) && choose_samples(file, bits) &&
           choose_tags(file, tags);
}

void core_file_release(core_file *file)
{
    Py_CLEAR(file->kept);
}
