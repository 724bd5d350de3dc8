/*
 * Reads the text of a curve: an expression in `alpha` with Python's spelling and precedence, by
 * recursive descent straight into steps for a stack machine. What is constant is worked out at
 * once; nothing but numbers can come of a text.
 *
 *      comparison  sum [("<" | "<=" | ">" | ">=" | "==" | "!=") sum]
 *      sum         product {("+" | "-") product}
 *      product     unary {("*" | "/" | "//" | "%") unary}
 *      unary       ("+" | "-") unary | power
 *      power       atom ["**" unary]
 *      atom        number | "alpha" | ("np" | "math") "." ("pi" | "e") | function "(" comparison
 *                  {"," comparison} ")" | "(" comparison ")"
 */
#include "voice/operations.h"

#include <math.h>
#include <string.h>

#include "base/decimal.h"

typedef struct parser {
    const char *text, *at;
    ps_curve_step *steps;
    uint32_t count, height, cost;
    uint32_t nesting; /* of functions of this parser */
    bool alpha;       /* has been seen */
    ps_error *err;
} parser;

/* Names of Python's math module (and of its builtins) for what NumPy calls otherwise. */
static const char *const aliases[][2] = {
    {"asin", "arcsin"}, {"acos", "arccos"}, {"atan", "arctan"}, {"fabs", "abs"}, {"pow", "power"},
};

static ps_status read_comparison(parser *p);
static ps_status read_unary(parser *p);

static unsigned column(const parser *p)
{
    return (unsigned)(p->at - p->text) + 1;
}

static ps_status refuse(const parser *p, const char *what)
{
    return ps_fail(p->err, PS_BAD_DATA, "column %u: %s", column(p), what);
}

static void skip_blanks(parser *p)
{
    p->at += strspn(p->at, " \t\r\n\f");
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Replaces an operation on constants by its result. */
static bool fold(parser *p, const ps_operation *operation)
{
    double operands[3] = {0.0, 0.0, 0.0};
    const uint32_t takes = operation->takes;

    for (uint32_t i = 0; i < takes; i++) {
        const ps_curve_step *step = &p->steps[p->count - takes + i];

        if (step->operation != PS_OPERATION_NUMBER)
            return false;
        operands[i] = step->number;
    }
    operation->run(&operands[0], &operands[1], &operands[2], 1);
    p->count -= takes - 1;
    p->cost -= (takes - 1u) * ps_operations[PS_OPERATION_NUMBER].cost;
    p->steps[p->count - 1].number = operands[0];
    return true;
}

/* Appends a step, keeping account of its cost and of the stack. */
static ps_status emit(parser *p, uint32_t index, double number)
{
    const ps_operation *operation = &ps_operations[index];

    p->height += 1u - operation->takes;
    if (operation->takes > 0 && fold(p, operation))
        return PS_OK;
    p->cost += operation->cost;
    if (p->count == PS_CURVE_STEPS_MAX || p->cost > PS_CURVE_COST_MAX)
        return refuse(p, "the curve is too long");
    if (p->height > PS_CURVE_DEPTH_MAX)
        return refuse(p, "the curve is nested too deep");
    p->steps[p->count].operation = (uint8_t)index;
    p->steps[p->count++].number = number;
    return PS_OK;
}

/* An operation by its name; 0 when there is none. */
static uint32_t find(const char *name, size_t length)
{
    for (uint32_t i = PS_OPERATION_OTHERS; i < ps_operation_count; i++) {
        if (strlen(ps_operations[i].name) == length &&
            strncmp(ps_operations[i].name, name, length) == 0)
            return i;
    }
    return 0;
}

/* Takes the longest operator that stands next, if it is one of `these`; 0 when it is not. */
static uint32_t take_operator(parser *p, const char *const *these)
{
    skip_blanks(p);
    for (size_t length = 2; length > 0; length--) {
        if (find(p->at, length) == 0)
            continue;
        for (size_t i = 0; these[i]; i++) {
            if (strlen(these[i]) == length && strncmp(these[i], p->at, length) == 0) {
                p->at += length;
                return find(these[i], length);
            }
        }
        return 0;
    }
    return 0;
}

static bool take(parser *p, char c)
{
    skip_blanks(p);
    if (*p->at != c)
        return false;
    p->at++;
    return true;
}

static ps_status read_number(parser *p)
{
    double value;
    const char *end = ps_decimal_read(p->at, &value);

    if (!end)
        return refuse(p, "a number was expected");
    p->at = end;
    if (is_letter(*p->at) || *p->at == '.')
        return refuse(p, "this is not a number");
    return emit(p, PS_OPERATION_NUMBER, value);
}

/* The operands of a function, then itself. */
static ps_status read_call(parser *p, uint32_t index)
{
    const uint32_t takes = ps_operations[index].takes;

    if (!take(p, '('))
        return refuse(p, "'(' was expected");
    for (uint32_t i = 0; i < takes; i++) {
        if (i > 0 && !take(p, ','))
            return refuse(p, "',' was expected");
        const ps_status status = read_comparison(p);
        if (status != PS_OK)
            return status;
    }
    if (!take(p, ')'))
        return refuse(p, "')' was expected");
    return emit(p, index, 0.0);
}

static size_t word_length(const char *text)
{
    size_t length = 0;

    while (is_letter(text[length]) || (length > 0 && is_digit(text[length])))
        length++;
    return length;
}

static bool is_word(const char *text, size_t length, const char *word)
{
    return strlen(word) == length && strncmp(text, word, length) == 0;
}

/* The operation a function's name means; 0 when it means none. */
static uint32_t find_function(const char *name, size_t length)
{
    for (size_t i = 0; i < sizeof aliases / sizeof aliases[0]; i++) {
        if (is_word(name, length, aliases[i][0]))
            return find(aliases[i][1], strlen(aliases[i][1]));
    }
    return length > 0 && is_letter(*name) ? find(name, length) : 0;
}

/* `alpha`, a constant, or a function with its operands. */
static ps_status read_name(parser *p)
{
    const char *name = p->at;
    size_t length = word_length(name);
    bool module = false;

    if (is_word(name, length, "alpha")) {
        p->alpha = true;
        p->at += length;
        return emit(p, PS_OPERATION_ALPHA, 0.0);
    }
    if (is_word(name, length, "np") || is_word(name, length, "math")) {
        if (name[length] != '.')
            return refuse(p, "'.' and a name are expected after np and math");
        module = true;
        name += length + 1;
        length = word_length(name);
    }
    const bool pi = module && is_word(name, length, "pi");
    if (pi || (module && is_word(name, length, "e"))) {
        p->at = name + length;
        return emit(p, PS_OPERATION_NUMBER, pi ? 3.14159265358979323846 : 2.71828182845904523536);
    }
    const uint32_t index = find_function(name, length);
    if (index == 0 || (!module && !is_word(name, length, "abs") && !is_word(name, length, "pow")))
        return ps_fail(p->err, PS_BAD_DATA, "column %u: a curve knows no '%.*s'", column(p),
                       (int)(name - p->at) + (int)(length < 40 ? length : 40), p->at);
    p->at = name + length;
    return read_call(p, index);
}

static ps_status read_atom(parser *p)
{
    skip_blanks(p);
    if (is_digit(*p->at) || *p->at == '.')
        return read_number(p);
    if (is_letter(*p->at))
        return read_name(p);
    if (*p->at != '(')
        return refuse(p, *p->at == '\0' ? "the curve ends too early"
                                        : "a number, alpha, a function or '(' was expected");
    p->at++;
    const ps_status status = read_comparison(p);
    if (status == PS_OK && !take(p, ')'))
        return refuse(p, "')' was expected");
    return status;
}

static ps_status read_power(parser *p)
{
    static const char *const powers[] = {"**", NULL};
    ps_status status = read_atom(p);

    if (status != PS_OK)
        return status;
    const uint32_t index = take_operator(p, powers);
    if (index == 0)
        return PS_OK;
    status = read_unary(p);
    return status == PS_OK ? emit(p, index, 0.0) : status;
}

/* A sign binds looser than a power on its right: -a**2 is -(a**2). */
static ps_status read_unary(parser *p)
{
    ps_status status;

    if (++p->nesting > PS_CURVE_NESTING_MAX)
        return refuse(p, "the curve is nested too deep");
    if (take(p, '-')) {
        status = read_unary(p);
        if (status == PS_OK)
            status = emit(p, PS_OPERATION_NEGATE, 0.0);
    } else if (take(p, '+'))
        status = read_unary(p);
    else
        status = read_power(p);
    p->nesting--;
    return status;
}

/* `part` {one of `operators` `part`}, from left to right. */
static ps_status read_chain(parser *p, const char *const *operators, ps_status (*part)(parser *))
{
    ps_status status = part(p);

    while (status == PS_OK) {
        const uint32_t index = take_operator(p, operators);

        if (index == 0)
            return PS_OK;
        status = part(p);
        if (status == PS_OK)
            status = emit(p, index, 0.0);
    }
    return status;
}

static ps_status read_product(parser *p)
{
    static const char *const operators[] = {"*", "/", "//", "%", NULL};

    return read_chain(p, operators, read_unary);
}

static ps_status read_sum(parser *p)
{
    static const char *const operators[] = {"+", "-", NULL};

    return read_chain(p, operators, read_product);
}

static ps_status read_comparison(parser *p)
{
    static const char *const operators[] = {"<", "<=", ">", ">=", "==", "!=", NULL};
    ps_status status = read_sum(p);

    if (status != PS_OK)
        return status;
    const uint32_t index = take_operator(p, operators);
    if (index == 0)
        return PS_OK;
    status = read_sum(p);
    if (status == PS_OK && take_operator(p, operators) != 0)
        return refuse(p, "comparisons cannot be chained");
    return status == PS_OK ? emit(p, index, 0.0) : status;
}

ps_status ps_expression_parse(ps_curve_step *steps, uint32_t *step_count, const char *text,
                              ps_error *err)
{
    parser p = {.text = text, .at = text, .steps = steps, .err = err};

    if (!memchr(text, '\0', PS_CURVE_TEXT_MAX + 1))
        return ps_fail(err, PS_BAD_DATA, "the curve is longer than %u bytes", PS_CURVE_TEXT_MAX);
    const ps_status status = read_comparison(&p);
    if (status != PS_OK)
        return status;
    skip_blanks(&p);
    if (*p.at != '\0')
        return refuse(&p, "an operator was expected");
    if (!p.alpha)
        return ps_fail(err, PS_BAD_DATA, "the curve does not depend on alpha");
    *step_count = p.count;
    return PS_OK;
}
