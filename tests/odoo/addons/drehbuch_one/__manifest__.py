# -*- coding: utf-8 -*-
# What a module has: a model, a view on another module's model, a parameter.
{
    'name': "Drehbuch's first module",  # an apostrophe within double quotes
    "version": '19.0.1.0.0',
    'summary': 'It is there to be installed, '
               "updated and uninstalled, "
               r'by tests (\d+ of them)',
    'description': """
Drehbuch
========
A "quoted" word, an escaped quote \""" and a # that begins no comment.
""",
    'author': 'drehbuch', 'license': 'LGPL-3',
    'depends': [
        'contacts',  # what brings it: base
    ],
    'data': ('security/ir.model.access.csv',
             'data/parameter.xml',
             'views/res_partner.xml',),
    'installable': True,
    'auto_install': False,
    'sequence': -0x10,
    'images': [],
}
