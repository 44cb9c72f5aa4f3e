# A module that no addons path has.
{
    'name': 'Drehbuch needs a module',
    'version': '19.0.1.0.0',
    'author': 'drehbuch',
    'license': 'LGPL-3',
    'depends': [
        'base',
        'drehbuch_no_such_module',
    ],
}
