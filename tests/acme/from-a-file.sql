-- Comments, dollar quotes and functions are taken as they stand.
DO $body$
BEGIN
    UPDATE product_template SET list_price = list_price + 1 WHERE list_price > 0; -- not COMMIT
END;
$body$;
INSERT INTO acme_trace (step, total) SELECT 'from-a-file', round(sum(list_price) * 100) FROM product_template;
