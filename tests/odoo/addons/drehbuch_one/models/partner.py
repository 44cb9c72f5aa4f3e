from odoo import fields, models


class Partner(models.Model):
    _inherit = 'res.partner'

    drehbuch_code = fields.Char()
    drehbuch_note_ids = fields.One2many('drehbuch.note', 'partner_id')
