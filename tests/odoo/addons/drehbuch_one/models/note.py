from odoo import fields, models


class Note(models.Model):
    _name = 'drehbuch.note'
    _description = 'A note of the tests'

    name = fields.Char(required=True)
    partner_id = fields.Many2one('res.partner', ondelete='cascade')
