/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of the field engine on a sample, and guards that hold for every row of the real tables. */
#include "field.h"

#include "buf.h"
#include "field_sample.h"
#include "netcfg_fields.h"
#include "netcfg_model.h"
#include "random_ipvs.h"
#include "test.h"

/* Access and diff ------------------------------------------------------------------------------ */

TEST(load_and_store_keep_to_the_member)
{
	struct sample s;

	memset(&s, 0xff, sizeof(s));
	field_store(&sample_rows[0], &s, 0x12345678);
	field_store(&sample_rows[1], &s, 0x9abc);
	field_store(&sample_rows[2], &s, 0xde);
	CHECK_INT(s.word, 0x12345678);
	CHECK_INT(s.half, 0x9abc);
	CHECK_INT(s.byte, 0xde);
	CHECK_INT(s.colour, 0xff);
	for (int i = 0; i < 3; i++) {
		uint32_t v = field_load(&sample_rows[i], &s);

		CHECK_INT(v, i == 0 ? 0x12345678 : i == 1 ? 0x9abc : 0xde);
	}
}

TEST(names_and_values_go_both_ways)
{
	const struct field *f = &sample_rows[4];

	CHECK_STR(field_name_of(f, COLOUR_BLUE), "blue");
	CHECK_STR(field_name_of(f, COLOUR_SECRET), "secret");
	CHECK_STR(field_name_of(f, 0), NULL);
	CHECK_INT(field_value_of(f, "red"), COLOUR_RED);
	CHECK_INT(field_value_of(f, "Red"), -1);
	CHECK_INT(field_value_of(f, ""), -1);
}

static void append_name(void *arg, const char *name)
{
	buf_printf(arg, "%s;", name);
}

static char *changed(const struct sample *a, const struct sample *b)
{
	struct buf names = { 0 };

	field_each_changed(&sample_table, field_diff(&sample_table, a, b), append_name, &names);
	return buf_take(&names);
}

TEST(changed_leaves_are_named)
{
	struct sample a = sample_defaults, b = a;
	_cleanup_(freep) char *none = changed(&a, &b), *some = NULL, *all = NULL;

	CHECK_STR(none, "");
	b.has_group = true;
	b.port = 1;
	b.flag = true;
	some = changed(&a, &b);
	CHECK_STR(some, "flag;group;leaf.port;");
	b = (struct sample){ 1, 1, 1, true, 3, 1, "x", "y", true, 1, 1, 1, 1, 1, "1", 1, true };
	all = changed(&a, &b);
	CHECK_STR(all, "word;half;byte;flag;colour;set;name;maybe;group;group.inner;leaf.kind;"
		       "leaf.port;choice;seconds;text;object.count;object.loud;");
	CHECK_INT(field_leaves(&sample_table), 17);
}

TEST(bytes_behind_the_end_of_a_text_do_not_count)
{
	struct sample a = sample_defaults, b = a;

	a.name[5] = 'x';
	b.name[6] = 'y';
	CHECK_INT(field_diff(&sample_table, &a, &b), 0);
}

TEST(copy_takes_a_row_with_its_group)
{
	struct sample from, to = { 0 };

	memset(&from, 1, sizeof(from));
	field_copy(&sample_rows[8], &to, &from);
	CHECK(to.has_group && to.inner == 1 && to.kind == 0 && to.word == 0);
	field_copy(&sample_rows[9], &to, &from);
	CHECK(to.kind == 1 && to.port == 0x101 && to.word == 0);
	field_copy(&sample_rows[13], &to, &from);
	CHECK(to.count == 1 && to.loud && to.word == 0);
}

TEST(rows_that_may_be_null)
{
	static const struct sample empty = { 0 };
	unsigned nulls = 0;

	for (size_t i = 0; i < sample_table.n; i++) {
		nulls += field_is_null(&sample_rows[i], &empty);
		CHECK(!field_is_null(&sample_rows[i],
				     &(struct sample){ 1, 1, 1, true, 3, 1, "x", "y", true, 1, 1, 1,
						       1, 1, "1", 1, true }));
	}
	CHECK_INT(nulls, 5); /* maybe, group, leaf, choice, seconds */
}

/* Guards of the real tables -------------------------------------------------------------------- */

static const struct field_table *const tables[] = {
	&ipvs_service_table,	     &ipvs_dest_table,
	&netcfg_vip_table,	     &netcfg_real_server_role_table,
	&netcfg_director_role_table, &netcfg_sync_table,
	&netcfg_sysctl_table
};

typedef void row_fn(const struct field_table *t, const struct field *f, const void *arg);

static void each_row(const struct field_table *t, row_fn *fn, const void *arg)
{
	for (size_t i = 0; i < t->n; i++) {
		fn(t, &t->rows[i], arg);
		if (t->rows[i].type == FIELD_TYPE_GROUP)
			each_row(t->rows[i].group, fn, arg);
	}
}

static void check_name(const struct field_table *t, const struct field *f, _unused_ const void *arg)
{
	size_t same = 0;

	CHECK(f->name && f->name[0] >= 'a' && f->name[0] <= 'z' && !strchr(f->name, '.'));
	CHECK(f->doc && strlen(f->doc) > 8 && f->doc[strlen(f->doc) - 1] == '.');
	for (size_t i = 0; i < t->n; i++)
		same += streq(t->rows[i].name, f->name);
	CHECK_INT(same, 1);
	for (const char *const *p = t->passthrough; p && *p; p++)
		CHECK(!streq(*p, f->name));
}

TEST(member_names_are_unique_and_documented)
{
	for (size_t i = 0; i < ARRAY_SIZE(tables); i++)
		each_row(tables[i], check_name, NULL);
}

static void check_names_list(_unused_ const struct field_table *t, const struct field *f,
			     _unused_ const void *arg)
{
	bool fallback = false;

	if (f->type != FIELD_TYPE_ENUM && f->type != FIELD_TYPE_SET) {
		CHECK(!f->names && f->n_names == 0);
		return;
	}
	CHECK(f->n_names > 0);
	for (size_t i = 0; i < f->n_names; i++) {
		const struct field_name *n = &f->names[i];

		CHECK(i == 0 || strcmp(f->names[i - 1].name, n->name) < 0);
		CHECK_STR(field_name_of(f, n->value), n->name);
		CHECK_INT(field_value_of(f, n->name), n->value);
		CHECK(f->type != FIELD_TYPE_SET || n->value < 8);
		fallback = fallback || (n->value == f->fallback && !n->hidden);
	}
	CHECK(f->type == FIELD_TYPE_SET || fallback);
}

TEST(enum_names_are_sorted_and_go_both_ways)
{
	for (size_t i = 0; i < ARRAY_SIZE(tables); i++)
		each_row(tables[i], check_names_list, NULL);
}

static void check_range(_unused_ const struct field_table *t, const struct field *f,
			_unused_ const void *arg)
{
	static const int64_t largest[] = { [1] = UINT8_MAX, [2] = UINT16_MAX, [4] = UINT32_MAX };
	static const size_t wire[] = {
		[FIELD_WIRE_U8] = 1,
		[FIELD_WIRE_U16] = 2,
		[FIELD_WIRE_BE16] = 2,
		[FIELD_WIRE_U32] = 4,
	};

	if (f->type == FIELD_TYPE_GROUP)
		return;
	CHECK_INT(f->nl_attr != 0, f->wire != FIELD_WIRE_NONE);
	CHECK(f->type == FIELD_TYPE_STRING || f->wire == FIELD_WIRE_NONE ||
	      f->size <= wire[f->wire]);
	if (f->type != FIELD_TYPE_UINT)
		return;
	CHECK(f->size == 1 || f->size == 2 || f->size == 4);
	CHECK(f->min >= 0 && f->min <= f->max && f->max > 0);
	CHECK(f->nullable ? f->fallback == 0 && f->min > 0
			  : f->min <= f->fallback && f->fallback <= f->max);
	CHECK(f->max <= largest[f->size]);
}

TEST(numbers_fit_their_members_and_the_wire)
{
	for (size_t i = 0; i < ARRAY_SIZE(tables); i++)
		each_row(tables[i], check_range, NULL);
}

static void check_default(_unused_ const struct field_table *t, const struct field *f,
			  const void *arg)
{
	if (f->type == FIELD_TYPE_UINT || f->type == FIELD_TYPE_ENUM)
		CHECK_INT(field_load(f, arg), f->fallback);
}

TEST(the_schemas_defaults_are_those_of_a_new_object)
{
	static const struct ipvs_service_key key = { .address.family = AF_INET };
	static const struct ipvs_dest_key dest_key = { .address.family = AF_INET };
	struct ipvs_service s;
	struct ipvs_dest d;

	ipvs_service_init(&key, &s);
	each_row(&ipvs_service_table, check_default, &s);
	ipvs_dest_init(&dest_key, &d);
	each_row(&ipvs_dest_table, check_default, &d);
}

TEST(the_same_of_the_hosts_objects)
{
	static const struct inaddr address = { .family = AF_INET };
	struct netcfg_real_server_role real_server;
	struct netcfg_director_role director;
	struct netcfg_vip vip;

	netcfg_vip_init(&address, &vip);
	each_row(&netcfg_vip_table, check_default, &vip);
	netcfg_real_server_role_init(&real_server);
	each_row(&netcfg_real_server_role_table, check_default, &real_server);
	netcfg_director_role_init(&director);
	each_row(&netcfg_director_role_table, check_default, &director);
}

TEST(leaves_fit_into_the_diff_mask)
{
	for (size_t i = 0; i < ARRAY_SIZE(tables); i++)
		CHECK(field_leaves(tables[i]) <= 64);
}

static unsigned char covered[256];

static void cover(size_t offset, size_t size)
{
	CHECK(offset + size <= sizeof(covered));
	for (size_t i = offset; i < offset + size; i++)
		covered[i]++;
}

static void cover_row(_unused_ const struct field_table *t, const struct field *f,
		      _unused_ const void *arg)
{
	if (f->type != FIELD_TYPE_GROUP)
		cover(f->offset, f->size);
	else if (!f->present_is_leaf)
		cover(f->present, 1);
}

/* Sets the bytes of *object that are padding to zero, all others not; false when the compiler
 * cannot tell. */
#if defined(__has_builtin)
#if __has_builtin(__builtin_clear_padding)
#define MARK_PADDING(object)                                                                       \
	(memset(object, 0xff, sizeof(*(object))), __builtin_clear_padding(object), true)
#endif
#endif
#ifndef MARK_PADDING
#define MARK_PADDING(object) (memset(object, 0xff, sizeof(*(object))), false)
#endif

static void check_coverage(const unsigned char *marked, bool exact, size_t size)
{
	for (size_t i = 0; i < size; i++) {
		CHECK(covered[i] <= 1);
		CHECK(!exact || !covered[i] == !marked[i]);
	}
}

TEST(every_byte_of_a_service_is_in_exactly_one_row)
{
	struct ipvs_service s;
	bool exact = MARK_PADDING(&s);

	memset(covered, 0, sizeof(covered));
	cover(offsetof(struct ipvs_service, key), sizeof(s.key));
	memset(&s.key, 0xff, sizeof(s.key)); /* with its own padding */
	each_row(&ipvs_service_table, cover_row, NULL);
	check_coverage((const void *)&s, exact, sizeof(s));
}

TEST(every_byte_of_a_real_server_is_in_exactly_one_row)
{
	struct ipvs_dest d;
	bool exact = MARK_PADDING(&d);

	memset(covered, 0, sizeof(covered));
	cover(offsetof(struct ipvs_dest, key), sizeof(d.key));
	memset(&d.key, 0xff, sizeof(d.key));
	each_row(&ipvs_dest_table, cover_row, NULL);
	check_coverage((const void *)&d, exact, sizeof(d));
}

TEST(every_byte_of_the_hosts_objects_is_in_exactly_one_row)
{
	struct netcfg_vip vip;
	struct netcfg_real_server_role real_server;
	struct netcfg_director_role director;
	bool exact = MARK_PADDING(&vip);

	memset(covered, 0, sizeof(covered));
	cover(offsetof(struct netcfg_vip, address), sizeof(vip.address));
	each_row(&netcfg_vip_table, cover_row, NULL);
	check_coverage((const void *)&vip, exact, sizeof(vip));

	exact = MARK_PADDING(&real_server);
	memset(covered, 0, sizeof(covered));
	each_row(&netcfg_real_server_role_table, cover_row, NULL);
	check_coverage((const void *)&real_server, exact, sizeof(real_server));

	exact = MARK_PADDING(&director);
	memset(covered, 0, sizeof(covered));
	each_row(&netcfg_director_role_table, cover_row, NULL);
	check_coverage((const void *)&director, exact, sizeof(director));
}

static void count_name(void *arg, const char *name)
{
	CHECK(*name);
	++*(size_t *)arg;
}

TEST(each_leaf_makes_one_bit_of_its_own)
{
	for (size_t i = 0; i < ARRAY_SIZE(tables); i++) {
		size_t leaves = field_leaves(tables[i]), n = 0;
		uint64_t all = leaves == 64 ? UINT64_MAX : (UINT64_C(1) << leaves) - 1;
		_Alignas(8) unsigned char a[256] = { 0 }, b[256];

		memset(b, 0xff, sizeof(b));
		CHECK_INT(field_diff(tables[i], a, b), all);
		CHECK_INT(field_diff(tables[i], a, a), 0);
		field_each_changed(tables[i], all, count_name, &n);
		CHECK_INT(n, leaves);
	}
}
