/*
 * Where SoundFont banks lie: the user's folder, then the system's. In a folder the ones made to be
 * the default come first, then known General MIDI banks from small to large, then by name.
 */
#include "soundfont_find.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fail.h"
#include "plainsong/file.h"

#define PATH_BYTES 4096

static const char *const system_folders[] = {
    "/usr/share/sounds/sf2",                                   /* Debian, Ubuntu */
    "/usr/share/sounds/sf3",          "/usr/share/soundfonts", /* Fedora, Arch */
    "/usr/local/share/soundfonts",                             /* Homebrew on Intel, own builds */
    "/usr/local/share/sounds/sf2",    "/usr/local/share/sounds/sf3",
    "/opt/homebrew/share/soundfonts", /* Homebrew on Apple silicon */
};

#define SYSTEM_FOLDERS (sizeof system_folders / sizeof *system_folders)

/* Beginnings of names, the preferred first. */
static const char *const preferred[] = {
    "default", "TimGM6mb", "MuseScore_General_Lite", "GeneralUser", "FluidR3", "MuseScore_General",
};

#define PREFERRED (sizeof preferred / sizeof *preferred)

typedef struct bank {
    char *name; /* in its folder */
    size_t rank;
    dev_t device;
    ino_t inode;
} bank;

typedef struct bank_list {
    bank *banks;
    size_t count, room;
} bank_list;

static bool is_bank_name(const char *name)
{
    const char *dot = strrchr(name, '.');

    return dot && dot != name && (strcasecmp(dot, ".sf2") == 0 || strcasecmp(dot, ".sf3") == 0);
}

static size_t rank_of(const char *name)
{
    size_t rank = 0;

    while (rank < PREFERRED && strncasecmp(name, preferred[rank], strlen(preferred[rank])) != 0)
        rank++;
    return rank;
}

static int by_preference(const void *a, const void *b)
{
    const bank *one = a, *two = b;

    if (one->rank != two->rank)
        return one->rank < two->rank ? -1 : 1;
    return strcmp(one->name, two->name);
}

static bool has_room(bank_list *list)
{
    const size_t room = list->room ? 2 * list->room : 16;
    bank *larger;

    if (list->count < list->room)
        return true;
    larger = ps_alloc(NULL, room, sizeof *larger);
    if (!larger)
        return false;
    if (list->count > 0)
        memcpy(larger, list->banks, list->count * sizeof *larger);
    ps_free(NULL, list->banks);
    list->banks = larger;
    list->room = room;
    return true;
}

/* The readable bank `name` in `folder`; what is none is passed over. False without memory. */
static bool add_bank(bank_list *list, const char *folder, const char *name)
{
    const size_t name_bytes = strlen(name) + 1;
    char path[PATH_BYTES];
    struct stat about;
    bank *added;

    if (!is_bank_name(name) ||
        (size_t)snprintf(path, sizeof path, "%s/%s", folder, name) >= sizeof path ||
        stat(path, &about) != 0 || !S_ISREG(about.st_mode) || access(path, R_OK) != 0)
        return true;
    if (!has_room(list))
        return false;
    added = &list->banks[list->count];
    added->name = ps_alloc(NULL, 1, name_bytes);
    if (!added->name)
        return false;
    memcpy(added->name, name, name_bytes);
    added->rank = rank_of(name);
    added->device = about.st_dev;
    added->inode = about.st_ino;
    list->count++;
    return true;
}

static bool list_folder(bank_list *list, const char *folder)
{
    DIR *opened = opendir(folder);
    const struct dirent *entry;
    bool ok = true;

    if (!opened)
        return true;
    while (ok && (entry = readdir(opened)) != NULL)
        ok = add_bank(list, folder, entry->d_name);
    closedir(opened);
    return ok;
}

/* Whether the bank's file is among the first `count` banks already. */
static bool seen_before(const bank_list *list, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (list->banks[i].inode == list->banks[count].inode &&
            list->banks[i].device == list->banks[count].device)
            return true;
    return false;
}

static void clear(bank_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        ps_free(NULL, list->banks[i].name);
    ps_free(NULL, list->banks);
}

bool ps_soundfont_in_folders(const char *const *folders, size_t index, char *path,
                             size_t path_bytes)
{
    bank_list list = {0};
    bool found = false, ok = true;

    for (; *folders && ok && !found; folders++) {
        const size_t first = list.count;

        ok = list_folder(&list, *folders);
        if (ok && list.count > first)
            qsort(list.banks + first, list.count - first, sizeof *list.banks, by_preference);
        for (size_t i = first; ok && i < list.count && !found; i++) {
            if (seen_before(&list, i) || index-- > 0)
                continue;
            found = (size_t)snprintf(path, path_bytes, "%s/%s", *folders, list.banks[i].name) <
                    path_bytes;
        }
    }
    clear(&list);
    return found;
}

/* $XDG_DATA_HOME/soundfonts, which is ~/.local/share/soundfonts if not set; "" without a home. */
static void users_folder(char *folder, size_t folder_bytes)
{
    const char *data = getenv("XDG_DATA_HOME"), *home = getenv("HOME");
    int length = -1;

    if (data && data[0] == '/')
        length = snprintf(folder, folder_bytes, "%s/soundfonts", data);
    else if (home && home[0] != '\0')
        length = snprintf(folder, folder_bytes, "%s/.local/share/soundfonts", home);
    if (length < 0 || (size_t)length >= folder_bytes)
        folder[0] = '\0';
}

bool ps_soundfont_find_nth(size_t index, char *path, size_t path_bytes)
{
    char users[PATH_BYTES];
    const char *folders[SYSTEM_FOLDERS + 2] = {NULL};
    size_t count = 0;

    users_folder(users, sizeof users);
    if (users[0] != '\0')
        folders[count++] = users;
    memcpy(folders + count, system_folders, sizeof system_folders);
    return ps_soundfont_in_folders(folders, index, path, path_bytes);
}

ps_status ps_soundfont_find_default(char *path, size_t path_bytes, ps_error *err)
{
    const char *named = getenv("PLAINSONG_SOUNDFONT");
    ps_status status;

    if (named && named[0] != '\0') {
        if (access(named, F_OK) != 0) {
            status = ps_fail_file(err, PS_NOT_FOUND, named, "there is no such file");
            ps_hint(err, "PLAINSONG_SOUNDFONT names it");
            return status;
        }
        if ((size_t)snprintf(path, path_bytes, "%s", named) >= path_bytes)
            return ps_fail(err, PS_BAD_ARGUMENT, "the path in PLAINSONG_SOUNDFONT is too long");
        return PS_OK;
    }
    if (ps_soundfont_find_nth(0, path, path_bytes))
        return PS_OK;
    status = ps_fail(err, PS_NOT_FOUND, "no SoundFont found on this system");
    ps_hint(err, "apt install timgm6mb-soundfont, or --soundfont FILE, or set PLAINSONG_SOUNDFONT");
    return status;
}
