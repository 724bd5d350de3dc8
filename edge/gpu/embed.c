/*
 * Writes a text as a C array: embed NAME FILE > OUT.c. Runs while the library is built; C11 has no
 * #embed, and promises only 4095 bytes in a literal.
 */
#include <stdio.h>

int main(int argc, char **argv)
{
    FILE *file = argc == 3 ? fopen(argv[2], "rb") : NULL;
    int byte;

    if (!file) {
        fprintf(stderr, "usage: embed NAME FILE, which must be there\n");
        return 1;
    }
    printf("extern const char %s[];\nconst char %s[] = {\n", argv[1], argv[1]);
    while ((byte = getc(file)) != EOF)
        printf("%d,%s", byte, byte == '\n' ? "\n" : "");
    printf("0};\n");
    return ferror(file) || fclose(file) != 0 || fflush(stdout) != 0;
}
