/* Texts of a batch: paths put together, in memory of ps_alloc. */
#ifndef PLAINSONG_EDGE_BATCH_TEXT_H
#define PLAINSONG_EDGE_BATCH_TEXT_H

/* All of them NULL when there is no memory; ps_free(NULL, ...). */
char *ps_batch_copy(const char *text);

/* "folder/name", with one slash between them. */
char *ps_batch_join_path(const char *folder, const char *name);

#endif
