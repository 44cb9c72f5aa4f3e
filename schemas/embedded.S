/* Takes the schemas and the catalogues into the program's read-only data. */
.macro embed symbol, file
    .global \symbol
    .global \symbol\()_end
\symbol:
    .incbin "\file"
\symbol\()_end:
.endm

    .section .rodata
    embed schema_plan, "schemas/plan.schema.json"
    embed schema_environment, "schemas/environment.schema.json"
    embed schema_compiled, "schemas/compiled.schema.json"
    embed schema_record, "schemas/record.schema.json"
    embed schema_known_errors, "schemas/known-errors.schema.json"
    embed schema_successors, "schemas/successors.schema.json"
    embed diagnostic_catalogue, "schemas/diagnostics.yaml"
    embed known_error_catalogue, "schemas/known-errors.yaml"
    embed odoo_modules, "schemas/odoo-modules.json"

    .section .note.GNU-stack, "", %progbits
