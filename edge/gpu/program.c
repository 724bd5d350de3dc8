/* Programs for a device, built from source once and then taken from disk. */
#include "program.h"

#include <stdio.h>
#include <string.h>

#include "digest.h"
#include "plainsong/memory.h"

/* No fast-math: infinities and what is no number must be seen as such. */
#define OPTIONS "-cl-std=CL1.2"

void ps_gpu_key(char key[PS_GPU_KEY_BYTES], const ps_gpu *gpu, const char *what, const char *source)
{
    const ps_gpu_device_info *info = &gpu->devices.entries[gpu->devices.chosen].info;
    const ps_digest digest = ps_digest_of((ps_digest){0, 0}, source, strlen(source));

    snprintf(key, PS_GPU_KEY_BYTES, "%s\n%s\n%s\n%s\n%s\n%016llx%016llx\n%s", what, info->name,
             info->platform, info->version, info->driver, (unsigned long long)digest.a,
             (unsigned long long)digest.b, OPTIONS);
}

/* A program that a driver does not take is none: another driver may have come meanwhile. */
static cl_program from_disk(ps_gpu *gpu, const char *key)
{
    size_t bytes;
    unsigned char *binary = ps_disk_cache_load(gpu->folder, key, &bytes);
    cl_program program = NULL;
    cl_int code;

    if (binary)
        program = clCreateProgramWithBinary(gpu->context, 1, &gpu->device, &bytes,
                                            (const unsigned char *[]){binary}, NULL, &code);
    ps_free(NULL, binary);
    if (program && clBuildProgram(program, 1, &gpu->device, OPTIONS, NULL, NULL) != CL_SUCCESS) {
        clReleaseProgram(program);
        return NULL;
    }
    return program;
}

static void to_disk(ps_gpu *gpu, const char *key, cl_program program)
{
    size_t bytes = 0;
    unsigned char *binary;

    if (clGetProgramInfo(program, CL_PROGRAM_BINARY_SIZES, sizeof bytes, &bytes, NULL) !=
            CL_SUCCESS ||
        bytes == 0)
        return;
    binary = ps_alloc(NULL, 1, bytes);
    if (binary &&
        clGetProgramInfo(program, CL_PROGRAM_BINARIES, sizeof binary, &binary, NULL) == CL_SUCCESS)
        ps_disk_cache_store(gpu->folder, key, binary, bytes);
    ps_free(NULL, binary);
}

cl_int ps_gpu_program_build(cl_program *out, ps_gpu *gpu, const char *name, const char *source)
{
    char key[PS_GPU_KEY_BYTES];
    cl_program program;
    cl_int code;

    ps_gpu_key(key, gpu, name, source);
    *out = from_disk(gpu, key);
    if (*out)
        return CL_SUCCESS;
    program = clCreateProgramWithSource(gpu->context, 1, &source, NULL, &code);
    if (program)
        code = clBuildProgram(program, 1, &gpu->device, OPTIONS, NULL, NULL);
    if (code != CL_SUCCESS) {
        if (program)
            clReleaseProgram(program);
        return code;
    }
    to_disk(gpu, key, program);
    *out = program;
    return CL_SUCCESS;
}
