/* Files of a command: whole ones read and written, "-" being the standard streams. */
#include <errno.h>
#include <string.h>

#include "command.h"

ps_status cli_input(cli *c, const char *path, ps_file **file, ps_error *err)
{
    (void)c;
    if (strcmp(path, "-") == 0)
        return ps_file_read_stream(file, stdin, err);
    return ps_file_map(file, path, err);
}

ps_status cli_output(cli *c, const char *path, const uint8_t *bytes, size_t size_bytes,
                     bool no_clobber, ps_error *err)
{
    ps_status status;

    (void)c;
    if (strcmp(path, "-") != 0)
        return ps_file_write(path, bytes, size_bytes, no_clobber, err);
    if (fwrite(bytes, 1, size_bytes, stdout) == size_bytes && fflush(stdout) == 0)
        return PS_OK;
    status = ps_fail(err, PS_CANNOT_WRITE, "cannot write: %s", strerror(errno));
    ps_error_in(err, "standard output");
    return status;
}

ps_status cli_read_score(cli *c, const char *path, bool strict, ps_score **score, ps_error *err)
{
    ps_score_options options = {.strict = strict, .warnings = cli_warnings(c, path)};
    ps_file *file = NULL;
    ps_status status = cli_input(c, path, &file, err);

    if (status == PS_OK) {
        size_t size_bytes;
        const uint8_t *bytes = ps_file_bytes(file, &size_bytes);

        status = ps_score_read(score, bytes, size_bytes, &options, err);
    }
    if (status != PS_OK)
        ps_error_in(err, cli_input_name(path));
    ps_file_close(file);
    return status;
}
