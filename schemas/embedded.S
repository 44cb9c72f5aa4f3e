/* Takes the schemas and the catalogue of diagnostics into the program's read-only data. */
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
    embed diagnostic_catalogue, "schemas/diagnostics.yaml"

    .section .note.GNU-stack, "", %progbits
