# Its manifest is in order; its code is not Python.
{
    'name': 'Drehbuch\'s broken module',
    'version': '19.0.1.0.0',
    'author': 'drehbuch',
    'license': 'LGPL-3',
    'depends': ['base'],
}
