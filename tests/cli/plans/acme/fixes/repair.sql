UPDATE ir_ui_view SET active = false WHERE name = ${view_name};
