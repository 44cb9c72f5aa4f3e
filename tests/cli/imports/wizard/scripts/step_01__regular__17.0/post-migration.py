env['res.partner'].search([('name', '=', '${name}')]).unlink()
env.cr.commit()
