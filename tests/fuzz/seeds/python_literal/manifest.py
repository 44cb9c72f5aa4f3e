# Copyright
{
    'name': 'Acme ' u'Sale',
    'version': "18.0.1.0.0",
    'depends': ['sale', 'stock'],  # more
    'external_dependencies': {'python': ['cbor2>=5'], 'bin': ['wkhtmltopdf']},
    'installable': True,
    'auto_install': {'sale'},
}
