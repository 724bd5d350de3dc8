/* MIDI files inside RIFF files. */
#include "midi_support.h"

static void make_u32_le(maker *m, uint32_t value)
{
    const uint8_t b[4] = {(uint8_t)value, (uint8_t)(value >> 8), (uint8_t)(value >> 16),
                          (uint8_t)(value >> 24)};

    make(m, b, 4);
}

static void make_chunk(maker *m, const char *id, const void *bytes, size_t size_bytes)
{
    make(m, id, 4);
    make_u32_le(m, (uint32_t)size_bytes);
    make(m, bytes, size_bytes);
    if (size_bytes & 1)
        MAKE(m, "\0");
}

/* Odd lengths everywhere, for chunks are padded. */
static void make_rmid(maker *m)
{
    maker smf, info;

    make_header(&smf, 0, 1, 96);
    MAKE_TRACK(&smf, "\x00\xff\x03\x02no\x00\x90\x3c\x40\x60\x3c\x00\x00\xff\x2f\x00");
    info.size_bytes = 0;
    MAKE(&info, "INFO");
    make_chunk(&info, "ICMT", "x", 1);
    make_chunk(&info, "INAM", "Title", 6);
    make_chunk(&info, "ICOP", "me", 3);
    m->size_bytes = 0;
    MAKE(m, "RIFF\xff\xff\xff\xffRMID");
    make_chunk(m, "DISP", "abc", 3);
    make_chunk(m, "LIST", info.bytes, info.size_bytes);
    make_chunk(m, "data", smf.bytes, smf.size_bytes);
}

static void the_file_inside_is_read_and_info_titles_it(void **state)
{
    maker m;
    warning_list list;
    ps_score *score;
    ps_score_info info;

    (void)state;
    make_rmid(&m);
    score = read_made(&m, &list);
    assert_int_equal(list.count, 0);
    assert_string_equal(describe(score), "0 meta 3 no, 0 on 0 60 64, 96 off 0 60 64, 96 end");
    ps_score_get_info(score, &info);
    assert_true(info.rmid);
    assert_string_equal(info.title, "Title");
    assert_string_equal(info.copyright, "me");
    ps_score_destroy(score);
}

static void an_edit_keeps_the_title(void **state)
{
    maker m;
    warning_list list;
    ps_score *score, *moved = NULL;
    ps_score_info info;

    (void)state;
    make_rmid(&m);
    score = read_made(&m, &list);
    assert_int_equal(ps_score_transpose(&moved, score, 1, NULL, NULL, NULL), PS_OK);
    ps_score_get_info(moved, &info);
    assert_false(info.rmid);
    assert_string_equal(info.title, "Title");
    ps_score_destroy(moved);
    ps_score_destroy(score);
}

static void a_bank_inside_is_noted_but_not_refused(void **state)
{
    maker m;
    warning_list list;
    const ps_score_options strict = {.strict = true};
    ps_score *score;

    (void)state;
    make_rmid(&m);
    make_chunk(&m, "RIFF", "DLS colh....", 12);
    score = read_made(&m, &list);
    assert_int_equal(list.count, 1);
    assert_int_equal(list.items[0].status, PS_UNSUPPORTED);
    assert_int_equal(list.items[0].offset_bytes, m.size_bytes - 20);
    ps_score_destroy(score);
    score = NULL;
    assert_int_equal(ps_score_read(&score, m.bytes, m.size_bytes, &strict, NULL), PS_OK);
    ps_score_destroy(score);
}

static void places_of_damage_count_from_the_start_of_the_riff_file(void **state)
{
    maker m;
    warning_list list;
    ps_score *score;

    (void)state;
    make_rmid(&m);
    m.size_bytes -= 2; /* the pad byte, and one byte of the end of track */
    score = read_made(&m, &list);
    assert_int_equal(list.count, 3);
    assert_non_null(strstr(list.items[0].text, "RIFF chunk of 39 bytes, but only 38 are left"));
    assert_int_equal(list.items[0].offset_bytes, m.size_bytes - 46);
    assert_int_equal(list.items[2].offset_bytes, m.size_bytes - 3);
    ps_score_destroy(score);
}

static void without_a_data_chunk_there_is_no_score(void **state)
{
    maker m;
    ps_score *score = NULL;
    ps_error err;

    (void)state;
    m.size_bytes = 0;
    MAKE(&m, "RIFF\x04\0\0\0RMID");
    assert_int_equal(ps_score_read(&score, m.bytes, m.size_bytes, NULL, &err), PS_BAD_DATA);
    assert_non_null(strstr(err.text, "no data chunk"));
    make_chunk(&m, "data", "", 0);
    assert_int_equal(ps_score_read(&score, m.bytes, m.size_bytes, NULL, &err), PS_BAD_DATA);
    assert_null(score);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_file_inside_is_read_and_info_titles_it),
        cmocka_unit_test(an_edit_keeps_the_title),
        cmocka_unit_test(a_bank_inside_is_noted_but_not_refused),
        cmocka_unit_test(places_of_damage_count_from_the_start_of_the_riff_file),
        cmocka_unit_test(without_a_data_chunk_there_is_no_score),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
