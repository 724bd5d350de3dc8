/*
 * Completion for three shells, made from the tables. bash gets one function with a case per
 * command; zsh gets the same words through compadd; fish gets one `complete` line per option.
 */
#include "help.h"

#include <string.h>

/* Calls `visit` for every command and sub-command that can be run, with its full name. */
typedef void visit_command(FILE *file, const cli_command *command, const char *full_name);

static void walk(FILE *file, const cli_command *const *commands, const char *above,
                 visit_command *visit)
{
    for (; *commands; commands++) {
        char name[CLI_NAME_BYTES];

        cli_full_name(name, above, (*commands)->name);
        visit(file, *commands, name);
        if ((*commands)->subcommands)
            walk(file, (*commands)->subcommands, name, visit);
    }
}

static void print_names(FILE *file, const cli_command *const *commands)
{
    for (bool first = true; *commands; commands++, first = false)
        fprintf(file, "%s%s", first ? "" : " ", (*commands)->name);
}

static void print_option_words(FILE *file, const cli_option *options)
{
    for (; options && options->kind != CLI_END; options++) {
        if (options->kind == CLI_HEADING)
            continue;
        fprintf(file, " --%s", options->name);
        if (options->letter)
            fprintf(file, " -%c", options->letter);
    }
}

static bool takes_file(const cli_option *option)
{
    return option->kind == CLI_FILE || option->kind == CLI_FILES || option->files;
}

/* "one|two" with blanks between. */
static void print_choices(FILE *file, const char *words)
{
    for (; *words; words++)
        fputc(*words == '|' ? ' ' : *words, file);
}

/* ---- bash and zsh: the same case table ------------------------------------------------------ */

static void shell_values(FILE *file, const cli_command *command, const char *full_name)
{
    for (const cli_option *o = command->options; o && o->kind != CLI_END; o++) {
        if (o->kind == CLI_HEADING || o->kind == CLI_FLAG)
            continue;
        fprintf(file, "        '%s --%s'", full_name, o->name);
        if (o->letter)
            fprintf(file, "|'%s -%c'", full_name, o->letter);
        fputs(") kind=", file);
        if (o->kind == CLI_CHOICE) {
            fputs("words choices='", file);
            print_choices(file, o->value);
            fputs("' ;;\n", file);
        } else if (o->kind == CLI_FOLDER) {
            fputs("folder ;;\n", file);
        } else {
            fputs(takes_file(o) ? "file ;;\n" : "none ;;\n", file);
        }
    }
}

static void shell_words(FILE *file, const cli_command *command, const char *full_name)
{
    fprintf(file, "            '%s') flags='", full_name);
    print_option_words(file, command->options);
    print_option_words(file, cli_common_options);
    fputs("'; subs='", file);
    if (command->subcommands)
        print_names(file, command->subcommands);
    fprintf(file, "'; argument=%s ;;\n",
            command->argument_kind == CLI_FILE || command->argument_kind == CLI_FILES ? "file"
            : command->argument_kind == CLI_FOLDER                                    ? "folder"
                                                                                      : "none");
}

/*
 * Sets kind (words, file, folder, none) and choices, from the words typed so far: "name" is the
 * command with its sub-command, "$2" the word before the one being typed, "$1" the latter.
 */
static void shell_tables(FILE *file)
{
    fputs("_plainsong_what() {\n"
          "    local current=$1 previous=$2 flags='' subs='' argument=none\n"
          "    kind='' choices=''\n"
          "    case \"$name $previous\" in\n",
          file);
    walk(file, cli_commands, "", shell_values);
    fputs("    esac\n"
          "    if [ -z \"$kind\" ]; then\n"
          "        case \"$name\" in\n"
          "            '') flags='--help --version'; subs='",
          file);
    print_names(file, cli_commands);
    fputs("' ;;\n", file);
    walk(file, cli_commands, "", shell_words);
    fputs("        esac\n"
          "        case \"$current\" in\n"
          "            -*) kind=words choices=$flags ;;\n"
          "            *) if [ -n \"$subs\" ]; then kind=words choices=$subs\n"
          "               else kind=$argument; fi ;;\n"
          "        esac\n"
          "    fi\n"
          "}\n"
          "_plainsong_is_command() {\n"
          "    case \"$1\" in\n        ",
          file);
}

static void shell_command_name(FILE *file, const cli_command *command, const char *full_name)
{
    (void)command;
    fprintf(file, "'%s'|", full_name);
}

/* "name" from the words of the line: as many leading words as make a known command. */
static void shell_naming(FILE *file)
{
    shell_tables(file);
    walk(file, cli_commands, "", shell_command_name);
    fputs("'') return 0 ;;\n    esac\n    return 1\n}\n", file);
}

static void print_bash(FILE *file)
{
    fputs("# bash completion for plainsong\n", file);
    shell_naming(file);
    fputs("_plainsong() {\n"
          "    local name='' kind choices i current=${COMP_WORDS[COMP_CWORD]}\n"
          "    local previous=${COMP_WORDS[COMP_CWORD-1]}\n"
          "    for ((i = 1; i < COMP_CWORD; i++)); do\n"
          "        _plainsong_is_command \"${name:+$name }${COMP_WORDS[i]}\" || break\n"
          "        name=\"${name:+$name }${COMP_WORDS[i]}\"\n"
          "    done\n"
          "    if [ \"$previous\" = = ]; then previous=${COMP_WORDS[COMP_CWORD-2]}; fi\n"
          "    if [ \"$current\" = = ]; then current=''; fi\n"
          "    _plainsong_what \"$current\" \"$previous\"\n"
          "    COMPREPLY=()\n"
          "    case $kind in\n"
          "        words) mapfile -t COMPREPLY < <(compgen -W \"$choices\" -- \"$current\") ;;\n"
          "        file) compopt -o filenames; mapfile -t COMPREPLY < <(compgen -f -- "
          "\"$current\") ;;\n"
          "        folder) compopt -o filenames; mapfile -t COMPREPLY < <(compgen -d -- "
          "\"$current\") ;;\n"
          "    esac\n"
          "}\n"
          "complete -F _plainsong plainsong\n",
          file);
}

static void print_zsh(FILE *file)
{
    fputs("#compdef plainsong\n", file);
    shell_naming(file);
    fputs("_plainsong() {\n"
          "    local name='' kind choices i\n"
          "    local -a line=(\"${(@)words}\")\n"
          "    local current=$PREFIX previous=${line[CURRENT-1]}\n"
          "    for ((i = 2; i < CURRENT; i++)); do\n"
          "        _plainsong_is_command \"${name:+$name }${line[i]}\" || break\n"
          "        name=\"${name:+$name }${line[i]}\"\n"
          "    done\n"
          "    _plainsong_what \"$current\" \"$previous\"\n"
          "    case $kind in\n"
          "        words) compadd -- ${=choices} ;;\n"
          "        file) _files ;;\n"
          "        folder) _files -/ ;;\n"
          "    esac\n"
          "}\n"
          "_plainsong \"$@\"\n",
          file);
}

/* ---- fish ----------------------------------------------------------------------------------- */

/* A text between single quotes. */
static void fish_text(FILE *file, const char *text)
{
    fputc('\'', file);
    for (; *text; text++) {
        if (*text == '\'' || *text == '\\')
            fputc('\\', file);
        fputc(*text, file);
    }
    fputc('\'', file);
}

/* "midi transpose" is seen when both words are there. */
static void fish_condition(FILE *file, const char *full_name)
{
    fputs("complete -c plainsong -n '", file);
    for (const char *word = full_name; *word;) {
        const size_t length = strcspn(word, " ");

        fprintf(file, "%s__fish_seen_subcommand_from %.*s", word == full_name ? "" : "; and ",
                (int)length, word);
        word += length + (word[length] == ' ');
    }
    fputs("'", file);
}

static void fish_options(FILE *file, const cli_option *options, const char *full_name)
{
    for (const cli_option *o = options; o && o->kind != CLI_END; o++) {
        if (o->kind == CLI_HEADING)
            continue;
        fish_condition(file, full_name);
        fprintf(file, " -l %s", o->name);
        if (o->letter)
            fprintf(file, " -s %c", o->letter);
        if (o->kind == CLI_CHOICE) {
            fputs(" -x -a '", file);
            print_choices(file, o->value);
            fputs("'", file);
        } else if (o->kind == CLI_FOLDER) {
            fputs(" -x -a '(__fish_complete_directories)'", file);
        } else if (takes_file(o)) {
            fputs(" -r -F", file);
        } else if (o->kind != CLI_FLAG) {
            fputs(" -x", file);
        }
        fputs(" -d ", file);
        fish_text(file, o->help);
        fputc('\n', file);
    }
}

static void fish_command(FILE *file, const cli_command *command, const char *full_name)
{
    const char *last = strrchr(full_name, ' ');

    if (last) {
        char above[CLI_NAME_BYTES];

        snprintf(above, sizeof above, "%.*s", (int)(last - full_name), full_name);
        fish_condition(file, above);
    } else {
        fputs("complete -c plainsong -n __fish_use_subcommand", file);
    }
    fprintf(file, " -f -a %s -d ", last ? last + 1 : full_name);
    fish_text(file, command->summary);
    fputc('\n', file);
    fish_options(file, command->options, full_name);
    if (!command->subcommands)
        fish_options(file, cli_common_options, full_name);
}

static void print_fish(FILE *file)
{
    fputs("# fish completion for plainsong\n"
          "complete -c plainsong -n __fish_use_subcommand -l version -d 'name the version'\n"
          "complete -c plainsong -n __fish_use_subcommand -l help -d 'list the commands'\n",
          file);
    walk(file, cli_commands, "", fish_command);
}

bool cli_print_completion(FILE *file, const char *shell)
{
    if (strcmp(shell, "bash") == 0)
        print_bash(file);
    else if (strcmp(shell, "zsh") == 0)
        print_zsh(file);
    else if (strcmp(shell, "fish") == 0)
        print_fish(file);
    else
        return false;
    return true;
}
