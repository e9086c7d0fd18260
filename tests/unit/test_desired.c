/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of core/desired.c and status.c: sharing, copy on write, sorted sets, texts. */
#include "desired.h"

#include <errno.h>

#include "random_ipvs.h"
#include "status.h"
#include "test.h"

static struct service *service(unsigned i)
{
	struct ipvs_service_key key = random_service_key(i);
	struct service *s = service_new(&key);

	CHECK(s && s->refs == 1);
	return s;
}

static void add_real_server(struct service *s, unsigned i)
{
	struct real_server rs = { 0 };

	random_dest(&s->spec, i, &rs.dest);
	CHECK_INT(vec_push(&s->real_servers, rs), 0);
}

static void set_labels(struct service *s, const char *labels, size_t len)
{
	free(s->meta.labels);
	s->meta.labels = malloc(len);
	CHECK(s->meta.labels);
	memcpy(s->meta.labels, labels, len);
	s->meta.labels_len = len;
}

TEST(a_copied_state_shares_its_services)
{
	_cleanup_(desired_unrefp) struct desired *a = desired_new(), *b = NULL;
	struct ipvs_service_key key = random_service_key(3);

	for (unsigned i = 0; i < RANDOM_SERVICE_KEYS; i++)
		CHECK_INT(desired_put(a, service(i)), 0);
	CHECK_INT(desired_add_tombstone(a, &key), 0);
	CHECK_INT(desired_set_claim(a, &key, CLAIM_FOREIGN), 0);
	a->revision = 5;
	b = desired_copy(a);
	CHECK_INT(b->revision, 5);
	CHECK_INT(b->services.n, a->services.n);
	for (size_t i = 0; i < a->services.n; i++) {
		CHECK(a->services.items[i] == b->services.items[i]);
		CHECK_INT(a->services.items[i]->refs, 2);
	}
	CHECK(desired_has_tombstone(b, &key) && desired_claim(b, &key));
}

TEST(a_change_of_the_copy_leaves_the_original)
{
	_cleanup_(desired_unrefp) struct desired *a = desired_new(), *b = NULL;
	struct ipvs_service_key key = random_service_key(1), other = random_service_key(2);
	struct service *old, *fresh;

	CHECK_INT(desired_put(a, service(1)), 0);
	CHECK_INT(desired_put(a, service(2)), 0);
	b = desired_copy(a);
	old = desired_find(a, &key);
	fresh = service_copy(old);
	fresh->spec.one_packet = true;
	CHECK_INT(desired_put(b, fresh), 0);
	CHECK(desired_remove(b, &other) && !desired_remove(b, &other));
	CHECK(desired_find(a, &key) == old && !old->spec.one_packet && old->refs == 1);
	CHECK(desired_find(b, &key) == fresh);
	CHECK(desired_find(a, &other) && !desired_find(b, &other));
}

TEST(a_copied_service_has_its_own_memory)
{
	_cleanup_(service_unrefp) struct service *a = service(0), *b = NULL;

	add_real_server(a, 0);
	set_labels(a, "k\0v", 4);
	a->meta.owner = strdup("me");
	a->row = 7;
	b = service_copy(a);
	CHECK(b && b->refs == 1 && b->row == 7);
	CHECK(b->meta.owner != a->meta.owner && b->meta.labels != a->meta.labels);
	CHECK(b->real_servers.items != a->real_servers.items);
	CHECK(service_same(a, b));
	b->real_servers.items[0].dest.weight += 100;
	CHECK(!service_same(a, b));
}

TEST(what_a_client_would_see_makes_services_differ)
{
	_cleanup_(service_unrefp) struct service *a = service(0);

	add_real_server(a, 0);
	add_real_server(a, 1);
	for (int difference = 0; difference < 7; difference++) {
		_cleanup_(service_unrefp) struct service *b = service_copy(a);

		CHECK(service_same(a, b));
		b->meta.revision++; /* the server's part is no difference */
		b->meta.updated++;
		b->real_servers.items[0].revision++;
		b->row++;
		CHECK(service_same(a, b));
		if (difference == 0)
			b->spec.one_packet = true;
		if (difference == 1)
			b->real_servers.n--;
		if (difference == 2)
			b->real_servers.items[1].dest.weight += 9;
		if (difference == 3)
			b->real_servers.items[1].dest.key.port++;
		if (difference == 4)
			b->meta.owner = strdup("x");
		if (difference == 5)
			set_labels(b, "k\0v", 4);
		if (difference == 6)
			add_real_server(b, 2);
		CHECK(!service_same(a, b) && !service_same(b, a));
	}
}

TEST(services_are_sorted_and_found)
{
	_cleanup_(desired_unrefp) struct desired *d = desired_new();

	for (int round = 0; round < 2000; round++) {
		unsigned i = random_below(RANDOM_SERVICE_KEYS);
		struct ipvs_service_key key = random_service_key(i);
		bool had = desired_find(d, &key) != NULL;

		if (random_below(2))
			CHECK_INT(desired_put(d, service(i)), 0);
		else
			CHECK_INT(desired_remove(d, &key), had);
		for (size_t j = 0; j < d->services.n; j++) {
			const struct ipvs_service_key *k = &d->services.items[j]->spec.key;

			CHECK(desired_find(d, k) == d->services.items[j]);
			CHECK_INT(desired_position(d, k), j);
			CHECK(j == 0 ||
			      ipvs_service_key_compare(&d->services.items[j - 1]->spec.key, k) < 0);
		}
	}
}

TEST(tombstones_and_claims_are_sets)
{
	_cleanup_(desired_unrefp) struct desired *d = desired_new();

	for (unsigned i = 0; i < RANDOM_SERVICE_KEYS; i++) {
		struct ipvs_service_key key = random_service_key(i);

		CHECK(!desired_has_tombstone(d, &key) && !desired_claim(d, &key));
		CHECK(!desired_drop_tombstone(d, &key) && !desired_drop_claim(d, &key));
		for (int twice = 0; twice < 2; twice++) {
			CHECK_INT(desired_add_tombstone(d, &key), 0);
			CHECK_INT(desired_set_claim(d, &key, CLAIM_FOREIGN), 0);
		}
		CHECK_INT(desired_set_claim(d, &key, CLAIM_ADOPTED), 0);
		CHECK_INT(desired_claim(d, &key)->class, CLAIM_ADOPTED);
		CHECK_INT(d->tombstones.n, i + 1);
		CHECK_INT(d->claims.n, i + 1);
	}
	for (unsigned i = 0; i < RANDOM_SERVICE_KEYS; i++) {
		struct ipvs_service_key key = random_service_key(i);

		CHECK(desired_drop_tombstone(d, &key) && desired_drop_claim(d, &key));
		CHECK(!desired_has_tombstone(d, &key) && !desired_claim(d, &key));
	}
	CHECK_INT(d->tombstones.n + d->claims.n, 0);
}

TEST(real_servers_are_found_after_sorting)
{
	_cleanup_(service_unrefp) struct service *s = service(0);

	for (unsigned i = RANDOM_DEST_KEYS; i-- > 0;)
		add_real_server(s, i);
	service_sort(s);
	for (size_t i = 0; i < s->real_servers.n; i++) {
		struct ipvs_dest_key key = s->real_servers.items[i].dest.key;

		CHECK(service_find(s, &key) == &s->real_servers.items[i]);
		key.port++;
		CHECK(!service_find(s, &key));
	}
	CHECK_INT(service_view(s).n, RANDOM_DEST_KEYS);
}

TEST(null_and_references_are_counted)
{
	struct desired *d = desired_new();
	struct service *s = service(0);

	service_unref(NULL);
	desired_unref(NULL);
	CHECK(!service_ref(NULL) && !desired_ref(NULL));
	CHECK(desired_ref(d) == d);
	desired_unref(d);
	CHECK_INT(desired_put(d, service_ref(s)), 0);
	desired_unref(d);
	CHECK_INT(s->refs, 1);
	service_unref(s);
}

/* status --------------------------------------------------------------------------------------- */

TEST(status_entries_are_sorted_and_found)
{
	struct status st = { 0 };

	for (int round = 0; round < 500; round++) {
		struct ipvs_service_key key = random_service_key(random_below(RANDOM_SERVICE_KEYS));

		if (random_one_in(3)) {
			status_remove(&st, &key);
			CHECK(!status_find(&st, &key));
		} else {
			CHECK(status_get(&st, &key) == status_find(&st, &key));
		}
		for (size_t i = 1; i < st.items.n; i++)
			CHECK(ipvs_service_key_compare(&st.items.items[i - 1]->key,
						       &st.items.items[i]->key) < 0);
	}
	status_done(&st);
	CHECK_INT(st.items.n, 0);
}

TEST(the_transition_time_moves_only_with_the_condition)
{
	struct status st = { 0 };
	struct ipvs_service_key key = random_service_key(0);
	struct tracked *t = status_get(&st, &key);

	CHECK_INT(t->reason, STATUS_PENDING);
	status_set(t, STATUS_KERNEL_REFUSED, -EINVAL, "one", 10);
	CHECK_INT(t->transition, 10);
	status_set(t, STATUS_SCHEDULER_MISSING, -ENOENT, "two", 20);
	CHECK_INT(t->transition, 10);
	CHECK_STR(t->message, "two");
	status_set(t, STATUS_IN_SYNC, 0, NULL, 30);
	CHECK_INT(t->transition, 30);
	CHECK_STR(t->message, NULL);
	status_set(t, STATUS_IN_SYNC, 0, NULL, 40);
	CHECK_INT(t->transition, 30);
	status_set(t, STATUS_KERNEL_NOT_READY, -EPERM, NULL, 50);
	CHECK_INT(t->transition, 50);
	status_done(&st);
}

TEST(what_the_kernel_is_known_to_hold_is_referenced)
{
	struct status st = { 0 };
	struct ipvs_service_key key = random_service_key(0);
	struct tracked *t = status_get(&st, &key);
	struct service *s = service(0);

	status_know(t, s);
	status_know(t, s);
	CHECK(t->known && t->applied == s && s->refs == 2);
	status_know(t, NULL);
	CHECK(t->known && !t->applied && s->refs == 1);
	status_know(t, s);
	status_forget(t);
	CHECK(!t->known && !t->applied && s->refs == 1);
	status_know(t, s);
	status_done(&st);
	CHECK_INT(s->refs, 1);
	service_unref(s);
}

TEST(reasons_and_refusals_have_words)
{
	static const int errors[] = { EPERM,  ENOENT,	    ESRCH,  EEXIST,
				      EINVAL, EAFNOSUPPORT, ENOMEM, 4711 };
	_cleanup_(service_unrefp) struct service *s = service(0);
	struct ipvs_op op = { .verb = IPVS_ADD, .service = &s->spec };
	char text[320];

	for (int r = STATUS_PENDING; r <= STATUS_KERNEL_NOT_READY; r++) {
		const char *name = status_reason_name((enum status_reason)r);

		CHECK(name && name[0] >= 'A' && name[0] <= 'Z');
		for (int other = STATUS_PENDING; other < r; other++)
			CHECK(!streq(name, status_reason_name((enum status_reason)other)));
	}
	for (size_t i = 0; i < ARRAY_SIZE(errors); i++) {
		(void)status_explain(&op, -errors[i], text, sizeof(text));
		CHECK(strncmp(text, "NEW_SERVICE tcp:", 16) == 0);
		CHECK(strlen(text) < sizeof(text) - 1);
	}
	add_real_server(s, 0);
	op.dest = &s->real_servers.items[0].dest;
	op.verb = IPVS_DELETE;
	CHECK(strncmp(status_explain(&op, -ENOENT, text, sizeof(text)), "DEL_DEST tcp:", 13) == 0);
	CHECK(strstr(text, "10.0.0.1") && strstr(text, "ENOENT"));
}
