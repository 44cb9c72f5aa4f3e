print(env["res.users"].search_count([("login", "!=", "\\")]))
