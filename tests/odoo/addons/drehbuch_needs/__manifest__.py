# A Python package that no machine has.
{
    'name': 'Drehbuch needs a package',
    'version': '19.0'  '.1.0.0',
    'author': 'drehbuch',
    'license': 'LGPL-3',
    'depends': ['base'],
    'external_dependencies': {
        'python': ['drehbuch-no-such-package'],
    },
}
