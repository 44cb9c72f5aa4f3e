/* Takes the harness into the program's read-only data. */
.macro embed symbol, file
    .global \symbol
    .global \symbol\()_end
\symbol:
    .incbin "\file"
\symbol\()_end:
.endm

    .section .rodata
    embed harness_channel, "runtime/odoo/harness/channel.py"
    embed harness_session, "runtime/odoo/harness/session.py"
    embed harness_python, "runtime/odoo/harness/python.py"
    embed harness_records, "runtime/odoo/harness/records.py"
    embed harness_views, "runtime/odoo/harness/views.py"
    embed harness_modules, "runtime/odoo/harness/modules.py"
    embed harness_neutralize, "runtime/odoo/harness/neutralize.py"
    embed harness_survey, "runtime/odoo/harness/survey.py"
    embed harness_main, "runtime/odoo/harness/main.py"

    .section .note.GNU-stack, "", %progbits
