-- Cancelled orders keep their number free for nobody: the sales team asked to see it in the name.
UPDATE sale_order SET name = name || ' (cancelled)' WHERE state = 'cancel' AND name NOT LIKE '%(cancelled)';
