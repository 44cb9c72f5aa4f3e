# It goes when drehbuch_one goes.
{'name': '''Drehbuch's '''   # triple quotes may end
         """second""" ' module',  # and go on in others
 'version': u'19.0.1.0.0', 'author': ('drehb'
                                      'uch'),
 'license': 'LGPL-3',
 'depends': ['drehbuch' '_' "one"],
 'external_dependencies': {'python': ['lxml'], 'bin': ['sh']},
 'data': [], 'demo': [], }
