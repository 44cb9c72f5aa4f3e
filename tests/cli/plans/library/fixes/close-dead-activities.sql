-- Activities on models that are gone: ü, 漢 and "quotes".
DELETE FROM mail_activity
 WHERE res_model NOT IN (SELECT model FROM ir_model);
