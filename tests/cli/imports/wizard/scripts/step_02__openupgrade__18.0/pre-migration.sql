DELETE FROM ir_ui_view
WHERE name = 'old';
