-- What the fixes of diff.bats work on, beside the small database: triggers, cascades, functions, generated columns,
-- partitions, constraints that are checked at the end, tables without a key.
CREATE TABLE dry_log (id serial PRIMARY KEY, what text NOT NULL, ref int);
CREATE TABLE dry_item (id serial PRIMARY KEY, name text NOT NULL, price numeric(12, 3), qty int DEFAULT 1,
    total numeric GENERATED ALWAYS AS (price * qty) STORED, tags text[], data jsonb, changed int DEFAULT 0);
CREATE TABLE dry_part (id int PRIMARY KEY, item_id int REFERENCES dry_item ON DELETE CASCADE, note text);
CREATE TABLE dry_link (a int REFERENCES dry_item ON DELETE SET NULL, b int, PRIMARY KEY (b));
CREATE TABLE dry_pair (x int, y text, v int, PRIMARY KEY (x, y));
CREATE TABLE dry_heap (v int, t text);
CREATE TABLE dry_wide (id int PRIMARY KEY, v text, n int);
CREATE TABLE dry_measure (day date NOT NULL, id int NOT NULL, v int, PRIMARY KEY (day, id)) PARTITION BY RANGE (day);
CREATE TABLE dry_measure_2024 PARTITION OF dry_measure FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
CREATE TABLE dry_measure_2025 PARTITION OF dry_measure FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
CREATE TABLE dry_node (id int PRIMARY KEY, parent int REFERENCES dry_node DEFERRABLE INITIALLY DEFERRED, v int);
CREATE TABLE dry_unique (id int PRIMARY KEY, pos int UNIQUE DEFERRABLE);
CREATE TABLE "Dry Odd" ("Id" int PRIMARY KEY, "a ""b" text);
CREATE TABLE dry_secret (id int PRIMARY KEY, password text);
CREATE MATERIALIZED VIEW dry_summary AS SELECT count(*) AS n FROM dry_wide;
CREATE FUNCTION dry_note() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO dry_log (what, ref) VALUES (TG_OP, coalesce(NEW.id, OLD.id));
    RETURN coalesce(NEW, OLD);
END $$;
CREATE TRIGGER dry_note AFTER INSERT OR UPDATE OR DELETE ON dry_part FOR EACH ROW EXECUTE FUNCTION dry_note();
CREATE FUNCTION dry_stamp() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.changed := coalesce(OLD.changed, 0) + 1;
    RETURN NEW;
END $$;
CREATE TRIGGER dry_stamp BEFORE UPDATE ON dry_item FOR EACH ROW EXECUTE FUNCTION dry_stamp();
CREATE FUNCTION dry_raise(first int) RETURNS int LANGUAGE plpgsql AS $$
DECLARE changed int;
BEGIN
    UPDATE dry_wide SET n = n + 1 WHERE id >= first;
    GET DIAGNOSTICS changed = ROW_COUNT;
    RETURN changed;
END $$;
CREATE FUNCTION dry_later() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO dry_log (what, ref) VALUES ('later', NEW.id);
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER dry_later AFTER INSERT ON dry_node DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    EXECUTE FUNCTION dry_later();
INSERT INTO dry_item (name, price, qty, tags, data)
    SELECT 'item ' || i, i * 1.125, i % 5, ARRAY['t' || i % 3], jsonb_build_object('n', i) FROM generate_series(1, 60) i;
INSERT INTO dry_part SELECT i, 1 + i % 60, 'part ' || i FROM generate_series(1, 120) i;
INSERT INTO dry_link SELECT i, i FROM generate_series(1, 30) i;
INSERT INTO dry_pair SELECT i % 10, 'y' || i, i FROM generate_series(1, 40) i;
INSERT INTO dry_heap SELECT i % 7, 't' || i FROM generate_series(1, 30) i;
INSERT INTO dry_wide SELECT i, repeat('w', i % 50), i FROM generate_series(1, 3000) i;
INSERT INTO dry_measure SELECT '2024-11-01'::date + i, i, i FROM generate_series(0, 120) i;
INSERT INTO dry_node SELECT i, nullif(i - 1, 0), i FROM generate_series(1, 20) i;
INSERT INTO dry_unique SELECT i, i FROM generate_series(1, 10) i;
INSERT INTO "Dry Odd" VALUES (1, 'x'), (2, E'tab\tquote"back\\slash'), (3, NULL);
INSERT INTO dry_secret VALUES (1, 'old-Password-9'), (2, NULL);
-- Rows that were only locked have a mark that looks like a change; so have those whose change was taken back.
BEGIN;
SELECT FROM dry_item WHERE id % 2 = 0 FOR UPDATE;
COMMIT;
BEGIN;
UPDATE dry_wide SET n = 0 WHERE id % 3 = 0;
ROLLBACK;
CREATE FUNCTION dry_lift() RETURNS text LANGUAGE sql AS $$ SELECT set_config('statement_timeout', '0', false) $$;
CREATE FUNCTION dry_hold() RETURNS boolean LANGUAGE sql AS $$ SELECT pg_try_advisory_lock(4711) $$;
CREATE FUNCTION dry_held(what text) RETURNS bigint LANGUAGE sql AS $$
    SELECT 1 / (CASE WHEN count(*) = 0 THEN 1 ELSE 0 END) FROM pg_locks WHERE pid = pg_backend_pid() AND
        (locktype = what OR relation = to_regclass(what) AND mode LIKE '%Exclusive%')
$$;
CREATE SEQUENCE dry_no START 100001;
ALTER SEQUENCE dry_no RESTART WITH 5000;
CREATE SEQUENCE dry_no2;
ALTER SEQUENCE dry_no2 RESTART WITH 7000;
