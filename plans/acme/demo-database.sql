-- A small database in the shape of Odoo 18.0: the tables that an upgrade touches, with the columns
-- that matter. For `make demo`, so that nothing but this repository is needed. All of it is invented.
BEGIN;

CREATE TABLE ir_module_category (id serial PRIMARY KEY, name jsonb NOT NULL);
CREATE TABLE ir_module_module (
    id serial PRIMARY KEY, name varchar NOT NULL UNIQUE, state varchar, latest_version varchar, author varchar,
    license varchar, auto_install boolean, application boolean, category_id int REFERENCES ir_module_category,
    shortdesc jsonb, summary jsonb, imported boolean, module_type varchar, write_uid int, write_date timestamp);
CREATE TABLE ir_module_module_dependency (
    id serial PRIMARY KEY, name varchar, module_id int REFERENCES ir_module_module ON DELETE CASCADE,
    auto_install_required boolean);
CREATE TABLE ir_module_module_exclusion (
    id serial PRIMARY KEY, name varchar, module_id int REFERENCES ir_module_module ON DELETE CASCADE);
CREATE TABLE ir_model (
    id serial PRIMARY KEY, model varchar NOT NULL UNIQUE, name jsonb NOT NULL, state varchar, transient boolean);
CREATE TABLE ir_model_data (
    id serial PRIMARY KEY, module varchar NOT NULL, name varchar NOT NULL, model varchar NOT NULL, res_id int,
    noupdate boolean, create_date timestamp, write_date timestamp, UNIQUE (module, name));
CREATE TABLE ir_config_parameter (
    id serial PRIMARY KEY, key varchar NOT NULL UNIQUE, value text NOT NULL, create_uid int, create_date timestamp,
    write_uid int, write_date timestamp);
CREATE TABLE ir_cron (
    id serial PRIMARY KEY, cron_name varchar, active boolean, interval_number int NOT NULL,
    interval_type varchar NOT NULL, nextcall timestamp NOT NULL, priority int, failure_count int NOT NULL DEFAULT 0,
    write_uid int, write_date timestamp);
CREATE TABLE ir_mail_server (
    id serial PRIMARY KEY, name varchar NOT NULL, smtp_host varchar, smtp_port int, smtp_user varchar,
    smtp_pass varchar, smtp_encryption varchar NOT NULL, smtp_authentication varchar NOT NULL, active boolean,
    write_uid int, write_date timestamp);
CREATE TABLE fetchmail_server (
    id serial PRIMARY KEY, name varchar NOT NULL, server varchar, active boolean, write_uid int, write_date timestamp);
CREATE TABLE ir_attachment (
    id serial PRIMARY KEY, name varchar NOT NULL, res_model varchar, res_id int, type varchar NOT NULL, url varchar,
    store_fname varchar, checksum varchar);
CREATE TABLE ir_ui_view (
    id serial PRIMARY KEY, name varchar NOT NULL, model varchar, key varchar, type varchar, priority int NOT NULL,
    active boolean, arch_db jsonb, inherit_id int REFERENCES ir_ui_view);
CREATE TABLE ir_rule (
    id serial PRIMARY KEY, name varchar, model_id int NOT NULL REFERENCES ir_model, domain_force text, active boolean);
CREATE TABLE res_partner (
    id serial PRIMARY KEY, name varchar, email varchar, ref varchar, parent_id int REFERENCES res_partner,
    is_company boolean, active boolean, write_date timestamp);
CREATE TABLE mail_activity (
    id serial PRIMARY KEY, res_model varchar, res_id int, summary varchar, date_deadline date NOT NULL);
CREATE TABLE mail_mail (id serial PRIMARY KEY, state varchar, email_to text, create_date timestamp);
CREATE TABLE sale_order (
    id serial PRIMARY KEY, name varchar NOT NULL, partner_id int NOT NULL REFERENCES res_partner, state varchar,
    amount_total numeric);
CREATE TABLE account_move (
    id serial PRIMARY KEY, name varchar, partner_id int REFERENCES res_partner, state varchar NOT NULL, date date);
CREATE TABLE account_move_line (
    id serial PRIMARY KEY, move_id int NOT NULL REFERENCES account_move ON DELETE CASCADE, account_id int,
    debit numeric, credit numeric, balance numeric, parent_state varchar);

-- Modules: Odoo's own, OCA's, and one that was written for the customer.
INSERT INTO ir_module_module (name, state, latest_version, author, license) VALUES
    ('base', 'installed', '18.0.1.3', 'Odoo S.A.', 'LGPL-3'), ('web', 'installed', '18.0.1.0', 'Odoo S.A.', 'LGPL-3'),
    ('mail', 'installed', '18.0.1.18', 'Odoo S.A.', 'LGPL-3'), ('sale', 'installed', '18.0.1.2', 'Odoo S.A.', 'LGPL-3'),
    ('account', 'installed', '18.0.1.3', 'Odoo S.A.', 'LGPL-3'), ('stock', 'installed', '18.0.1.1', 'Odoo S.A.', 'LGPL-3'),
    ('crm', 'uninstalled', NULL, 'Odoo S.A.', 'LGPL-3');
INSERT INTO ir_module_module (name, state, latest_version, author, license)
SELECT name, 'installed', '18.0.1.0.0', 'ACSONE SA/NV,Odoo Community Association (OCA)', 'AGPL-3'
FROM unnest(ARRAY['auth_api_key', 'auth_api_key_group', 'database_cleanup', 'developer_menu', 'jsonifier',
    'onchange_helper', 'partner_firstname', 'partner_pricelist_search', 'partner_ref_unique', 'partner_tz', 'queue_job',
    'queue_job_cron', 'web_environment_ribbon', 'web_notify']) AS name;
INSERT INTO ir_module_module (name, state, latest_version, author, license) VALUES
    ('base_user_empty_password', 'uninstalled', NULL, 'Odoo Community Association (OCA)', 'AGPL-3'),
    ('queue_job_subscribe', 'uninstalled', NULL, 'Odoo Community Association (OCA)', 'AGPL-3'),
    ('acme_delivery_note', 'installed', '18.0.2.3.1', 'ACME Werkzeuge AG', 'LGPL-3');
INSERT INTO ir_module_module_dependency (name, module_id, auto_install_required)
SELECT 'base', id, true FROM ir_module_module WHERE name <> 'base';
INSERT INTO ir_module_module_dependency (name, module_id)
SELECT dependency, module.id FROM (VALUES ('acme_delivery_note', 'stock'), ('auth_api_key_group', 'auth_api_key'),
    ('queue_job_cron', 'queue_job')) AS pair (name, dependency) JOIN ir_module_module module USING (name);

INSERT INTO ir_model (model, name, state)
SELECT model, jsonb_build_object('en_US', model), 'base'
FROM unnest(ARRAY['res.partner', 'sale.order', 'account.move', 'stock.picking', 'mail.activity', 'acme.delivery.note'])
    AS model;

INSERT INTO ir_config_parameter (key, value) VALUES
    ('database.uuid', '00000000-0000-4000-8000-000000000018'), ('web.base.url', 'https://erp.acme.example'),
    ('web.base.url.freeze', 'True'), ('report.url', 'http://127.0.0.1:8069'),
    ('acme.shipping.api_url', 'https://api.parcels.example/v2'), ('acme.shipping.api_secret', 'not-a-real-secret'),
    ('ribbon.name', 'PRODUCTION');

INSERT INTO ir_cron (cron_name, active, interval_number, interval_type, nextcall, priority) VALUES
    ('Publisher: Update Notification', true, 1, 'weeks', '2026-01-05 04:00', 1000),
    ('Mail: Email Queue Manager', true, 1, 'hours', '2026-01-01 05:00', 6),
    ('Mail: Fetchmail Service', true, 5, 'minutes', '2026-01-01 05:00', 5),
    ('AutoVacuum Job Queue', true, 1, 'days', '2026-01-01 02:00', 5);
INSERT INTO ir_mail_server (name, smtp_host, smtp_port, smtp_user, smtp_pass, smtp_encryption, smtp_authentication, active)
VALUES ('ACME outgoing', 'smtp.acme.example', 587, 'erp', 'not-a-real-password', 'starttls', 'login', true);
INSERT INTO fetchmail_server (name, server, active) VALUES ('ACME incoming', 'imap.acme.example', true);

-- Everybody who sells has seen these.
INSERT INTO ir_rule (name, model_id, domain_force, active)
SELECT 'Own documents only', id, '[(''user_id'', ''='', user.id)]', true FROM ir_model WHERE model = 'sale.order';
INSERT INTO ir_ui_view (name, model, key, type, priority, active, arch_db)
VALUES ('acme.sale.order.form', 'sale.order', NULL, 'form', 99, true, '{"en_US": "<data/>"}'),
       ('Delivery note', NULL, 'acme_delivery_note.report_note', 'qweb', 16, true, '{"en_US": "<t/>"}');

INSERT INTO ir_attachment (name, res_model, res_id, type, url, store_fname, checksum)
SELECT 'web.assets_web.min.js', 'ir.ui.view', 0, 'binary', '/web/assets/' || substr(md5(n::text), 1, 7) ||
    '/web.assets_web.min.js', substr(md5(n::text), 1, 2) || '/' || md5(n::text), md5(n::text)
FROM generate_series(1, 12) AS n;

INSERT INTO res_partner (name, email, ref, is_company, active)
SELECT 'Partner ' || n, 'partner' || n || '@example.com', 'P' || n, n % 5 = 0, true FROM generate_series(1, 300) AS n;
INSERT INTO sale_order (name, partner_id, state, amount_total)
SELECT 'S' || to_char(n, 'FM00000'), n % 300 + 1, (ARRAY['draft', 'sale', 'sale', 'cancel'])[n % 4 + 1], n * 3.7
FROM generate_series(1, 400) AS n;
INSERT INTO account_move (name, partner_id, state, date)
SELECT 'INV/2026/' || to_char(n, 'FM0000'), n % 300 + 1, 'posted', date '2026-01-01' + n FROM generate_series(1, 180) AS n;
INSERT INTO account_move_line (move_id, account_id, debit, credit, balance, parent_state)
SELECT id, line.account, line.debit, line.credit, line.debit - line.credit, 'posted'
FROM account_move, LATERAL (VALUES (6, id * 2.5, 0), (211, 0, id * 2.5)) AS line (account, debit, credit);
-- Some activities are of a model that is no longer there: its module was uninstalled years ago.
INSERT INTO mail_activity (res_model, res_id, summary, date_deadline)
SELECT CASE WHEN n % 6 = 0 THEN 'helpdesk.ticket' ELSE 'res.partner' END, n, 'Call back', date '2026-02-01' + n
FROM generate_series(1, 60) AS n;
INSERT INTO mail_mail (state, email_to, create_date)
SELECT (ARRAY['sent', 'outgoing', 'exception'])[n % 3 + 1], 'partner' || n || '@example.com', timestamp '2026-01-01'
FROM generate_series(1, 30) AS n;

-- External ids.
INSERT INTO ir_model_data (module, name, model, res_id, noupdate)
SELECT 'base', 'module_' || name, 'ir.module.module', id, true FROM ir_module_module;
INSERT INTO ir_model_data (module, name, model, res_id, noupdate)
SELECT CASE model WHEN 'acme.delivery.note' THEN 'acme_delivery_note' ELSE 'base' END,
    'model_' || replace(model, '.', '_'), 'ir.model', id, false FROM ir_model;
INSERT INTO ir_model_data (module, name, model, res_id, noupdate) VALUES
    ('mail', 'ir_cron_module_update_notification', 'ir.cron', 1, true),
    ('mail', 'ir_cron_mail_scheduler_action', 'ir.cron', 2, true),
    ('mail', 'ir_cron_mail_gateway_action', 'ir.cron', 3, true),
    ('queue_job', 'ir_cron_autovacuum_queue_jobs', 'ir.cron', 4, true),
    ('acme', 'outgoing', 'ir.mail_server', 1, true),
    ('acme_delivery_note', 'report_note', 'ir.ui.view', 2, false),
    ('sale', 'sale_order_own', 'ir.rule', 1, true),
    ('web', 'menu_jsonifier', 'ir.ui.menu', 1, false),
    ('jsonifier', 'menu_jsonifier', 'ir.ui.menu', 1, false);

COMMIT;
